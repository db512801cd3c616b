-- What was in force at each event, in ids and codes: status reason, owner team, queue, who acted. One row per event.
--
-- Nobody recorded as the actor: a machine where the activity is always a machine's, else the owner at that moment where
-- the history proves one, never the present owner.
--
-- rule: status reason, agent, owner team at event time (reference: event-log-semantics 2.8, 2.9, 2.15)
-- unique: case_key, seq_in_case

with extent as (
    select
        p.case_key as case_key,
        max(p.seq_in_case) as last_seq
    from marts.event_position as p
    group by p.case_key
)

select
    p.case_key as case_key,                            -- Dense number of the case in this run.
    p.seq_in_case as seq_in_case,                      -- 1 to n in the order of the case.
    m.tie_offset as tie_offset,                        -- Place among the events of the same second, from 0.
    coalesce(
        p.status_code,
        try_cast(s.value as integer),
        case when v.status <> 'full' and p.seq_in_case = x.last_seq then i.status_code end
    ) as status_code,                                  -- Status reason in force just after the event.
    case
        when p.status_code is not null and p.audit_id is null then 'implied'
        when p.status_code is not null or s.value is not null then 'audit'
        when v.status <> 'full' and p.seq_in_case = x.last_seq then 'implied'
    end as status_basis,                               -- audit, or implied by event or present state.
    o.team_id as team_id,                              -- Team that owns the case.
    o.team_source as team_source,                      -- owner, last_team or user_map.
    q.queue_id as queue_id,                            -- Queue that the case last went into.
    case
        when p.is_external then null
        when p.actor_id is not null then p.actor_id
        when a.default_actor is not null or p.kind = 'Synthetic' then null
        when o.owner_type = 'systemuser' then o.owner_id
    end as agent_id,                                   -- User who acted.
    case
        when p.is_external then 'external'
        when p.actor_id is not null then 'recorded'
        when a.default_actor is not null or p.kind = 'Synthetic' then 'default'
        when o.owner_type = 'systemuser' then 'owner_at_event'
    end as actor_basis,                                -- recorded, external, default or owner_at_event.
    p.event_time < i.created_at as is_before_creation  -- The event is older than its case.
from marts.event_position as p
inner join marts.event_moment as m
    on
        p.case_key = m.case_key
        and p.seq_in_case = m.seq_in_case
inner join extent as x
    on p.case_key = x.case_key
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
left join marts.event_position as q
    on
        p.case_key = q.case_key
        and m.queue_seq = q.seq_in_case
