-- All rows of the log name the same instant up to which it is complete.
--
-- table: marts.event_log
-- section: 2.5
-- severity: error
-- keys: LastDataUpdate

with instant as (
    select
        e.LastDataUpdate as LastDataUpdate,
        count(*) as events
    from marts.event_log as e
    where e.LastDataUpdate is not null
    group by e.LastDataUpdate
)

select
    i.LastDataUpdate as LastDataUpdate,
    i.events as events,
    'other rows name another instant' as reason
from instant as i
where (select count(*) from instant) > 1
