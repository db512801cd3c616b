-- One resolution is one event, whether its own row or the audit tells it.
--
-- table: marts.events
-- section: 3.5
-- severity: error
-- keys: EventId, CaseGuid

select
    e.EventId as EventId,
    e.CaseGuid as CaseGuid,
    e.EventTime as EventTime,
    min(r.EventTime) as recorded_at,
    'a resolution row tells the same resolution' as reason
from marts.events as e
cross join staging.rule_settings as s
inner join marts.events as r
    on
        e.CaseGuid = r.CaseGuid
        and abs(epoch_us(e.EventTime) - epoch_us(r.EventTime)) <= s.resolution_match_seconds * 1000000
where
    e.Rule = 'R2'
    and r.Rule = 'R1'
group by e.EventId, e.CaseGuid, e.EventTime
