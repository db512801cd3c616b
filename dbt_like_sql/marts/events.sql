-- The events of the log with everything known about each: actor, status, owner, queue, evidence. One row per event.
--
-- rule: event attributes (reference: event-log-semantics 1.1, 2.2 to 2.5, 2.8, 2.9, 2.15, 2.17, 3)
-- unique: EventId
-- not_null: EventId, ServiceRequest, ActivityName, EventTime, SourceSystem, LastDataUpdate

select
    e.service_request as ServiceRequest,                -- Case number, made unique: the case of the log.
    e.activity_name as ActivityName,                    -- Name of the activity in the language of the log.
    e.event_time as EventTime,                          -- UTC instant at which it happened.
    'Microsoft Dynamics 365 Customer Service' as SourceSystem,  -- System that the event comes from.
    t.as_of as LastDataUpdate,                          -- UTC instant at which everything had been read.
    e.status_reason as StatusReason,                    -- Status reason in force just after the event; null where unknown.
    e.status_code as StatusReasonCode,                  -- Code of that status reason.
    e.status_basis as StatusReasonBasis,                -- audit or implied.
    e.agent_name as AgentName,                          -- Who performed the event.
    cast(e.agent_id as varchar) as AgentId,             -- User who performed it: the key behind the name.
    e.actor_type as ActorType,                          -- human, system, external or unknown.
    e.actor_basis as ActorBasis,                        -- recorded, external, default, or owner_at_event.
    cast(e.acted_through_id as varchar) as ActedThroughId,  -- Account that made the call on behalf of the agent.
    e.owner_team as OwnerTeam,                          -- Team that owns the case at the event.
    cast(e.team_id as varchar) as OwnerTeamId,          -- Its id.
    e.team_source as OwnerTeamSource,                   -- owner, last_team, user_map, membership, business_unit.
    e.article_number as KnowledgeArticleId,             -- Public number of the knowledge article concerned.
    e.event_id as EventId,                              -- Hash of the evidence: the same in every run.
    e.activity_code as ActivityCode,                    -- Language-neutral code of the activity.
    cast(e.case_id as varchar) as CaseGuid,             -- Case: the real key.
    e.seq_in_case as SeqInCase,                         -- 1 to n in the order of the case.
    e.event_time + interval '1 millisecond' * e.tie_offset as EventTimeOrdered,  -- EventTime plus n ms inside a tie.
    case e.assignment_kind
        when 'user' then coalesce(v.full_name, 'user:' || substr(cast(e.assigned_to_id as varchar), 1, 8))
        when 'team' then coalesce(w.team_name, 'team:' || substr(cast(e.assigned_to_id as varchar), 1, 8))
        when 'queue' then coalesce(y.queue_name, 'queue:' || substr(cast(e.assigned_to_id as varchar), 1, 8))
    end as AssignedTo,                                  -- Name of the new owner or queue.
    cast(e.assigned_to_id as varchar) as AssignedToId,  -- Id of the new owner or queue.
    e.assignment_kind as AssignmentKind,                -- user, team or queue.
    coalesce(q.queue_name, 'queue:' || substr(cast(e.queue_id as varchar), 1, 8))
        as Queue,                                       -- Queue that the case last went into, at the event.
    cast(e.queue_id as varchar) as QueueId,             -- Its id.
    coalesce(q.is_personal, false) and e.is_about_queue
        as PersonalQueue,                               -- The queue is somebody's own; queue figures leave it out.
    b.other_event_id as CoOccursWith,                   -- Event that tells the same act: a pick and its owner change.
    case
        when e.activity_code = 'case_created' then e.kind
    end as CreationKind,                                -- manual, rule, portal, import or child.
    case when e.activity_code = 'case_closed' then e.kind end as CloseKind,  -- Cancelled, Merged or Closed.
    case when e.activity_code = 'case_reactivated' then e.kind end as ReactivatedFrom,  -- Resolved or Cancelled.
    case when e.activity_code = 'case_escalated' then e.kind end as EscalationBasis,  -- Rules that saw the escalation.
    case
        when e.activity_code = 'queue_item_picked_by_agent' then e.kind
    end as PickKind,                                    -- self or pushed; null where unknown.
    case
        when e.activity_code = 'case_categorization_changed' then e.kind
    end as ChangeKind,                                  -- changed, cleared or initial.
    case
        when e.activity_code = 'case_categorization_changed' then coalesce(h.title, e.detail_from)
    end as CategoryFrom,                                -- Category before.
    case
        when e.activity_code = 'case_categorization_changed' then coalesce(i.title, e.detail_to)
    end as CategoryTo,                                  -- Category after.
    case
        when e.activity_code = 'case_categorization_changed' then e.source_column
    end as CategoryColumn,                              -- Category columns that changed.
    case
        when e.activity_code <> 'case_categorization_changed' then e.detail_from
    end as ValueFrom,                                   -- Priority or status reason before, in an extended activity.
    case
        when e.activity_code <> 'case_categorization_changed' then e.detail_to
    end as ValueTo,                                     -- Priority or status reason after, in an extended activity.
    e.sla_kpi as SlaKpi,                                -- first_response, resolution or other:<name>.
    j.sla_name as SlaName,                              -- Agreement of the clock.
    j.clock_started_at as SlaClockStart,                -- UTC instant from which the clock counts.
    j.fails_at as SlaDeadline,                          -- UTC instant at which the clock fails, as it stands now.
    d.resolution_type_code as ResolutionTypeCode,       -- Kind of resolution.
    case
        when d.resolution_type_code is null then null
        else coalesce(o.label, 'code:' || cast(d.resolution_type_code as varchar))
    end as ResolutionType,                              -- Label of the kind of resolution.
    d.resolution_subject as ResolutionSubject,          -- What the resolver wrote as the resolution.
    d.billable_minutes as BillableMinutes,              -- Billable minutes of the resolution.
    e.article_usage_code as KnowledgeUsage,             -- 1 reference, 2 solution, 3 source.
    e.is_article_sent as SentToCustomer,                -- The article was sent to the customer.
    case
        when e.activity_code = 'information_requested_from_customer' then cast(e.related_id as varchar)
    end as EmailId,                                     -- E-mail that made the same request.
    e.is_bulk_change as BulkChange,                     -- Part of a bulk or cascaded change rather than work on this case.
    coalesce(x.is_cascaded, false) as CascadedFromParent,  -- The resolution of the parent case resolved this one.
    coalesce(x.is_capture, false) as KnowledgeCapture,  -- The article documents rather than diagnoses.
    e.is_before_creation as BeforeCreation,             -- The event is older than its case.
    e.source_table as SourceTable,                      -- Table of the evidence.
    cast(e.source_row_id as varchar) as SourceRowId,    -- Row of the evidence.
    e.source_column as SourceColumn,                    -- Column of the evidence.
    e.rule as Rule,                                     -- Rule of the reference that made the event.
    e.evidence_class as EvidenceClass,                  -- explicit, inferred or synthetic.
    e.confidence as Confidence,                         -- A (recorded, complete) to D (assumed).
    e.time_lower as TimeLower,                          -- Earliest possible moment, where only an interval is known.
    e.time_upper as TimeUpper,                          -- Latest possible moment, where only an interval is known.
    e.audit_coverage as AuditCoverage                   -- Audit of the columns behind it: full, partial, none.
from marts.event_context as e
cross join staging.as_of as t
left join staging.systemuser as v
    on e.assigned_to_id = v.user_id
left join staging.team as w
    on e.assigned_to_id = w.team_id
left join staging.queue as y
    on e.assigned_to_id = y.queue_id
left join staging.queue as q
    on e.queue_id = q.queue_id
left join marts.event_pair as b
    on e.event_id = b.event_id
left join marts.event_mark as x
    on
        e.case_key = x.case_key
        and e.seq_in_case = x.seq_in_case
left join staging.subject as h
    on e.detail_from = cast(h.subject_id as varchar)
left join staging.subject as i
    on e.detail_to = cast(i.subject_id as varchar)
left join staging.slakpiinstance as j
    on
        e.source_table = 'slakpiinstance'
        and e.source_row_id = j.kpi_instance_id
left join staging.incidentresolution as d
    on
        e.activity_code = 'case_resolved'
        and e.source_row_id = d.resolution_id
left join staging.option_label as o
    on
        o.table_name = 'incidentresolution'
        and o.column_name = 'resolutiontypecode'
        and d.resolution_type_code = o.code
