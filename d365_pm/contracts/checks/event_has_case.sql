-- Every event belongs to a case of the log.
--
-- table: marts.events
-- section: 9, invariant 15
-- severity: error
-- keys: EventId, CaseGuid

select
    e.EventId as EventId,
    e.CaseGuid as CaseGuid,
    e.ActivityCode as ActivityCode,
    'there is no such case' as reason
from marts.events as e
anti join marts.cases as c
    on e.CaseGuid = c.CaseGuid
