-- The cases of the log with every attribute of the case as a whole, and what each rests on. One row per case.
--
-- rule: case attributes (reference: event-log-semantics 2)
-- unique: CaseGuid
-- not_null: CaseGuid, ServiceRequest, CaseOutcome

with origin as (
    -- The channel through which the case was opened, not one that somebody corrected later.
    select
        i.case_key as case_key,
        coalesce(try_cast(h.first_origin as integer), i.origin_code) as origin_code,
        case
            when h.first_origin is not null then 'creation'
            when i.origin_code is null then null
            when c.origin = 'full' and coalesce(h.origin_rows, 0) = 0 then 'creation'
            else 'current'
        end as basis
    from staging.incident as i
    inner join staging.audit_coverage as c
        on i.case_key = c.case_key
    left join staging.case_history as h
        on i.case_key = h.case_key
),

first_value as (
    -- First values where the audit shows them; never changed under full audit means the present one.
    select
        i.case_key as case_key,
        case
            when coalesce(h.priority_rows, 0) > 0 then try_cast(h.first_priority as integer)
            when c.priority = 'full' then i.priority_code
        end as priority_code,
        case when c.priority = 'full' then coalesce(h.priority_changes, 0) end as priority_changes,
        case
            when coalesce(h.subject_rows, 0) > 0 then h.first_subject_id
            when c.category = 'full' then i.subject_id
        end as subject_id
    from staging.incident as i
    inner join staging.audit_coverage as c
        on i.case_key = c.case_key
    left join staging.case_history as h
        on i.case_key = h.case_key
),

escalation as (
    select
        i.case_key as case_key,
        f.escalations as escalations,
        case
            when s.escalated_rule = 'flag_only' then i.is_escalated
            when i.is_escalated or f.escalations > 0 then true
            when c.escalation = 'full' then false
        end as is_escalated,
        case
            when s.escalated_rule = 'flag_only' then 'column'
            when i.is_escalated and f.escalations > 0 then 'both'
            when i.is_escalated then 'flag'
            when f.escalations > 0 then 'event'
        end as basis
    from staging.incident as i
    inner join marts.case_facts as f
        on i.case_key = f.case_key
    inner join staging.audit_coverage as c
        on i.case_key = c.case_key
    cross join staging.rule_settings as s
),

merged_case as (
    select
        i.master_case_id as case_id,
        count(*) as cases
    from staging.incident as i
    where
        i.master_case_id is not null
        and i.state_code = 2
    group by i.master_case_id
),

satisfaction as (
    select
        i.case_key as case_key,
        coalesce(s.score, case when i.agent_satisfaction_code between 1 and 5 then i.agent_satisfaction_code end)
            as score,
        coalesce(
            s.raw_score,
            case
                when i.agent_satisfaction_code between 1 and 5 then cast(i.agent_satisfaction_code as decimal(18, 4))
            end
        ) as raw_score,
        case
            when s.score is not null then 'customer_voice'
            when i.agent_satisfaction_code between 1 and 5 then 'agent_entered'
        end as source,
        s.first_score as first_score,
        coalesce(s.responses, 0) as responses,
        s.responded_at as responded_at
    from staging.incident as i
    left join staging.case_satisfaction as s
        on i.case_id = s.case_id
)

select
    r.service_request as ServiceRequest,                  -- Case number, made unique: the case of the log.
    cast(i.case_id as varchar) as CaseGuid,               -- Case: the real key.
    i.title as Title,                                     -- Title of the case.
    i.created_at as CreatedAt,                            -- UTC instant of creation.
    o.case_outcome as CaseOutcome,                        -- Open, Resolved, Closed, Cancelled, Merged or Deleted.
    case
        when g.origin_code is not null then coalesce(gl.label, 'code:' || cast(g.origin_code as varchar))
    end as Channel,                                       -- Channel through which the case was opened.
    g.origin_code as ChannelCode,                         -- Its code.
    g.basis as ChannelBasis,                              -- creation or current.
    fc.channel as ChannelDetail,                          -- Channel of its first conversation in Omnichannel.
    fc.channel_code as ChannelDetailCode,                 -- Its code.
    a.target_seconds as SlaTargetResolutionTime,          -- Seconds allowed; business time if the SLA has a calendar.
    a.target_basis as SlaTargetBasis,                     -- item, calendar or legacy.
    a.target_confidence as SlaTargetConfidence,           -- A or C.
    a.deadline as SlaTargetDeadline,                      -- UTC instant of the deadline as it stands.
    a.calendar_seconds as SlaTargetCalendarSeconds,       -- Seconds from start to deadline of the first clock.
    a.sla_name as SlaName,                                -- Agreement that governs the resolution.
    coalesce(sl.label, 'code:' || cast(i.status_code as varchar)) as CurrentStatusReason,  -- Status reason now.
    i.status_code as CurrentStatusReasonCode,             -- Its code.
    c.customer_name as CustomerName,                      -- Company or person who reported the case.
    cast(i.customer_id as varchar) as CustomerId,         -- Its id.
    i.customer_type as CustomerType,                      -- account or contact.
    c.account_name as CustomerAccountName,                -- Company behind the customer.
    case
        when i.priority_code is not null then coalesce(pl.label, 'code:' || cast(i.priority_code as varchar))
    end as Priority,                                      -- Priority now.
    i.priority_code as PriorityCode,                      -- Its code.
    pr.rank as PriorityRank,                              -- Order of urgency, 1 the most urgent.
    case
        when v.priority_code is not null then coalesce(vl.label, 'code:' || cast(v.priority_code as varchar))
    end as InitialPriority,                               -- Priority at creation, where the audit shows it.
    v.priority_changes as PriorityChangeCount,            -- Changes of priority; null where not audited.
    case
        when s.service_request_type_column = 'subjectid' then sub.title
        when s.service_request_type_column = 'casetypecode'
            then coalesce(tl.label, 'code:' || cast(i.case_type_code as varchar))
        else coalesce(rl.label, i.own_request_type)
    end as ServiceRequestType,                            -- Category of the case now.
    case
        when s.service_request_type_column = 'subjectid' then sub.path
    end as ServiceRequestTypePath,                        -- Titles from the root of the category tree.
    case
        when s.service_request_type_column = 'subjectid' then fsub.title
    end as InitialServiceRequestType,                     -- Category at creation, where the audit shows it.
    n.is_first_contact as IsFirstContactResolution,       -- Resolved at first contact; null while undecided.
    n.fail_reasons as FcrFailReasons,                     -- Conditions of it that the case fails.
    n.missing_evidence as FcrEvidence,                    -- Untestable conditions that hold the verdict back.
    w.is_rework as IsRework,                              -- The case needed rework; null while nobody can tell.
    w.reasons as ReworkReasons,                           -- Kinds of rework that were seen.
    ro.is_reopened as IsReopened,                         -- Came back in the reopen window; null if unresolved or unknown.
    e.is_escalated as IsEscalated,                        -- Escalated by flag or event; null if unknown.
    e.basis as EscalationBasis,                           -- flag, event or both; column where it alone decides.
    e.escalations as EscalationCount,                     -- Number of Case Escalated.
    k.public_numbers as KnowledgeArticleIds,              -- Articles in the order of their first link.
    k.decisive_number as SolutionKnowledgeArticleId,      -- Article marked as solution, else the last one linked.
    coalesce(k.articles, 0) as KnowledgeArticleCount,     -- Number of articles.
    t.score as CustomerSatisfactionScore,                 -- Satisfaction from 1 to 5.
    t.source as CsatSource,                               -- customer_voice or agent_entered.
    t.raw_score as CsatRaw,                               -- Score before rounding.
    t.first_score as CsatFirst,                           -- Score of the first response.
    t.responses as CsatResponseCount,                     -- Responses with a score.
    t.responded_at as CsatRespondedAt,                    -- UTC instant of the last response with a score.
    p.product_name as ProductInvolved,                    -- Product that the case is about.
    cast(i.product_id as varchar) as ProductId,           -- Its id.
    p.product_number as ProductNumber,                    -- Its number.
    p.family_path as ProductPath,                         -- Families above it.
    a.is_breached as IsSlaBreached,                       -- The resolution target was missed; null while undecided.
    a.breach_basis as SlaBreachBasis,                     -- Evidence of the verdict.
    a.breach_confidence as SlaBreachConfidence,           -- A to C.
    a.is_breached_by_cycle_time
        as IsSlaBreachedByCycleTime,                      -- Cycle time above the target, as the template computes it.
    a.is_verdict_different as SlaVerdictsDiffer,          -- The two verdicts differ.
    a.is_contradictory as SlaContradiction,               -- The clock is marked as met although it was met late.
    a.is_first_response_breached as IsFirstResponseSlaBreached,  -- The first response came too late.
    a.first_response_basis as FirstResponseSlaBasis,      -- Evidence of that verdict.
    o.cycle_seconds as ServiceRequestCycleTime,           -- Creation to last resolution; null unless resolved now.
    o.is_cycle_negative as CycleTimeAnomaly,              -- The last resolution is older than the case.
    o.first_resolution_seconds as TimeToFirstResolution,  -- Seconds from creation to the first resolution.
    o.active_seconds as ActiveTime,                       -- Seconds in which the case was open.
    f.resolved_gap_seconds as ResolvedGapTime,            -- Seconds in which it lay resolved before a reactivation.
    o.customer_wait_seconds as CustomerWaitTime,          -- Seconds in a waiting status reason.
    o.customer_wait_seconds_by_contact
        as CustomerWaitTimeByContact,                     -- The same, ended by the customer's contact if earlier.
    o.active_seconds - o.customer_wait_seconds
        as NetHandlingTime,                               -- Active time without the time spent waiting for the customer.
    case i.owner_type
        when 'team' then coalesce(ot.team_name, 'team:' || substr(cast(i.owner_id as varchar), 1, 8))
        else coalesce(ou.full_name, 'user:' || substr(cast(i.owner_id as varchar), 1, 8))
    end as CurrentOwner,                                  -- Owner now.
    cast(i.owner_id as varchar) as CurrentOwnerId,        -- Its id.
    i.owner_type as CurrentOwnerType,                     -- systemuser or team.
    case when i.owner_type = 'team' then ot.team_name end as CurrentOwnerTeam,  -- Team that owns the case now.
    f.events as EventCount,                               -- Events in the log.
    f.resolutions as ResolutionCount,                     -- Number of Case Resolved.
    f.reactivations as ReactivationCount,                 -- Number of Case Reactivated.
    f.owner_changes as OwnerChangeCount,                  -- Changes of owner that were work on the case.
    f.has_state_anomaly as StateOrderAnomaly,             -- Resolutions and reactivations do not alternate.
    coalesce(m.reactivations, 0) as InferredReactivations,  -- Reactivations that nothing tells the moment of.
    y.case_id is not null as SurveyEvidenceWithoutTime,   -- A survey went out, but nothing tells when.
    i.is_imported as IsImported,                          -- The case came by an import, with a historical date.
    cast(i.master_case_id as varchar) as MergedIntoCaseGuid,  -- Case that this one was merged into.
    coalesce(mc.cases, 0) as MergedCaseCount,             -- Cases that were merged into this one.
    cast(i.parent_case_id as varchar) as ParentCaseGuid,  -- Parent case.
    d.life as AuditCoverage,                              -- Audit of the life of the case: full, partial or none.
    d.owner as OwnerAuditCoverage,                        -- The same for its owner.
    d.status as StatusAuditCoverage,                      -- The same for its state and status reason.
    d.escalation as EscalationAuditCoverage,              -- The same for its escalation flag.
    d.category as CategoryAuditCoverage                   -- The same for its category columns.
from marts.case_outcome as o
inner join staging.incident as i
    on o.case_key = i.case_key
inner join marts.case_facts as f
    on o.case_key = f.case_key
inner join marts.case_first_contact as n
    on o.case_key = n.case_key
inner join marts.case_rework as w
    on o.case_key = w.case_key
inner join marts.case_sla as a
    on o.case_key = a.case_key
inner join staging.service_request as r
    on o.case_key = r.case_key
inner join staging.audit_coverage as d
    on o.case_key = d.case_key
inner join origin as g
    on o.case_key = g.case_key
inner join first_value as v
    on o.case_key = v.case_key
inner join escalation as e
    on o.case_key = e.case_key
inner join satisfaction as t
    on o.case_key = t.case_key
cross join staging.rule_settings as s
left join marts.case_reopening as ro
    on o.case_key = ro.case_key
left join staging.inferred_reactivation as m
    on o.case_id = m.case_id
left join merged_case as mc
    on o.case_id = mc.case_id
left join staging.survey_evidence as y
    on o.case_id = y.case_id
left join staging.first_conversation as fc
    on o.case_id = fc.case_id
left join staging.customer as c
    on
        i.customer_type = c.customer_type
        and i.customer_id = c.customer_id
left join staging.subject as sub
    on i.subject_id = sub.subject_id
left join staging.subject as fsub
    on v.subject_id = fsub.subject_id
left join staging.product as p
    on i.product_id = p.product_id
left join staging.case_articles as k
    on o.case_id = k.case_id
left join staging.systemuser as ou
    on i.owner_id = ou.user_id
left join staging.team as ot
    on i.owner_id = ot.team_id
left join seeds.priority_ranks as pr
    on i.priority_code = pr.priority_code
left join staging.option_label as gl
    on
        gl.table_name = 'incident'
        and gl.column_name = 'caseorigincode'
        and g.origin_code = gl.code
left join staging.option_label as sl
    on
        sl.table_name = 'incident'
        and sl.column_name = 'statuscode'
        and i.status_code = sl.code
left join staging.option_label as pl
    on
        pl.table_name = 'incident'
        and pl.column_name = 'prioritycode'
        and i.priority_code = pl.code
left join staging.option_label as vl
    on
        vl.table_name = 'incident'
        and vl.column_name = 'prioritycode'
        and v.priority_code = vl.code
left join staging.option_label as tl
    on
        tl.table_name = 'incident'
        and tl.column_name = 'casetypecode'
        and i.case_type_code = tl.code
left join staging.option_label as rl
    on
        rl.table_name = 'incident'
        and s.service_request_type_column = rl.column_name
        and try_cast(i.own_request_type as integer) = rl.code
