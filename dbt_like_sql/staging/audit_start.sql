-- Since when audit rows of cases and queue items exist, and when they were last read. One row per audited table.
--
-- rule: coverage start (reference: event-log-semantics 1.3, dataverse-tables 8.3)
-- unique: table_name

with reading as (
    select
        max(least(l.extracted_at, l.window_end)) as read_until
    from raw._loads as l
    where l.table_name = 'audit'
),

sign as (
    select
        m.table_name as table_name,
        min(m.first_at) as first_at
    from staging.audit_mark as m
    where m.table_name in ('incident', 'queueitem')
    group by m.table_name
),

started as (
    select
        min(m.first_at) as first_at
    from staging.audit_mark as m
    where m.action in (105, 106, 107)
)

select
    s.table_name as table_name,
    least(s.first_at, t.first_at) as coverage_start,
    r.read_until as read_until
from sign as s
cross join started as t
cross join reading as r
