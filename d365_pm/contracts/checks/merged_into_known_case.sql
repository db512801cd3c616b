-- A merged case names the case that it was merged into, and that case is in the log.
--
-- table: marts.cases
-- section: 4.1
-- severity: warning
-- keys: CaseGuid

select
    c.CaseGuid as CaseGuid,
    c.MergedIntoCaseGuid as MergedIntoCaseGuid,
    'merged into a case that is not in the log' as reason
from marts.cases as c
where
    c.CaseOutcome = 'Merged'
    and not coalesce(c.MergedIntoCaseGuid in (select m.CaseGuid from marts.cases as m), false)
