-- Resolutions, closings and reactivations of one case in one second, put into the order that is legal from the state
-- before it. One row per such event.
--
-- rule: state repair (reference: event-log-semantics 4.7)
-- unique: activity_code, source_row_id
-- stored: step

with transition as (
    select
        e.case_id as case_id,
        e.event_time as event_time,
        e.activity_code as activity_code,
        e.source_row_id as source_row_id,
        true as is_end
    from activities.case_resolved as e
    union all
    select
        e.case_id as case_id,
        e.event_time as event_time,
        e.activity_code as activity_code,
        e.source_row_id as source_row_id,
        true as is_end
    from activities.case_closed as e
    union all
    select
        e.case_id as case_id,
        e.event_time as event_time,
        e.activity_code as activity_code,
        e.source_row_id as source_row_id,
        false as is_end
    from activities.case_reactivated as e
),

tie as (
    select
        t.case_id as case_id,
        t.event_time as event_time
    from transition as t
    group by t.case_id, t.event_time
    having bool_or(t.is_end) and not bool_and(t.is_end)
),

second as (
    -- A second leaves the case ended or open; one with as many reactivations as ends leaves it as it was.
    select
        t.case_id as case_id,
        t.event_time as event_time,
        sum(case when t.is_end then 1 else -1 end) > 0 as is_ended
    from transition as t
    group by t.case_id, t.event_time
    having sum(case when t.is_end then 1 else -1 end) <> 0
),

before as (
    -- The last earlier second that changed the state tells it; without one the case is open since its creation.
    select
        i.case_id as case_id,
        i.event_time as event_time,
        coalesce(s.is_ended, false) as was_ended
    from tie as i
    left join second as s
        on
            i.case_id = s.case_id
            and i.event_time > s.event_time
    qualify row_number() over (partition by i.case_id, i.event_time order by s.event_time desc) = 1
),

numbered as (
    select
        t.activity_code as activity_code,
        t.source_row_id as source_row_id,
        t.is_end as is_end,
        b.was_ended as was_ended,
        row_number() over (
            partition by t.case_id, t.event_time, t.is_end
            order by a.rank, t.source_row_id
        ) as turn
    from transition as t
    inner join before as b
        on
            t.case_id = b.case_id
            and t.event_time = b.event_time
    inner join staging.activity as a
        on t.activity_code = a.activity_code
)

select
    n.activity_code as activity_code,  -- Language-neutral code of the activity.
    n.source_row_id as source_row_id,  -- Row of the evidence.
    cast(2 * n.turn - case when n.is_end = n.was_ended then 0 else 1 end as integer)
        as position                   -- Place of the transition among those of its second, from 1.
from numbered as n
