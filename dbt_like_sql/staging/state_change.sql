-- Changes of state or status reason of a case, one row per audited update.
--
-- rule: state transitions (reference: event-log-semantics 3.3, 3.5, 3.8, 3.10)
-- unique: audit_id

with pair as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        max(case when c.column_name = 'statecode' then try_cast(c.old_value as integer) end) as old_state,
        max(case when c.column_name = 'statecode' then try_cast(c.new_value as integer) end) as new_state,
        max(case when c.column_name = 'statuscode' then try_cast(c.old_value as integer) end) as old_status,
        max(case when c.column_name = 'statuscode' then try_cast(c.new_value as integer) end) as new_status,
        max(case when c.column_name = 'statuscode' then c.change_no end) as status_change_no
    from staging.case_change as c
    where
        c.column_name in ('statecode', 'statuscode')
        and not c.is_creation
    group by c.case_id, c.audit_id, c.changed_at, c.actor_id, c.external_actor_id, c.acted_through_id
)

select
    p.case_id as case_id,
    p.audit_id as audit_id,
    p.changed_at as changed_at,
    p.actor_id as actor_id,
    p.external_actor_id as external_actor_id,
    p.acted_through_id as acted_through_id,
    p.old_state as old_state,
    p.new_state as new_state,
    p.old_status as old_status,
    p.new_status as new_status,
    p.status_change_no as status_change_no,
    o.role as old_role,
    n.role as new_role
from pair as p
left join seeds.status_roles as o
    on p.old_status = o.status_code
left join seeds.status_roles as n
    on p.new_status = n.status_code
