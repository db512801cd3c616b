-- One survey is one event, whether its invitation or an e-mail tells it.
--
-- table: marts.events
-- section: 3.12
-- severity: error
-- keys: EventId, CaseGuid

select
    e.EventId as EventId,
    e.CaseGuid as CaseGuid,
    e.EventTime as EventTime,
    min(r.EventTime) as invited_at,
    'an invitation tells the same survey' as reason
from marts.events as e
cross join staging.rule_settings as s
inner join marts.events as r
    on
        e.CaseGuid = r.CaseGuid
        and abs(epoch_us(e.EventTime) - epoch_us(r.EventTime)) <= s.survey_match_seconds * 1000000
where
    e.Rule = 'V3'
    and r.Rule in ('V1', 'V2')
group by e.EventId, e.CaseGuid, e.EventTime
