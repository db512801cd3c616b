-- The log has as many rows as there are events, activity by activity.
--
-- table: marts.event_log
-- section: 9, invariant 15
-- severity: error
-- keys: ActivityName

with row_of_log as (
    select
        e.ActivityName as ActivityName,
        count(*) as log_rows
    from marts.event_log as e
    group by e.ActivityName
),

event as (
    select
        e.ActivityName as ActivityName,
        count(*) as events
    from marts.events as e
    group by e.ActivityName
)

select
    coalesce(r.ActivityName, e.ActivityName) as ActivityName,
    coalesce(r.log_rows, 0) as log_rows,
    coalesce(e.events, 0) as events,
    'rows of the log are missing or too many' as reason
from row_of_log as r
full join event as e
    on r.ActivityName = e.ActivityName
where coalesce(r.log_rows, 0) <> coalesce(e.events, 0)
