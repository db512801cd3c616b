-- One entry into a queue is one assignment, whether audit or the queue item tells it.
--
-- table: marts.events
-- section: 3.1
-- severity: error
-- keys: EventId, CaseGuid

select
    e.EventId as EventId,
    e.CaseGuid as CaseGuid,
    e.AssignedToId as AssignedToId,
    e.EventTime as EventTime,
    'the audit tells the same entry' as reason
from marts.events as e
inner join marts.events as a
    on
        e.CaseGuid = a.CaseGuid
        and e.EventTime = a.EventTime
        and e.AssignedToId = a.AssignedToId
where
    e.Rule = 'A4'
    and a.Rule = 'A3'
