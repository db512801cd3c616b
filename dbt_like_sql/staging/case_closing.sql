-- Every administrative end of a case: cancelled, merged, or set to a status reason that the organisation calls closed.
--
-- rule: CL1 to CL5 (reference: event-log-semantics 3.3)
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
    a.new_status as status_code
from audited as a
union all
select
    u.case_id as case_id,
    u.closed_at as closed_at,
    u.rule as rule,
    u.close_kind as close_kind,
    u.actor_id as actor_id,
    cast(null as uuid) as external_actor_id,
    cast(null as uuid) as acted_through_id,
    'incident' as source_table,
    u.case_id as source_row_id,
    'modifiedon' as source_column,
    'C' as confidence,
    u.status_code as status_code
from staging.unseen_closing as u
