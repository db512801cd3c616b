-- An event is marked as older than its case exactly where it is.
--
-- table: marts.events
-- section: 3.15, 9 invariant 1
-- severity: error
-- keys: EventId, CaseGuid

select
    e.EventId as EventId,
    e.CaseGuid as CaseGuid,
    e.EventTime as EventTime,
    c.CreatedAt as CreatedAt,
    e.BeforeCreation as BeforeCreation,
    'the mark and the times differ' as reason
from marts.events as e
inner join marts.cases as c
    on e.CaseGuid = c.CaseGuid
where coalesce(e.BeforeCreation, false) <> (e.EventTime < c.CreatedAt)
