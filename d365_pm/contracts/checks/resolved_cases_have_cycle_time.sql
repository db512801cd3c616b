-- Every resolved case has a cycle time, unless it is marked as resolved before its creation.
--
-- table: marts.cases
-- section: 2.21
-- severity: error
-- keys: CaseGuid

select
    c.CaseGuid as CaseGuid,
    c.CaseOutcome as CaseOutcome,
    'resolved, without a cycle time' as reason
from marts.cases as c
where
    c.CaseOutcome = 'Resolved'
    and c.ServiceRequestCycleTime is null
    and not coalesce(c.CycleTimeAnomaly, false)
