-- Which entries of the status and owner history were in force just after each event, and the queue it last went into.
--
-- One row per event. Inside one second the last of its values counts for all its events; an event that is itself the
-- change shows what it brought (`status_code` of the event, the owner of an assignment).
--
-- rule: values at a past moment (reference: event-log-semantics 1.3, 2.8, 2.15)
-- unique: case_key, seq_in_case
-- stored: step

with moment as (
    select
        t.case_key as case_key,
        t.valid_from as event_time,
        0 as seq_in_case,
        t.value_no as value_no,
        case when t.column_name = 'statuscode' then t.value_no end as status_no,
        case when t.column_name = 'ownerid' then t.value_no end as owner_no,
        cast(null as uuid) as queue_id
    from staging.case_timeline as t
    union all
    select
        p.case_key as case_key,
        p.event_time as event_time,
        p.seq_in_case as seq_in_case,
        o.value_no as value_no,
        cast(null as integer) as status_no,
        cast(null as integer) as owner_no,
        p.queue_id as queue_id
    from marts.event_position as p
    left join staging.case_timeline as o
        on
            p.rule = 'A1'
            and o.column_name = 'ownerid'
            and p.source_row_id = o.audit_id
),

context as (
    select
        m.case_key as case_key,
        m.seq_in_case as seq_in_case,
        m.value_no as own_owner_no,
        last_value(m.status_no ignore nulls) over history as status_no,
        last_value(m.owner_no ignore nulls) over history as owner_no,
        last_value(m.queue_id ignore nulls) over history as queue_id
    from moment as m
    window history as (
        partition by m.case_key
        order by m.event_time, m.seq_in_case, m.value_no
        rows between unbounded preceding and current row
    )
)

select
    c.case_key as case_key,                           -- Dense number of the case in this run.
    c.seq_in_case as seq_in_case,                     -- 1 to n in the order of the case.
    c.status_no as status_no,                         -- Entry of the status history in force.
    coalesce(c.own_owner_no, c.owner_no) as owner_no,  -- Entry of the owner history in force.
    c.queue_id as queue_id                            -- Queue that the case last went into.
from context as c
where c.seq_in_case > 0                               -- Zero is an entry of a history, not an event.
