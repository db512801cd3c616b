-- Every event has an id, and no id occurs twice.
--
-- table: marts.events
-- section: 9, invariant 2
-- severity: error
-- keys: EventId

with repeated as (
    -- Numbers are counted much faster than texts.
    select hash(e.EventId) as id_hash
    from marts.events as e
    group by all
    having count(*) > 1
)

select
    e.EventId as EventId,
    count(*) as events,
    'occurs more than once, or is empty' as reason
from marts.events as e
where
    e.EventId is null
    or hash(e.EventId) in (from repeated)
group by e.EventId
having
    count(*) > 1
    or e.EventId is null
