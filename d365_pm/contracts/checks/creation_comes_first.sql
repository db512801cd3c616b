-- Nothing stands before Case Created but events that are marked as older than their case.
--
-- table: marts.events
-- section: 9, invariant 1
-- severity: error
-- keys: EventId, CaseGuid

select
    e.EventId as EventId,
    e.CaseGuid as CaseGuid,
    e.ActivityCode as ActivityCode,
    e.SeqInCase as SeqInCase,
    c.SeqInCase as creation_seq,
    'before Case Created' as reason
from marts.events as e
inner join marts.events as c
    on
        e.CaseGuid = c.CaseGuid
        and e.SeqInCase < c.SeqInCase
where
    c.ActivityCode = 'case_created'
    and c.SeqInCase > 1
    and not coalesce(e.BeforeCreation, false)
