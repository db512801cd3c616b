-- No case is resolved that was never created.
--
-- table: marts.events
-- section: 9, invariant 1
-- severity: error
-- keys: CaseGuid

select
    e.CaseGuid as CaseGuid,
    count(*) as resolutions,
    'resolved, never created' as reason
from marts.events as e
where
    e.ActivityCode = 'case_resolved'
    and e.CaseGuid not in (select c.CaseGuid from marts.events as c where c.ActivityCode = 'case_created')
group by e.CaseGuid
