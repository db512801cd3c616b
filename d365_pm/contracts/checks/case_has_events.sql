-- Every case of the log has events.
--
-- table: marts.cases
-- section: 9, invariant 1
-- severity: error
-- keys: CaseGuid, ServiceRequest

select
    c.CaseGuid as CaseGuid,
    c.ServiceRequest as ServiceRequest,
    'without any event' as reason
from marts.cases as c
anti join marts.events as e
    on c.CaseGuid = e.CaseGuid
