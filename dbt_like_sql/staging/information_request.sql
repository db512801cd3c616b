-- A case starts to wait for its customer, and until when. One row per request.
--
-- Moving from one waiting status reason to another is the same request going on.
--
-- rule: Q1 (reference: event-log-semantics 3.10, K9)
-- unique: audit_id

with waiting as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.status_change_no as status_change_no,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.old_status as old_status,
        c.new_status as new_status,
        coalesce(c.old_role = 'waiting_customer', false) as was_waiting,
        coalesce(c.new_role = 'waiting_customer', false) as is_waiting,
        min(case when coalesce(c.new_role, '') <> 'waiting_customer' then c.changed_at end) over (
            partition by c.case_id
            order by c.status_change_no
            rows between 1 following and unbounded following
        ) as left_at
    from staging.state_change as c
    where c.status_change_no is not null
)

select
    w.case_id as case_id,
    w.audit_id as audit_id,
    w.changed_at as requested_at,
    w.left_at as left_at,                       -- The status reason stopped waiting; null while it still waits.
    w.actor_id as actor_id,
    w.external_actor_id as external_actor_id,
    w.acted_through_id as acted_through_id,
    w.old_status as old_status,
    w.new_status as new_status
from waiting as w
where
    w.is_waiting
    and not w.was_waiting
