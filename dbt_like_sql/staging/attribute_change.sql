-- Changes of what later layers tell one by one: category, priority, the flag of escalation. One row per change.
--
-- The whole history of a case is needed only while this layer is built; keeping these rows of it is what the activities
-- and an explanation ask for. First values are no changes.
--
-- rule: changes of category, priority, escalation (reference: event-log-semantics 3.4, 3.9, 3.14)
-- unique: audit_id, column_name

select
    c.case_id as case_id,
    c.column_name as column_name,
    c.change_no as change_no,
    c.audit_id as audit_id,
    c.changed_at as changed_at,
    c.actor_id as actor_id,
    c.external_actor_id as external_actor_id,
    c.acted_through_id as acted_through_id,
    c.old_value as old_value,
    c.new_value as new_value
from staging.case_change as c
inner join staging.audit_column as k
    on
        k.table_name = 'incident'
        and c.column_name = k.column_name
where
    not c.is_creation
    and (k.is_category or c.column_name in ('prioritycode', 'isescalated'))
