-- Events that tell one act twice: a pick from a queue and the owner change that it brought along. One row per event.
--
-- rule: picks and assignments (reference: event-log-semantics 3.1)
-- unique: event_id
-- stored: step

with pick as (
    select
        p.event_id as event_id,
        min(a.event_id) as other_event_id
    from marts.event_identity as p
    inner join marts.event_identity as a
        on
            p.case_key = a.case_key
            and p.event_time = a.event_time
            and p.actor_id = a.assigned_to_id
    where
        p.activity_code = 'queue_item_picked_by_agent'
        and a.rule = 'A1'
    group by p.event_id
),

pair as (
    select
        p.event_id as event_id,
        p.other_event_id as other_event_id
    from pick as p
    union all
    select
        p.other_event_id as event_id,
        min(p.event_id) as other_event_id
    from pick as p
    group by p.other_event_id
)

select
    p.event_id as event_id,             -- Event.
    p.other_event_id as other_event_id  -- Event that tells the same act.
from pair as p
