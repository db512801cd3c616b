-- No activity has moved by more than five points of its share of all events since the log published last.
--
-- table: marts.events
-- section: K32
-- severity: warning
-- keys: ActivityCode

with today as (
    select
        e.ActivityCode as activity_code,
        count(*) as events
    from marts.events as e
    group by e.ActivityCode
),

share as (
    select
        coalesce(t.activity_code, b.activity_code) as activity_code,
        coalesce(t.events, 0) / (select sum(n.events) from today as n) as now,
        coalesce(b.events, 0) / (select sum(l.events) from last_activity as l) as before
    from today as t
    full join last_activity as b
        on t.activity_code = b.activity_code
)

select
    s.activity_code as ActivityCode,
    round(100 * s.before, 1) as percent_before,
    round(100 * s.now, 1) as percent_now,
    'share of the events moved, or the activity is gone' as reason
from share as s
where
    least((select sum(n.events) from today as n), (select sum(l.events) from last_activity as l)) >= 500
    and (abs(s.now - s.before) > 0.05 or (s.now = 0 and s.before >= 0.01))
