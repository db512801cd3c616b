-- Every event with what was in force at it and who acted, in codes and in the words of the log. One row per event.
--
-- Nobody recorded as the actor: a machine or the customer where the activity is always theirs, else the owner at that
-- moment where the history proves one, never the present owner.
--
-- rule: event attributes, values at event time (reference: event-log-semantics 2.1, 2.2, 2.8, 2.9, 2.15, 2.17)
-- unique: case_key, seq_in_case
-- stored: step view

with system_agent as (
    select
        case when s.language = 'en' then l.label_en else l.label_pt end as label
    from seeds.fixed_labels as l
    cross join staging.rule_settings as s
    where l.key = 'system_agent'
),

context as (
    select
        p.case_key as case_key,
        p.seq_in_case as seq_in_case,
        p.event_id as event_id,
        i.case_id as case_id,
        p.event_time as event_time,
        p.seq_in_case - p.first_seq_of_second as tie_offset,
        p.event_time < i.created_at as is_before_creation,
        p.activity_code as activity_code,
        coalesce(
            p.status_code,
            try_cast(s.value as integer),
            case when v.status <> 'full' and p.seq_in_case = f.events then i.status_code end
        ) as status_code,
        case
            when
                p.status_code is not null
                and p.source_table <> 'audit'
                and (p.activity_code <> 'case_resolved' or p.related_id is null) then 'implied'
            when p.status_code is not null or s.value is not null then 'audit'
            when v.status <> 'full' and p.seq_in_case = f.events then 'implied'
        end as status_basis,
        o.team_id as team_id,
        o.team_source as team_source,
        m.queue_id as queue_id,
        p.queue_id is not null as is_about_queue,
        case
            when p.external_actor_id is not null then null
            when p.actor_id is not null then p.actor_id
            when a.default_actor is not null or p.kind = 'Synthetic' then null
            when o.owner_type = 'systemuser' then o.owner_id
        end as agent_id,
        case
            when p.external_actor_id is not null or (p.actor_id is null and a.default_actor = 'external') then 'external'
            when p.actor_id is not null then 'recorded'
            when a.default_actor is not null or p.kind = 'Synthetic' then 'default'
            when o.owner_type = 'systemuser' then 'owner_at_event'
        end as actor_basis,
        p.external_actor_id as external_actor_id,
        p.acted_through_id as acted_through_id,
        p.assigned_to_id as assigned_to_id,
        p.assignment_kind as assignment_kind,
        p.sla_kpi as sla_kpi,
        p.kind as kind,
        p.detail_from as detail_from,
        p.detail_to as detail_to,
        p.related_id as related_id,
        p.is_bulk_change as is_bulk_change,
        p.rule as rule,
        p.source_table as source_table,
        p.source_row_id as source_row_id,
        p.source_column as source_column,
        p.evidence_class as evidence_class,
        p.confidence as confidence,
        p.time_lower as time_lower,
        p.time_upper as time_upper,
        case p.activity_code
            when 'case_assigned' then v.owner
            when 'case_escalated' then v.escalation
            when 'case_categorization_changed' then v.category
            when 'case_created' then v.life
            when 'case_deescalated' then v.escalation
            when 'priority_changed' then v.priority
            else v.status
        end as audit_coverage,
        a.label as activity_name
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
)

select
    c.case_key as case_key,                      -- Dense number of the case in this run.
    c.seq_in_case as seq_in_case,                -- 1 to n in the order of the case.
    c.event_id as event_id,                      -- Hash of the evidence: the same in every run.
    c.case_id as case_id,                        -- Case that the event belongs to.
    c.event_time as event_time,                  -- UTC instant at which it happened.
    c.tie_offset as tie_offset,                  -- Place among the events of the same second, from 0.
    c.is_before_creation as is_before_creation,  -- The event is older than its case.
    c.activity_code as activity_code,            -- Language-neutral code of the activity.
    c.status_code as status_code,                -- Status reason in force just after the event.
    c.status_basis as status_basis,              -- audit, or implied by event or present state.
    c.team_id as team_id,                        -- Team that owns the case.
    c.team_source as team_source,                -- owner, last_team, user_map, membership, business_unit.
    c.queue_id as queue_id,                      -- Queue that the case last went into.
    c.is_about_queue as is_about_queue,          -- The event itself concerns that queue.
    c.agent_id as agent_id,                      -- User who acted.
    c.actor_basis as actor_basis,                -- recorded, external, default or owner_at_event.
    c.external_actor_id as external_actor_id,    -- Outside party who did it, in a portal for instance.
    c.acted_through_id as acted_through_id,      -- Account that made the call on behalf of the agent.
    c.assigned_to_id as assigned_to_id,          -- New owner or queue.
    c.assignment_kind as assignment_kind,        -- user, team or queue.
    c.sla_kpi as sla_kpi,                        -- first_response, resolution or other:<name>.
    c.kind as kind,                              -- Finer kind of the event.
    c.detail_from as detail_from,                -- Value before.
    c.detail_to as detail_to,                    -- Value after.
    c.related_id as related_id,                  -- Record that tells the same fact, such as the e-mail.
    c.is_bulk_change as is_bulk_change,          -- Part of a bulk or cascaded change.
    c.rule as rule,                              -- Rule of the reference that made the event.
    c.source_table as source_table,              -- Table of the evidence.
    c.source_row_id as source_row_id,            -- Row of the evidence.
    c.source_column as source_column,            -- Column of the evidence.
    c.evidence_class as evidence_class,          -- explicit, inferred or synthetic.
    c.confidence as confidence,                  -- A (recorded, complete) to D (assumed).
    c.time_lower as time_lower,                  -- Earliest possible moment, where only an interval is known.
    c.time_upper as time_upper,                  -- Latest possible moment, where only an interval is known.
    c.audit_coverage as audit_coverage,          -- Audit of the columns behind it: full, partial, none.
    r.service_request as service_request,        -- Case number, made unique: the case of the log.
    c.activity_name as activity_name,            -- Name of the activity in the language of the log.
    case
        when c.status_code is null then null
        else coalesce(l.label, 'code:' || cast(c.status_code as varchar))
    end as status_reason,                        -- Status reason in words; null where unknown.
    case
        when c.actor_basis = 'external' then k.customer_name
        when c.actor_basis = 'default' or u.is_system then g.label
        when c.agent_id is not null then coalesce(u.full_name, 'user:' || substr(cast(c.agent_id as varchar), 1, 8))
    end as agent_name,                           -- Who performed the event.
    case
        when c.actor_basis = 'external' then 'external'
        when c.actor_basis = 'default' or u.is_system then 'system'
        when u.user_id is not null then 'human'
        else 'unknown'
    end as actor_type,                           -- human, system, external or unknown.
    coalesce(m.team_name, 'team:' || substr(cast(c.team_id as varchar), 1, 8)) as owner_team,  -- Name of the team.
    t.public_number as article_number,           -- Public number of the knowledge article concerned.
    t.usage_code as article_usage_code,          -- 1 reference, 2 solution, 3 source.
    t.is_sent_to_customer as is_article_sent     -- The article was sent to the customer.
from context as c
inner join staging.service_request as r
    on c.case_key = r.case_key
cross join system_agent as g
left join staging.option_label as l
    on
        l.table_name = 'incident'
        and l.column_name = 'statuscode'
        and c.status_code = l.code
left join staging.systemuser as u
    on c.agent_id = u.user_id
left join staging.customer as k
    on
        k.customer_type = 'contact'
        and c.external_actor_id = k.customer_id
left join staging.team as m
    on c.team_id = m.team_id
left join staging.knowledge_link as t
    on
        c.activity_code in ('agent_investigated_issue', 'solution_proposed_to_customer')
        and coalesce(c.related_id, c.source_row_id) = t.link_id
