-- A case is set to a status reason that the organisation reads as "solution proposed". One row per change.
--
-- rule: SP1 (reference: event-log-semantics 3.13)
-- unique: audit_id

select
    c.case_id as case_id,
    c.audit_id as audit_id,
    c.changed_at as changed_at,
    c.actor_id as actor_id,
    c.external_actor_id as external_actor_id,
    c.acted_through_id as acted_through_id,
    c.new_status as new_status
from staging.state_change as c
where c.new_role = 'solution_proposed'
