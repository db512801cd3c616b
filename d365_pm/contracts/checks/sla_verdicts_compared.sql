-- The two verdicts on the SLA are said to differ exactly where they do.
--
-- table: marts.cases
-- section: 2.20
-- severity: error
-- keys: CaseGuid

select
    c.CaseGuid as CaseGuid,
    c.IsSlaBreached as IsSlaBreached,
    c.IsSlaBreachedByCycleTime as IsSlaBreachedByCycleTime,
    c.SlaVerdictsDiffer as SlaVerdictsDiffer,
    'the comparison is wrong' as reason
from marts.cases as c
cross join staging.rule_settings as s
where
    s.sla_breach_rule <> 'formula_only'             -- There IsSlaBreached is the formula itself.
    and c.SlaVerdictsDiffer is distinct from (c.IsSlaBreached <> c.IsSlaBreachedByCycleTime)
