-- Cases that came back to an owner who had just given them away. One row per such case.
--
-- Machines and bulk changes do not hand a case over; they are left out before neighbours are compared.
--
-- rule: rework by ping-pong (reference: event-log-semantics 2.14, 4.10)
-- unique: case_id

with owner as (
    select
        o.case_id as case_id,
        0 as owner_no,
        o.owner_id as owner_id
    from staging.initial_owner as o
    union all
    select
        c.case_id as case_id,
        c.change_no as owner_no,
        c.new_owner_id as owner_id
    from staging.owner_change as c
    where not c.is_bulk
),

human as (
    select
        o.case_id as case_id,
        o.owner_no as owner_no,
        o.owner_id as owner_id,
        lag(o.owner_id) over (partition by o.case_id order by o.owner_no) as previous_owner_id
    from owner as o
    left join staging.systemuser as u
        on o.owner_id = u.user_id
    where not coalesce(u.is_system, false)
),

handover as (
    select
        h.case_id as case_id,
        h.owner_id as owner_id,
        lag(h.owner_id, 2) over (partition by h.case_id order by h.owner_no) as owner_before_last_id
    from human as h
    where h.previous_owner_id is distinct from h.owner_id
)

select distinct
    h.case_id as case_id
from handover as h
where h.owner_id = h.owner_before_last_id
