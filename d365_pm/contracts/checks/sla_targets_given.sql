-- Every SLA clock of a case has a target time, from its item or from a deadline after its start.
--
-- table: marts.cases
-- section: 2.7
-- severity: warning
-- keys: CaseGuid, sla_kpi

select
    c.CaseGuid as CaseGuid,
    v.sla_kpi as sla_kpi,
    c.SlaName as SlaName,
    case when v.deadline is null then 'neither target nor deadline' else 'the deadline lies before the start' end as reason
from staging.sla_verdict as v
inner join marts.cases as c
    on cast(v.case_id as varchar) = c.CaseGuid
where
    v.target_seconds is null
    and (v.kpi_instance_id is not null or v.deadline is not null)
