-- The event log: exactly the 21 columns of the data template, in its order and spelling. One row per event.
--
-- rule: event log (reference: event-log-semantics 2)
-- not_null: ServiceRequest, ActivityName, EventTime, SourceSystem, LastDataUpdate

select
    e.service_request as ServiceRequest,                  -- Case number: the case of the log.
    e.activity_name as ActivityName,                      -- Name of the activity in the language of the log.
    e.event_time as EventTime,                            -- UTC instant at which it happened.
    'Microsoft Dynamics 365 Customer Service' as SourceSystem,  -- System that the event comes from.
    t.as_of as LastDataUpdate,                            -- UTC instant at which everything had been read.
    c.Channel as Channel,                                 -- Channel through which the case was opened.
    c.SlaTargetResolutionTime as SlaTargetResolutionTime,  -- Seconds allowed for the resolution.
    e.status_reason as StatusReason,                      -- Status reason in force just after the event.
    e.agent_name as AgentName,                            -- Who performed the event.
    c.CustomerName as CustomerName,                       -- Company or person who reported the case.
    c.Priority as Priority,                               -- Priority of the case.
    c.ServiceRequestType as ServiceRequestType,           -- Category of the case.
    c.IsFirstContactResolution as IsFirstContactResolution,  -- Resolved at first contact; null while undecided.
    c.IsRework as IsRework,                               -- The case needed rework; null while nobody can tell.
    e.owner_team as OwnerTeam,                            -- Team that owns the case at the event.
    c.IsEscalated as IsEscalated,                         -- Escalated by flag or event; null if unknown.
    e.article_number as KnowledgeArticleId,               -- Public number of the knowledge article concerned.
    c.CustomerSatisfactionScore as CustomerSatisfactionScore,  -- Satisfaction from 1 to 5.
    c.ProductInvolved as ProductInvolved,                 -- Product that the case is about.
    c.IsSlaBreached as IsSlaBreached,                     -- The resolution target was missed; null while undecided.
    c.ServiceRequestCycleTime as ServiceRequestCycleTime  -- Seconds from creation to the last resolution.
from marts.event_context as e
inner join marts.cases as c
    on e.service_request = c.ServiceRequest
cross join staging.as_of as t
