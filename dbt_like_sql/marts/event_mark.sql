-- Events that are less than the work they look like: articles linked as a record of what was solved, and resolutions
-- that a parent case brought along. One row per marked event.
--
-- rule: knowledge capture, cascades (reference: event-log-semantics 3.7, 4.9)
-- unique: case_key, seq_in_case
-- stored: step

with resolution as (
    select
        p.case_key as case_key,
        p.seq_in_case as seq_in_case,
        p.event_time as event_time,
        p.actor_id as actor_id
    from marts.event_position as p
    where p.activity_code = 'case_resolved'
),

mark as (
    select
        p.case_key as case_key,
        p.seq_in_case as seq_in_case,
        true as is_capture,
        false as is_cascaded
    from marts.event_position as p
    cross join staging.rule_settings as s
    inner join resolution as r
        on
            p.case_key = r.case_key
            and epoch_us(r.event_time) - epoch_us(p.event_time) between 0 and s.knowledge_capture_seconds * 1000000
    where p.activity_code = 'agent_investigated_issue'
    union all
    select
        r.case_key as case_key,
        r.seq_in_case as seq_in_case,
        false as is_capture,
        true as is_cascaded
    from staging.incident as c
    cross join staging.rule_settings as s
    inner join staging.incident as p
        on c.parent_case_id = p.case_id
    inner join resolution as r
        on c.case_key = r.case_key
    inner join resolution as f
        on
            p.case_key = f.case_key
            -- No plain comparison: that would be joined first, everybody's resolutions with each other.
            and coalesce(r.actor_id = f.actor_id, false)
            and epoch_us(r.event_time) - epoch_us(f.event_time) between 0 and s.cascade_seconds * 1000000
)

select
    m.case_key as case_key,                   -- Dense number of the case in this run.
    m.seq_in_case as seq_in_case,             -- Place of the event in the case.
    bool_or(m.is_capture) as is_capture,      -- The article documents the solution rather than helps to find it.
    bool_or(m.is_cascaded) as is_cascaded     -- The resolution of the parent case resolved this one.
from mark as m
group by m.case_key, m.seq_in_case
