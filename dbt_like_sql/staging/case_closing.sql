-- Every administrative end of a case: cancelled, merged, or set to a status reason that the organisation calls closed.
--
-- rule: CL1, CL2, CL3, CL4 (reference: event-log-semantics 3.3)
-- unique: source_table, source_row_id

with audited as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.new_state as new_state,
        c.new_status as new_status,
        case
            when c.new_role = 'closed' then 'Closed'
            when c.new_role = 'merged' then 'Merged'
            else 'Cancelled'
        end as close_kind
    from staging.state_change as c
    where
        c.new_role = 'closed'
        or c.new_state = 2
),

unseen as (
    select
        i.case_id as case_id,
        i.created_at as created_at,
        i.modified_at as modified_at,
        i.modified_by_id as modified_by_id,
        i.status_code as status_code,
        case when r.role = 'merged' then 'Merged' else 'Cancelled' end as close_kind
    from staging.incident as i
    inner join staging.audit_coverage as v
        on i.case_id = v.case_id
    left join audited as a
        on i.case_id = a.case_id
    left join seeds.status_roles as r
        on i.status_code = r.status_code
    where
        i.state_code = 2
        and v.status <> 'full'
        and a.audit_id is null
)

select
    a.case_id as case_id,
    a.changed_at as closed_at,
    case a.close_kind when 'Closed' then 'CL3' when 'Merged' then 'CL2' else 'CL1' end as rule,
    a.close_kind as close_kind,
    a.actor_id as actor_id,
    a.external_actor_id as external_actor_id,
    a.acted_through_id as acted_through_id,
    'audit' as source_table,
    a.audit_id as source_row_id,
    case when a.close_kind = 'Closed' then 'statuscode' else 'statecode' end as source_column,
    'A' as confidence,
    cast(null as timestamptz) as time_lower,
    cast(null as timestamptz) as time_upper,
    a.new_status as status_code
from audited as a
union all
select
    u.case_id as case_id,
    u.modified_at as closed_at,
    'CL4' as rule,
    u.close_kind as close_kind,
    u.modified_by_id as actor_id,
    cast(null as varchar) as external_actor_id,
    cast(null as varchar) as acted_through_id,
    'incident' as source_table,
    u.case_id as source_row_id,
    'modifiedon' as source_column,
    'C' as confidence,
    u.created_at as time_lower,
    u.modified_at as time_upper,
    u.status_code as status_code
from unseen as u
