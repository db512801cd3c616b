-- Which entries of the status and owner history were in force just after each event, and the queue it last went into.
--
-- One row per event. Inside one second a status reason counts from the event that it made, other changes from the
-- start of the second; an assignment shows the owner that it made itself.
--
-- rule: values at a past moment (reference: event-log-semantics 1.3, 2.8, 2.15)
-- unique: case_key, seq_in_case

with evidence as (
    -- The first event that an audit row made, so that one row changes everything at once.
    select
        p.audit_id as audit_id,
        p.event_time as event_time,
        min(p.seq_in_case) as seq_in_case
    from marts.event_position as p
    where p.audit_id is not null
    group by p.audit_id, p.event_time
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
            t.column_name = 'statuscode'
            and t.audit_id = e.audit_id
            and t.valid_from = e.event_time
),

moment as (
    select
        c.case_key as case_key,
        c.valid_from as event_time,
        c.seq_in_case as seq_in_case,
        c.value_no as value_no,
        false as is_event,
        case when c.column_name = 'statuscode' then c.value_no end as status_no,
        case when c.column_name = 'ownerid' then c.value_no end as owner_no,
        cast(null as integer) as queue_seq
    from change as c
    union all
    select
        p.case_key as case_key,
        p.event_time as event_time,
        p.seq_in_case as seq_in_case,
        o.value_no as value_no,
        true as is_event,
        cast(null as integer) as status_no,
        cast(null as integer) as owner_no,
        case when p.queue_id is not null then p.seq_in_case end as queue_seq
    from marts.event_position as p
    left join staging.case_timeline as o
        on
            p.rule = 'A1'
            and o.column_name = 'ownerid'
            and p.audit_id = o.audit_id
),

context as (
    select
        m.case_key as case_key,
        m.event_time as event_time,
        m.seq_in_case as seq_in_case,
        m.is_event as is_event,
        m.value_no as own_owner_no,
        last_value(m.status_no ignore nulls) over history as status_no,
        last_value(m.owner_no ignore nulls) over history as owner_no,
        last_value(m.queue_seq ignore nulls) over history as queue_seq
    from moment as m
    window history as (
        partition by m.case_key
        order by m.event_time, m.seq_in_case, m.is_event, m.value_no, m.status_no, m.owner_no
        rows between unbounded preceding and current row
    )
)

select
    c.case_key as case_key,                           -- Dense number of the case in this run.
    c.seq_in_case as seq_in_case,                     -- 1 to n in the order of the case.
    cast(row_number() over (partition by c.case_key, c.event_time order by c.seq_in_case) as integer) - 1
        as tie_offset,                                -- Place among the events of the same second, from 0.
    c.status_no as status_no,                         -- Entry of the status history in force.
    coalesce(c.own_owner_no, c.owner_no) as owner_no,  -- Entry of the owner history in force.
    c.queue_seq as queue_seq                          -- Event with which the case last went into a queue.
from context as c
where c.is_event
