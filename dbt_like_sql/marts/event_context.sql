-- Every event with what was in force at it, in ids and codes: status reason, owner team, queue, who acted. One row per
-- event.
--
-- Nobody recorded as the actor: a machine or the customer where the activity is always theirs, else the owner at that moment where
-- the history proves one, never the present owner.
--
-- rule: status reason, agent, owner team at event time (reference: event-log-semantics 2.8, 2.9, 2.15)
-- unique: case_key, seq_in_case
-- stored: step view

select
    p.case_key as case_key,                            -- Dense number of the case in this run.
    p.seq_in_case as seq_in_case,                      -- 1 to n in the order of the case.
    p.event_id as event_id,                            -- Hash of the evidence: the same in every run.
    i.case_id as case_id,                              -- Case that the event belongs to.
    p.event_time as event_time,                        -- UTC instant at which it happened.
    p.seq_in_case - p.first_seq_of_second as tie_offset,  -- Place among the events of the same second, from 0.
    p.event_time < i.created_at as is_before_creation,  -- The event is older than its case.
    p.activity_code as activity_code,                  -- Language-neutral code of the activity.
    coalesce(
        p.status_code,
        try_cast(s.value as integer),
        case when v.status <> 'full' and p.seq_in_case = f.events then i.status_code end
    ) as status_code,                                  -- Status reason in force just after the event.
    case
        when
            p.status_code is not null
            and p.source_table <> 'audit'
            and (p.activity_code <> 'case_resolved' or p.related_id is null) then 'implied'
        when p.status_code is not null or s.value is not null then 'audit'
        when v.status <> 'full' and p.seq_in_case = f.events then 'implied'
    end as status_basis,                               -- audit, or implied by event or present state.
    o.team_id as team_id,                              -- Team that owns the case.
    o.team_source as team_source,                      -- owner, last_team, user_map, membership, business_unit.
    m.queue_id as queue_id,                            -- Queue that the case last went into.
    p.queue_id is not null as is_about_queue,          -- The event itself concerns that queue.
    case
        when p.external_actor_id is not null then null
        when p.actor_id is not null then p.actor_id
        when a.default_actor is not null or p.kind = 'Synthetic' then null
        when o.owner_type = 'systemuser' then o.owner_id
    end as agent_id,                                   -- User who acted.
    case
        when p.external_actor_id is not null or (p.actor_id is null and a.default_actor = 'external') then 'external'
        when p.actor_id is not null then 'recorded'
        when a.default_actor is not null or p.kind = 'Synthetic' then 'default'
        when o.owner_type = 'systemuser' then 'owner_at_event'
    end as actor_basis,                                -- recorded, external, default or owner_at_event.
    p.external_actor_id as external_actor_id,          -- Outside party who did it, in a portal for instance.
    p.acted_through_id as acted_through_id,            -- Account that made the call on behalf of the agent.
    p.assigned_to_id as assigned_to_id,                -- New owner or queue.
    p.assignment_kind as assignment_kind,              -- user, team or queue.
    p.sla_kpi as sla_kpi,                              -- first_response, resolution or other:<name>.
    p.kind as kind,                                    -- Finer kind of the event.
    p.detail_from as detail_from,                      -- Value before.
    p.detail_to as detail_to,                          -- Value after.
    p.related_id as related_id,                        -- Record that tells the same fact, such as the e-mail.
    p.is_bulk_change as is_bulk_change,                -- Part of a bulk or cascaded change.
    p.rule as rule,                                    -- Rule of the reference that made the event.
    p.source_table as source_table,                    -- Table of the evidence.
    p.source_row_id as source_row_id,                  -- Row of the evidence.
    p.source_column as source_column,                  -- Column of the evidence.
    p.evidence_class as evidence_class,                -- explicit, inferred or synthetic.
    p.confidence as confidence,                        -- A (recorded, complete) to D (assumed).
    p.time_lower as time_lower,                        -- Earliest possible moment, where only an interval is known.
    p.time_upper as time_upper,                        -- Latest possible moment, where only an interval is known.
    case p.activity_code
        when 'case_assigned' then v.owner
        when 'case_escalated' then v.escalation
        when 'case_categorization_changed' then v.category
        when 'case_created' then v.life
        when 'case_deescalated' then v.escalation
        when 'priority_changed' then v.priority
        else v.status
    end as audit_coverage                              -- Audit of the columns behind it: full, partial, none.
from marts.event_identity as p
inner join marts.event_moment as m
    on
        p.case_key = m.case_key
        and p.seq_in_case = m.seq_in_case
inner join marts.case_facts as f
    on p.case_key = f.case_key
inner join staging.incident as i
    on p.case_key = i.case_key
inner join staging.audit_coverage as v
    on p.case_key = v.case_key
inner join staging.activity as a
    on p.activity_code = a.activity_code
left join staging.case_timeline as s
    on
        p.case_key = s.case_key
        and s.column_name = 'statuscode'
        and m.status_no = s.value_no
left join staging.owner_period as o
    on
        p.case_key = o.case_key
        and m.owner_no = o.owner_no
