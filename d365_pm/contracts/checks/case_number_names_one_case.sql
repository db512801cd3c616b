-- A case number stands for one case, and a case has one number, in cases and events alike.
--
-- table: marts.cases
-- section: 2.1
-- severity: error
-- keys: ServiceRequest

with named as (
    select
        c.ServiceRequest as ServiceRequest,
        c.CaseGuid as CaseGuid
    from marts.cases as c
    union
    select
        e.ServiceRequest as ServiceRequest,
        e.CaseGuid as CaseGuid
    from marts.events as e
    where e.ActivityCode = 'case_created'
)

select
    n.ServiceRequest as ServiceRequest,
    count(distinct n.CaseGuid) as cases,
    'several cases have this number' as reason
from named as n
group by n.ServiceRequest
having count(distinct n.CaseGuid) > 1
