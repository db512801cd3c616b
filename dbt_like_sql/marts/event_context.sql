-- Which status reason, owner and queue were in force just after each event. One row per event.
--
-- A change made by the row that made the event counts from that event on; any other change of the same second counts
-- from the start of the second.
--
-- rule: values at a past moment (reference: event-log-semantics 1.3, 2.8, 2.15)
-- unique: event_id

with evidence as (
    -- The first event that an audit row made, so that one row changes everything at once.
    select
        case when e.source_table = 'audit' then e.source_row_id else e.related_id end as audit_id,
        p.event_time as event_time,
        min(p.seq_in_case) as seq_in_case
    from marts.activity_event as e
    inner join marts.event_position as p
        on e.event_id = p.event_id
    where
        e.source_table = 'audit'
        or e.activity_code = 'case_resolved'
    group by case when e.source_table = 'audit' then e.source_row_id else e.related_id end, p.event_time
),

change as (
    select
        t.case_key as case_key,
        t.column_name as column_name,
        t.value_no as value_no,
        t.valid_from as valid_from,
        max(coalesce(e.seq_in_case, 0)) over (
            partition by t.case_key, t.column_name, t.valid_from
            order by t.value_no
        ) as seq_in_case
    from staging.case_timeline as t
    left join evidence as e
        on
            t.audit_id = e.audit_id
            and t.valid_from = e.event_time
),

moment as (
    select
        c.case_key as case_key,
        c.valid_from as event_time,
        c.seq_in_case as seq_in_case,
        c.value_no as value_no,
        cast(null as varchar) as event_id,
        case when c.column_name = 'statuscode' then c.value_no end as status_no,
        case when c.column_name = 'ownerid' then c.value_no end as owner_no,
        cast(null as varchar) as queue_id
    from change as c
    union all
    select
        p.case_key as case_key,
        p.event_time as event_time,
        p.seq_in_case as seq_in_case,
        1000000 as value_no,
        p.event_id as event_id,
        cast(null as integer) as status_no,
        cast(null as integer) as owner_no,
        e.queue_id as queue_id
    from marts.event_position as p
    inner join marts.activity_event as e
        on p.event_id = e.event_id
),

context as (
    select
        m.event_id as event_id,
        last_value(m.status_no ignore nulls) over history as status_no,
        last_value(m.owner_no ignore nulls) over history as owner_no,
        last_value(m.queue_id ignore nulls) over history as queue_id
    from moment as m
    window history as (
        partition by m.case_key
        order by m.event_time, m.seq_in_case, m.value_no, m.event_id, m.status_no, m.owner_no
        rows between unbounded preceding and current row
    )
)

select
    c.event_id as event_id,    -- Event.
    c.status_no as status_no,  -- Entry of the status history in force.
    c.owner_no as owner_no,    -- Entry of the owner history in force.
    c.queue_id as queue_id     -- Queue that the case last went into.
from context as c
where c.event_id is not null
