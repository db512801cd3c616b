-- Resolutions, closings and reactivations of one case in one second, put into the order that is legal from the state
-- before it. One row per such event.
--
-- rule: state repair (reference: event-log-semantics 4.7)
-- unique: event_id

with transition as (
    select
        e.event_id as event_id,
        e.case_key as case_key,
        e.event_time as event_time,
        e.activity_code <> 'case_reactivated' as is_end,
        a.rank as rank
    from marts.activity_event as e
    inner join staging.activity as a
        on e.activity_code = a.activity_code
    where e.activity_code in ('case_resolved', 'case_closed', 'case_reactivated')
),

tie as (
    select
        t.case_key as case_key,
        t.event_time as event_time
    from transition as t
    group by t.case_key, t.event_time
    having bool_or(t.is_end) and not bool_and(t.is_end)
),

before as (
    -- The last transition in an earlier second left the case open or not; without one it is open since its creation.
    select
        i.case_key as case_key,
        i.event_time as event_time,
        t.is_end as was_ended
    from tie as i
    left join transition as t
        on
            i.case_key = t.case_key
            and i.event_time > t.event_time
    qualify
        row_number() over (
            partition by i.case_key, i.event_time
            order by t.event_time desc, t.rank desc, t.event_id
        ) = 1
),

numbered as (
    select
        t.event_id as event_id,
        t.is_end as is_end,
        coalesce(b.was_ended, false) as was_ended,
        row_number() over (
            partition by t.case_key, t.event_time, t.is_end
            order by t.rank, t.event_id
        ) as turn
    from transition as t
    inner join before as b
        on
            t.case_key = b.case_key
            and t.event_time = b.event_time
)

select
    n.event_id as event_id,  -- Event.
    cast(2 * n.turn - case when n.is_end = n.was_ended then 0 else 1 end as integer) as first_position  -- Place of the transition among those of its second, from 1.
from numbered as n
