-- An attribute of the case has the same value on every row of the case.
--
-- table: marts.event_log
-- section: 9, invariant 6
-- severity: error
-- keys: ServiceRequest

with attribute as (
    select
        e.ServiceRequest as ServiceRequest,
        hash(
            e.Channel, e.SlaTargetResolutionTime, e.CustomerName, e.Priority, e.ServiceRequestType,
            e.IsFirstContactResolution, e.IsRework, e.IsEscalated, e.CustomerSatisfactionScore, e.ProductInvolved,
            e.IsSlaBreached, e.ServiceRequestCycleTime
        ) as attributes
    from marts.event_log as e
)

select
    a.ServiceRequest as ServiceRequest,
    count(*) as events,
    count(distinct a.attributes) as variants,
    'several values of one attribute in one case' as reason
from attribute as a
group by a.ServiceRequest
having min(a.attributes) <> max(a.attributes)
