-- Whether a case met each of its two service levels, by the platform's own clocks. One row per case and KPI.
--
-- The newest clock that was not cancelled governs. Cancelled clocks say little: some agreements cancel at resolution.
--
-- rule: SLA target and breach (reference: event-log-semantics 2.7, 2.20)
-- unique: case_id, sla_kpi

with chained as (
    select
        k.kpi_instance_id as kpi_instance_id,
        k.case_id as case_id,
        k.sla_kpi as sla_kpi,
        k.status as status,
        k.created_at as created_at,
        k.fails_at as fails_at,
        k.succeeded_at as succeeded_at,
        k.ended_at as ended_at,
        k.sla_name as sla_name,
        k.target_minutes as target_minutes,
        k.item_modified_at as item_modified_at,
        k.clock_started_at as clock_started_at,
        k.is_chain_root as is_chain_root,
        -- A clock that goes on with one of its own second comes after it, whatever their ids.
        sum(case when k.is_chain_root then 1 else 0 end) over (
            partition by k.case_id, k.sla_kpi
            order by k.created_at, k.is_chain_root desc, k.kpi_instance_id
        ) as chain_no
    from staging.slakpiinstance as k
    where k.sla_kpi in ('resolution', 'first_response')
),

rooted as (
    select
        c.kpi_instance_id as kpi_instance_id,
        c.case_id as case_id,
        c.sla_kpi as sla_kpi,
        c.status as status,
        c.created_at as created_at,
        c.fails_at as fails_at,
        c.succeeded_at as succeeded_at,
        c.ended_at as ended_at,
        c.sla_name as sla_name,
        c.target_minutes as target_minutes,
        c.item_modified_at as item_modified_at,
        first_value(epoch_us(c.fails_at) - epoch_us(c.clock_started_at)) over (
            partition by c.case_id, c.sla_kpi, c.chain_no
            order by c.created_at, c.is_chain_root desc, c.kpi_instance_id
        ) // 1000000 as calendar_seconds
    from chained as c
),

governing as (
    select
        r.case_id as case_id,
        r.sla_kpi as sla_kpi,
        r.kpi_instance_id as kpi_instance_id,
        r.status as status,
        r.created_at as created_at,
        r.fails_at as fails_at,
        r.succeeded_at as succeeded_at,
        r.ended_at as ended_at,
        r.sla_name as sla_name,
        r.target_minutes as target_minutes,
        r.item_modified_at as item_modified_at,
        r.calendar_seconds as calendar_seconds
    from rooted as r
    qualify
        row_number() over (
            partition by r.case_id, r.sla_kpi
            order by coalesce(r.status = 5, false), r.created_at desc, r.kpi_instance_id
        ) = 1
),

kpi as (
    select
        i.case_id as case_id,
        'resolution' as sla_kpi,
        i.created_at as created_at,
        i.state_code as state_code,
        i.resolution_sla_status as incident_status,
        i.resolution_kpi_id as kpi_id,
        i.resolve_by_at as due_at
    from staging.incident as i
    union all
    select
        i.case_id as case_id,
        'first_response' as sla_kpi,
        i.created_at as created_at,
        i.state_code as state_code,
        i.first_response_sla_status as incident_status,
        i.first_response_kpi_id as kpi_id,
        cast(null as timestamptz) as due_at
    from staging.incident as i
),

resolution as (
    select
        r.case_id as case_id,
        max(r.resolved_at) as resolved_at
    from staging.case_resolution as r
    group by r.case_id
),

judged as (
    select
        k.case_id as case_id,
        k.sla_kpi as sla_kpi,
        k.created_at as case_created_at,
        k.due_at as due_at,
        g.kpi_instance_id as kpi_instance_id,
        g.status as status,
        g.created_at as created_at,
        g.fails_at as fails_at,
        g.succeeded_at as succeeded_at,
        g.sla_name as sla_name,
        g.target_minutes as target_minutes,
        g.item_modified_at as item_modified_at,
        g.calendar_seconds as calendar_seconds,
        case
            when g.status = 1 then 'noncompliant'
            when g.status = 4 and g.succeeded_at > g.fails_at then 'succeeded_late'
            when g.status = 4 then 'succeeded'
            when g.status in (0, 2) and g.fails_at < a.as_of then 'overdue'
            when
                g.status = 5
                and k.state_code = 1
                and abs(epoch_us(g.ended_at) - epoch_us(r.resolved_at)) <= s.sla_cancel_seconds * 1000000
                and g.fails_at >= r.resolved_at then 'cancelled_in_time'
            when g.kpi_instance_id is not null then 'undecided'
            when k.kpi_id is not null and k.incident_status = 3 then 'incident_succeeded'
            when k.kpi_id is not null and k.incident_status = 4 then 'incident_noncompliant'
            when k.state_code = 1 and r.resolved_at > k.due_at then 'legacy_late'
            when k.state_code = 1 and r.resolved_at <= k.due_at then 'legacy_in_time'
            else 'undecided'
        end as finding
    from kpi as k
    cross join staging.as_of as a
    cross join staging.rule_settings as s
    left join governing as g
        on
            k.case_id = g.case_id
            and k.sla_kpi = g.sla_kpi
    left join resolution as r
        on k.case_id = r.case_id
),

targeted as (
    select
        j.case_id as case_id,
        j.sla_kpi as sla_kpi,
        j.kpi_instance_id as kpi_instance_id,
        j.created_at as created_at,
        j.due_at as due_at,
        j.fails_at as fails_at,
        j.succeeded_at as succeeded_at,
        j.sla_name as sla_name,
        j.target_minutes as target_minutes,
        j.item_modified_at as item_modified_at,
        j.calendar_seconds as calendar_seconds,
        j.finding as finding,
        -- A deadline before the start allows nothing; no target is known then.
        case
            when j.target_minutes >= 0 then cast(j.target_minutes as bigint) * 60
            when j.target_minutes is not null then null
            when j.calendar_seconds >= 0 then j.calendar_seconds
            when j.kpi_instance_id is not null then null
            when j.due_at >= j.case_created_at then (epoch_us(j.due_at) - epoch_us(j.case_created_at)) // 1000000
        end as target_seconds
    from judged as j
)

select
    j.case_id as case_id,
    j.sla_kpi as sla_kpi,
    j.kpi_instance_id as kpi_instance_id,
    j.sla_name as sla_name,
    case
        when j.finding in ('noncompliant', 'succeeded_late', 'overdue') then true
        when j.finding in ('incident_noncompliant', 'legacy_late') then true
        when j.finding in ('succeeded', 'cancelled_in_time', 'incident_succeeded', 'legacy_in_time') then false
    end as is_breached,
    case
        when j.finding in ('noncompliant', 'succeeded', 'succeeded_late') then 'kpi_instance'
        when j.finding = 'overdue' then 'kpi_deadline'
        when j.finding = 'cancelled_in_time' then 'cancelled_at_resolution'
        when j.finding in ('incident_succeeded', 'incident_noncompliant') then 'incident_status'
        when j.finding in ('legacy_late', 'legacy_in_time') then 'legacy'
    end as breach_basis,
    case
        when j.finding in ('noncompliant', 'succeeded') then 'A'
        when j.finding in ('succeeded_late', 'overdue', 'incident_succeeded', 'incident_noncompliant') then 'B'
        when j.finding in ('cancelled_in_time', 'legacy_late', 'legacy_in_time') then 'C'
    end as breach_confidence,
    j.finding = 'succeeded_late' as is_contradictory,
    j.target_seconds as target_seconds,
    case
        when j.target_seconds is null then null
        when j.target_minutes is not null then 'item'
        when j.kpi_instance_id is not null then 'calendar'
        else 'legacy'
    end as target_basis,
    case
        when j.target_seconds is null then null
        when j.target_minutes is not null and coalesce(j.item_modified_at <= j.created_at, true) then 'A'
        else 'C'
    end as target_confidence,
    coalesce(j.fails_at, j.due_at) as deadline,
    j.succeeded_at as succeeded_at,
    j.calendar_seconds as calendar_seconds
from targeted as j
