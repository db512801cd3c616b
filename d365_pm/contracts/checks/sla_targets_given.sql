-- Every SLA clock of a case has a target time, from its item or from its own deadline.
--
-- table: marts.cases
-- section: 2.7
-- severity: warning
-- keys: CaseGuid, sla_kpi

select
    c.CaseGuid as CaseGuid,
    v.sla_kpi as sla_kpi,
    c.SlaName as SlaName,
    'the item of the clock has no target and the clock no deadline' as reason
from staging.sla_verdict as v
inner join marts.cases as c
    on cast(v.case_id as varchar) = c.CaseGuid
where
    v.kpi_instance_id is not null
    and v.target_seconds is null
