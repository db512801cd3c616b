-- The cycle time lasts from Case Created to the last Case Resolved.
--
-- table: marts.cases
-- section: 2.21
-- severity: error
-- keys: CaseGuid

with span as (
    select
        e.CaseGuid as case_id,
        min(e.EventTime) filter (where e.ActivityCode = 'case_created') as created_at,
        max(e.EventTime) filter (where e.ActivityCode = 'case_resolved') as resolved_at
    from marts.events as e
    where e.ActivityCode in ('case_created', 'case_resolved')
    group by e.CaseGuid
)

select
    c.CaseGuid as CaseGuid,
    c.ServiceRequestCycleTime as ServiceRequestCycleTime,
    s.created_at as created_at,
    s.resolved_at as resolved_at,
    'not last resolution minus creation' as reason
from marts.cases as c
inner join span as s
    on c.CaseGuid = s.case_id
where c.ServiceRequestCycleTime <> (epoch_us(s.resolved_at) - epoch_us(s.created_at)) // 1000000
