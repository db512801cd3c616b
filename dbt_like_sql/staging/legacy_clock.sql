-- Clocks of service level agreements of the old kind, which leave deadlines on the case and no record of their own.
--
-- One row per deadline; only if switched on, because nothing tells when such a clock was started.
--
-- rule: S2 (reference: event-log-semantics 3.6)
-- unique: case_id, sla_kpi

with deadline as (
    select
        i.case_id as case_id,
        i.created_at as created_at,
        'first_response' as sla_kpi,
        i.respond_by_at as fails_at,
        'responseby' as source_column
    from staging.incident as i
    where i.invoked_sla_id is not null
    union all
    select
        i.case_id as case_id,
        i.created_at as created_at,
        'resolution' as sla_kpi,
        i.resolve_by_at as fails_at,
        'resolveby' as source_column
    from staging.incident as i
    where i.invoked_sla_id is not null
)

select
    d.case_id as case_id,
    d.created_at as created_at,
    d.sla_kpi as sla_kpi,
    d.fails_at as fails_at,
    d.source_column as source_column
from deadline as d
cross join staging.rule_settings as s
left join (
    select distinct k.case_id as case_id
    from staging.slakpiinstance as k
) as n
    on d.case_id = n.case_id
where
    s.emit_assumed_clock
    and d.fails_at is not null
    and n.case_id is null
