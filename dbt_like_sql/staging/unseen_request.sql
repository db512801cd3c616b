-- Requests for information that no audited status reason shows, each by its best evidence. One row per request.
--
-- An answered e-mail (Q2); a case that waits now, since its last hold (Q3) or, only if switched on, its last touch; a
-- paused clock (Q4), where only waiting for the customer pauses clocks. Evidence within the e-mail window of better
-- evidence tells the same request.
--
-- rule: Q2, Q3, Q4 (reference: event-log-semantics 3.10)
-- unique: source_table, source_row_id

with pause_meaning as (
    select
        bool_and(coalesce(r.role = 'waiting_customer', false)) as is_waiting    -- Null where nothing pauses.
    from seeds.on_hold_statuses as h
    left join seeds.status_roles as r
        on h.status_code = r.status_code
),

pause as (
    select
        k.case_id as case_id,
        k.paused_at as paused_at,
        min(k.kpi_instance_id) as kpi_instance_id
    from staging.slakpiinstance as k
    inner join staging.audit_blind_spot as b
        on
            b.column_name = 'statuscode'
            and k.case_id = b.case_id
            and k.paused_at >= b.blind_from
            and (b.blind_until is null or k.paused_at < b.blind_until)
    cross join pause_meaning as p
    where p.is_waiting
    group by k.case_id, k.paused_at
),

waiting as (
    -- The time of the last hold says something only of a status reason that counts as a hold.
    select
        u.case_id as case_id,
        u.value as status_code,
        i.created_at as created_at,
        u.changed_before as changed_before,
        case
            when h.status_code is not null and i.held_at between i.created_at and u.changed_before then i.held_at
        end as held_at
    from staging.untold_value as u
    inner join staging.incident as i
        on u.case_id = i.case_id
    inner join seeds.status_roles as r
        on u.value = r.status_code
    left join seeds.on_hold_statuses as h
        on u.value = h.status_code
    where
        u.column_name = 'statuscode'
        and r.role = 'waiting_customer'
),

candidate as (
    select
        m.case_id as case_id,
        m.sent_at as requested_at,
        'Q2' as rule,
        m.created_by_id as actor_id,
        'email' as source_table,
        m.email_id as source_row_id,
        'senton' as source_column,
        cast(null as integer) as status_code,
        'C' as confidence,
        cast(null as timestamptz) as time_lower,
        cast(null as timestamptz) as time_upper
    from staging.email_meaning as m
    where m.rule = 'Q2'
    union all
    select
        w.case_id as case_id,
        coalesce(w.held_at, w.changed_before) as requested_at,
        'Q3' as rule,
        cast(null as uuid) as actor_id,
        'incident' as source_table,
        w.case_id as source_row_id,
        case when w.held_at is null then 'modifiedon' else 'lastonholdtime' end as source_column,
        w.status_code as status_code,
        case when w.held_at is null then 'D' else 'C' end as confidence,
        case when w.held_at is null then w.created_at end as time_lower,
        case when w.held_at is null then w.changed_before end as time_upper
    from waiting as w
    cross join staging.rule_settings as s
    where
        w.held_at is not null
        or s.emit_assumed_request
    union all
    select
        p.case_id as case_id,
        p.paused_at as requested_at,
        'Q4' as rule,
        cast(null as uuid) as actor_id,
        'slakpiinstance' as source_table,
        p.kpi_instance_id as source_row_id,
        'pausedon' as source_column,
        cast(null as integer) as status_code,
        'C' as confidence,
        cast(null as timestamptz) as time_lower,
        cast(null as timestamptz) as time_upper
    from pause as p
),

known as (
    select
        q.case_id as case_id,
        q.requested_at as requested_at,
        'Q1' as rule
    from staging.information_request as q
    union all
    select
        c.case_id as case_id,
        c.requested_at as requested_at,
        c.rule as rule
    from candidate as c
),

repeated as (
    select distinct
        c.source_table as source_table,
        c.source_row_id as source_row_id
    from candidate as c
    cross join staging.rule_settings as s
    inner join known as b
        on
            c.case_id = b.case_id
            and c.rule > b.rule
            and abs(epoch_us(c.requested_at) - epoch_us(b.requested_at)) <= s.email_window_seconds * 1000000
)

select
    c.case_id as case_id,
    c.requested_at as requested_at,
    c.rule as rule,
    c.actor_id as actor_id,
    c.source_table as source_table,
    c.source_row_id as source_row_id,
    c.source_column as source_column,
    c.status_code as status_code,
    c.confidence as confidence,
    c.time_lower as time_lower,
    c.time_upper as time_upper
from candidate as c
left join repeated as r
    on
        c.source_table = r.source_table
        and c.source_row_id = r.source_row_id
where r.source_row_id is null
