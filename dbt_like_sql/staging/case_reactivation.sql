-- Every time a resolved or cancelled case became active again, audited or read off an undone resolution.
--
-- rule: RE1, RE2, RE3 (reference: event-log-semantics 3.8)
-- unique: source_table, source_row_id

with audited as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.old_state as old_state,
        c.new_status as new_status
    from staging.state_change as c
    where
        c.old_state in (1, 2)
        and c.new_state = 0
),

undone as (
    -- The row of an undone resolution was last touched by the reactivation, if that lies before the next resolution.
    select
        r.case_id as case_id,
        r.resolution_id as resolution_id,
        r.resolved_at as resolved_at,
        r.modified_at as modified_at,
        r.modified_by_id as modified_by_id,
        r.state_code as state_code,
        lead(r.resolved_at) over (partition by r.case_id order by r.resolved_at, r.resolution_id) as next_resolved_at
    from staging.incidentresolution as r
),

inferred as (
    select
        u.case_id as case_id,
        u.resolution_id as resolution_id,
        u.resolved_at as resolved_at,
        u.modified_at as modified_at,
        u.modified_by_id as modified_by_id,
        u.next_resolved_at as next_resolved_at
    from undone as u
    inner join staging.audit_coverage as v
        on u.case_id = v.case_id
    left join audited as a
        on
            u.case_id = a.case_id
            and a.changed_at >= u.resolved_at
            and (u.next_resolved_at is null or a.changed_at <= u.next_resolved_at)
    where
        u.state_code = 2
        and u.modified_at > u.resolved_at
        and (u.next_resolved_at is null or u.modified_at < u.next_resolved_at)
        and v.status <> 'full'
        and a.audit_id is null
)

select
    a.case_id as case_id,
    a.changed_at as reactivated_at,
    case when a.old_state = 1 then 'RE1' else 'RE2' end as rule,
    case when a.old_state = 1 then 'Resolved' else 'Cancelled' end as reactivated_from,
    a.actor_id as actor_id,
    a.external_actor_id as external_actor_id,
    a.acted_through_id as acted_through_id,
    'audit' as source_table,
    a.audit_id as source_row_id,
    'statecode' as source_column,
    'A' as confidence,
    cast(null as timestamptz) as time_lower,
    cast(null as timestamptz) as time_upper,
    a.new_status as status_code
from audited as a
union all
select
    i.case_id as case_id,
    i.modified_at as reactivated_at,
    'RE3' as rule,
    'Resolved' as reactivated_from,
    i.modified_by_id as actor_id,
    cast(null as varchar) as external_actor_id,
    cast(null as varchar) as acted_through_id,
    'incidentresolution' as source_table,
    i.resolution_id as source_row_id,
    'modifiedon' as source_column,
    'C' as confidence,
    i.resolved_at as time_lower,
    i.next_resolved_at as time_upper,
    cast(null as integer) as status_code
from inferred as i
