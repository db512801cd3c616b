-- What was in force at each event, still in ids and codes: status reason, owner team, queue, who acted. One row per event.
--
-- Nobody recorded as the actor: a machine where the activity is always a machine's, else the owner at that moment where
-- the history proves one, never the present owner.
--
-- rule: status reason, agent, owner team at event time (reference: event-log-semantics 2.8, 2.9, 2.15)
-- unique: event_id

with extent as (
    select
        p.case_key as case_key,
        max(p.seq_in_case) as last_seq
    from marts.event_position as p
    group by p.case_key
)

select
    e.event_id as event_id,                             -- Event.
    p.seq_in_case as seq_in_case,                       -- 1 to n in the order of the case.
    p.tie_offset as tie_offset,                         -- Place among the events of the same second, from 0.
    coalesce(
        e.status_code,
        try_cast(s.value as integer),
        case when v.status = 'none' and p.seq_in_case = x.last_seq then i.status_code end
    ) as status_code,                                   -- Status reason in force just after the event.
    case
        when e.status_code is not null and e.source_table <> 'audit' and e.related_id is null then 'implied'
        when e.status_code is not null or s.value is not null then 'audit'
        when v.status = 'none' and p.seq_in_case = x.last_seq then 'implied'
    end as status_basis,                                -- audit, or implied by the event or by the present state of the case.
    o.team_id as team_id,                               -- Team that owns the case.
    o.team_source as team_source,                       -- owner, last_team or user_map.
    coalesce(e.queue_id, c.queue_id) as queue_id,       -- Queue that the case last went into.
    case
        when e.external_actor_id is not null then null
        when e.actor_id is not null then e.actor_id
        when a.default_actor is not null then null
        when o.owner_type = 'systemuser' then o.owner_id
    end as agent_id,                                    -- User who acted.
    case
        when e.external_actor_id is not null then 'external'
        when e.actor_id is not null then 'recorded'
        when a.default_actor is not null then 'default'
        when o.owner_type = 'systemuser' then 'owner_at_event'
    end as actor_basis,                                 -- recorded, external, default or owner_at_event.
    case
        when e.activity_code = 'agent_investigated_issue' then e.source_row_id
        when e.activity_code = 'solution_proposed_to_customer' then e.related_id
    end as link_id,                                     -- Link to a knowledge article that the event is about.
    case when e.activity_code = 'sla_timer_started' then e.source_row_id end as kpi_instance_id,  -- Clock that started.
    case when e.activity_code = 'case_resolved' then e.source_row_id end as resolution_id,  -- Resolution row.
    e.event_time < i.created_at as is_before_creation   -- The event is older than its case.
from marts.activity_event as e
inner join marts.event_position as p
    on e.event_id = p.event_id
inner join marts.event_context as c
    on e.event_id = c.event_id
inner join extent as x
    on e.case_key = x.case_key
inner join staging.incident as i
    on e.case_key = i.case_key
inner join staging.audit_coverage as v
    on e.case_key = v.case_key
inner join staging.activity as a
    on e.activity_code = a.activity_code
left join staging.case_timeline as s
    on
        e.case_key = s.case_key
        and s.column_name = 'statuscode'
        and c.status_no = s.value_no
left join staging.owner_period as o
    on
        e.case_key = o.case_key
        and c.owner_no = o.owner_no
