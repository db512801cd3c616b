-- The counts of a case are the numbers of its events.
--
-- table: marts.cases
-- section: 2.14, 2.16
-- severity: error
-- keys: CaseGuid

with counted as (
    select
        e.CaseGuid as case_id,
        count(*) as events,
        count(*) filter (where e.ActivityCode = 'case_resolved') as resolutions,
        count(*) filter (where e.ActivityCode = 'case_reactivated') as reactivations,
        count(*) filter (where e.ActivityCode = 'case_escalated') as escalations
    from marts.events as e
    group by e.CaseGuid
)

select
    c.CaseGuid as CaseGuid,
    c.EventCount as EventCount,
    n.events as events,
    c.ResolutionCount as ResolutionCount,
    n.resolutions as resolutions,
    c.ReactivationCount as ReactivationCount,
    n.reactivations as reactivations,
    c.EscalationCount as EscalationCount,
    n.escalations as escalations,
    'a count of the case is not the number of its events' as reason
from marts.cases as c
inner join counted as n
    on c.CaseGuid = n.case_id
where
    c.EventCount <> n.events
    or c.ResolutionCount <> n.resolutions
    or c.ReactivationCount <> n.reactivations
    or c.EscalationCount <> n.escalations
