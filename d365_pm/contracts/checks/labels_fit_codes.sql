-- Every event has the label of its activity in the language of the log.
--
-- table: marts.events
-- section: 9, invariant 13
-- severity: error
-- keys: ActivityCode

select
    e.ActivityCode as ActivityCode,
    e.ActivityName as ActivityName,
    count(*) as events,
    'not the label of this activity' as reason
from marts.events as e
left join staging.activity as a
    on e.ActivityCode = a.activity_code
where
    e.ActivityName is not null
    and e.ActivityName is distinct from a.label
group by e.ActivityCode, e.ActivityName
