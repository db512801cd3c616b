-- When each event happened by the clock on the wall, for figures by weekday or hour. One row per event.
--
-- The log itself stays in UTC. A local time is not unique where the clock is set back: sort by SeqInCase.
--
-- rule: time zones (reference: event-log-semantics 4.8)
-- unique: EventId
-- not_null: EventId, LocalTime
-- stored: view

with local_event as (
    select
        e.EventId as EventId,
        e.CaseGuid as CaseGuid,
        e.SeqInCase as SeqInCase,
        e.EventTime at time zone s.time_zone as LocalTime,
        s.time_zone as TimeZone
    from marts.events as e
    cross join staging.rule_settings as s
)

select
    l.EventId as EventId,                               -- Event.
    l.CaseGuid as CaseGuid,                             -- Case that it belongs to.
    l.SeqInCase as SeqInCase,                           -- Place in the case.
    l.LocalTime as LocalTime,                           -- Local date and time, without a zone.
    cast(l.LocalTime as date) as LocalDate,             -- Local day.
    cast(strftime(l.LocalTime, '%u') as integer) as LocalWeekday,  -- Day of the week, 1 is Monday.
    cast(strftime(l.LocalTime, '%H') as integer) as LocalHour,  -- Hour of the day, 0 to 23.
    l.TimeZone as TimeZone                              -- IANA zone of the local time.
from local_event as l
