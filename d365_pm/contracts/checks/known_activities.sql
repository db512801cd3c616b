-- Every activity of the log is one of the template's, by its label in the language of the log.
--
-- table: marts.event_log
-- section: 9, invariant 7
-- severity: error
-- keys: ServiceRequest, ActivityName, EventTime

select
    e.ServiceRequest as ServiceRequest,
    e.ActivityName as ActivityName,
    e.EventTime as EventTime,
    'not an activity of the template' as reason
from marts.event_log as e
anti join staging.activity as a
    on e.ActivityName = a.label
where e.ActivityName is not null
