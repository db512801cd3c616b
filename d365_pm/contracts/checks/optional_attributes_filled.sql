-- Every optional attribute of the template has a value on some row.
--
-- table: marts.event_log
-- section: 2.0, K32
-- severity: warning
-- keys: attribute

with counted as (
    select
        count(*) as total,
        count(e.IsFirstContactResolution) as IsFirstContactResolution,
        count(e.IsRework) as IsRework,
        count(e.OwnerTeam) as OwnerTeam,
        count(e.IsEscalated) as IsEscalated,
        count(e.KnowledgeArticleId) as KnowledgeArticleId,
        count(e.CustomerSatisfactionScore) as CustomerSatisfactionScore,
        count(e.ProductInvolved) as ProductInvolved,
        count(e.IsSlaBreached) as IsSlaBreached,
        count(e.ServiceRequestCycleTime) as ServiceRequestCycleTime
    from marts.event_log as e
)

select
    u.attribute as attribute,
    u.total as total,
    'empty on all rows' as reason
from counted
unpivot (
    filled for attribute in (
        IsFirstContactResolution, IsRework, OwnerTeam, IsEscalated, KnowledgeArticleId, CustomerSatisfactionScore,
        ProductInvolved, IsSlaBreached, ServiceRequestCycleTime
    )
) as u
where
    u.filled = 0
    and u.total > 0
