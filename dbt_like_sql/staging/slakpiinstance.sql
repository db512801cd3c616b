-- Clocks of service level KPIs on cases: which KPI each measures, and whether it began one or went on with one.
--
-- A pause, a re-evaluation or a new application cancels a clock and starts the next one; such rows are one chain.
-- Deleted clocks are left out; the items and agreements behind living ones keep their names when they are deleted.
--
-- rule: S1, which KPI (reference: event-log-semantics 3.6, dataverse-tables 6.1)
-- unique: kpi_instance_id

with instance as (
    select
        try_cast(k.slakpiinstanceid as uuid) as kpi_instance_id,
        i.case_id as case_id,
        case
            when try_cast(k.slakpiinstanceid as uuid) = i.resolution_kpi_id then 'resolution'
            when try_cast(k.slakpiinstanceid as uuid) = i.first_response_kpi_id then 'first_response'
            when lower(coalesce(p.msdyn_kpifield, t.relatedfield)) = 'resolvebykpiid' then 'resolution'
            when lower(coalesce(p.msdyn_kpifield, t.relatedfield)) = 'firstresponsebykpiid' then 'first_response'
            when coalesce(p.msdyn_kpifield, t.relatedfield) is null and lower(k.name) like '%resol%' then 'resolution'
            when
                coalesce(p.msdyn_kpifield, t.relatedfield) is null
                and (lower(k.name) like '%first%response%' or lower(k.name) like '%primeira%resposta%')
                then 'first_response'
            else 'other:' || coalesce(p.msdyn_name, k.name, t.name, 'unnamed')
        end as sla_kpi,
        k.status as status,
        k.createdon as created_at,
        k.applicablefromvalue as clock_started_at,
        k.failuretime as fails_at,
        k.succeededon as succeeded_at,
        k.pausedon as paused_at,
        coalesce(k.terminalstatetime, k.modifiedon) as ended_at,
        nullif(trim(k.msdyn_prevslakpiinstanceid), '') as previous_instance_id,
        a.name as sla_name,
        t.failureafter as target_minutes,
        t.modifiedon as item_modified_at
    from raw.slakpiinstance as k
    inner join staging.incident as i
        on try_cast(coalesce(k._regarding_value, k.regardingentityid) as uuid) = i.case_id
    left join raw.slaitem as t
        on k._msdyn_slaitemid_value = t.slaitemid
    left join raw.sla as a
        on t._slaid_value = a.slaid
    left join raw.msdyn_slakpi as p
        on t._msdyn_slakpiid_value = p.msdyn_slakpiid
    where
        coalesce(k._regarding_type, 'incident') = 'incident'
        and try_cast(k.slakpiinstanceid as uuid) is not null
        and (k._deleted_at is null or i.deleted_at is not null)
),

continuation as (
    select distinct
        n.kpi_instance_id as kpi_instance_id
    from instance as n
    cross join staging.rule_settings as s
    inner join instance as b
        on
            n.case_id = b.case_id
            and n.sla_kpi = b.sla_kpi
            and n.kpi_instance_id <> b.kpi_instance_id
            and b.status = 5
            and b.created_at <= n.created_at
            -- Of two that were made and cancelled in one second each would go on with the other.
            and (
                b.created_at < n.created_at
                or n.status <> 5
                or b.kpi_instance_id < n.kpi_instance_id
            )
            and epoch_us(n.created_at) - epoch_us(b.ended_at) between 0 and s.sla_chain_seconds * 1000000
)

select
    n.kpi_instance_id as kpi_instance_id,
    n.case_id as case_id,
    n.sla_kpi as sla_kpi,
    n.status as status,
    n.created_at as created_at,
    n.clock_started_at as clock_started_at,
    n.fails_at as fails_at,
    n.succeeded_at as succeeded_at,
    n.paused_at as paused_at,
    n.ended_at as ended_at,
    n.sla_name as sla_name,
    n.target_minutes as target_minutes,
    n.item_modified_at as item_modified_at,
    n.previous_instance_id is null and c.kpi_instance_id is null as is_chain_root
from instance as n
left join continuation as c
    on n.kpi_instance_id = c.kpi_instance_id
