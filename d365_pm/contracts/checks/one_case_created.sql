-- Every case with events has exactly one Case Created.
--
-- table: marts.events
-- section: 9, invariant 1
-- severity: error
-- keys: CaseGuid

select
    e.CaseGuid as CaseGuid,
    count(*) filter (where e.ActivityCode = 'case_created') as creations,
    'not exactly one Case Created' as reason
from marts.events as e
group by e.CaseGuid
having count(*) filter (where e.ActivityCode = 'case_created') <> 1
