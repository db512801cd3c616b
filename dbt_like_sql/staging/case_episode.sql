-- Stretches in which a case was open: from creation or reactivation to the next resolution or closing.
--
-- rule: episodes (reference: event-log-semantics 3.15)
-- unique: case_id, episode_no

with opening as (
    select
        i.case_id as case_id,
        i.created_at as opened_at
    from staging.incident as i
    union
    select
        r.case_id as case_id,
        r.reactivated_at as opened_at
    from staging.case_reactivation as r
),

span as (
    select
        o.case_id as case_id,
        o.opened_at as opened_at,
        cast(row_number() over (partition by o.case_id order by o.opened_at) as integer) as episode_no,
        lead(o.opened_at) over (partition by o.case_id order by o.opened_at) as next_opened_at
    from opening as o
),

ending as (
    select
        r.case_id as case_id,
        r.resolved_at as ended_at,
        true as is_resolution
    from staging.case_resolution as r
    union all
    select
        c.case_id as case_id,
        c.closed_at as ended_at,
        false as is_resolution
    from staging.case_closing as c
)

select
    s.case_id as case_id,
    s.episode_no as episode_no,
    s.opened_at as opened_at,
    s.next_opened_at as next_opened_at,
    max(e.ended_at) as ended_at,                -- The last resolution or closing before the case was opened again.
    coalesce(bool_or(e.is_resolution), false) as is_resolved
from span as s
left join ending as e
    on
        s.case_id = e.case_id
        and e.ended_at >= s.opened_at
        and (s.next_opened_at is null or e.ended_at <= s.next_opened_at)
group by s.case_id, s.episode_no, s.opened_at, s.next_opened_at
