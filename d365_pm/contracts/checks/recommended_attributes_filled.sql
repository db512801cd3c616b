-- Every recommended attribute of the template has a value on at least half of the rows.
--
-- table: marts.event_log
-- section: 2.0, K32
-- severity: warning
-- keys: attribute

with counted as (
    select
        count(*) as total,
        count(e.Channel) as Channel,
        count(e.SlaTargetResolutionTime) as SlaTargetResolutionTime,
        count(e.StatusReason) as StatusReason,
        count(e.AgentName) as AgentName,
        count(e.CustomerName) as CustomerName,
        count(e.Priority) as Priority,
        count(e.ServiceRequestType) as ServiceRequestType
    from marts.event_log as e
)

select
    u.attribute as attribute,
    u.filled as filled,
    u.total as total,
    'empty on most rows' as reason
from counted
unpivot (
    filled for attribute in (
        Channel, SlaTargetResolutionTime, StatusReason, AgentName, CustomerName, Priority, ServiceRequestType
    )
) as u
where 2 * u.filled < u.total
