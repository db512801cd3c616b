-- Stretches in which a case was open: from creation or reactivation to the next resolution or closing.
--
-- A case that is closed after its resolution was not open in between: what is sent then belongs to no episode.
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
),

matched as (
    select
        s.case_id as case_id,
        s.episode_no as episode_no,
        s.opened_at as opened_at,
        s.next_opened_at as next_opened_at,
        e.ended_at as ended_at,
        e.is_resolution as is_resolution,
        bool_or(e.ended_at < s.next_opened_at and (e.ended_at > s.opened_at or s.episode_no = 1))
            over (partition by s.case_id, s.episode_no) as has_ended_before
    from span as s
    left join ending as e
        on
            s.case_id = e.case_id
            and e.ended_at >= s.opened_at
            and (s.next_opened_at is null or e.ended_at <= s.next_opened_at)
),

owned as (
    -- An ending in the second of a reactivation came before it, unless the case had ended already.
    select
        m.case_id as case_id,
        m.episode_no as episode_no,
        m.opened_at as opened_at,
        m.next_opened_at as next_opened_at,
        m.ended_at as ended_at,
        m.is_resolution as is_resolution,
        (m.ended_at > m.opened_at or m.episode_no = 1 or p.has_ended_before)
        and (m.next_opened_at is null or m.ended_at < m.next_opened_at or not m.has_ended_before) as is_own
    from matched as m
    left join matched as p
        on
            m.case_id = p.case_id
            and m.episode_no = p.episode_no + 1
)

select
    o.case_id as case_id,
    o.episode_no as episode_no,
    o.opened_at as opened_at,
    o.next_opened_at as next_opened_at,
    coalesce(
        max(case when o.is_own and o.is_resolution then o.ended_at end),
        max(case when o.is_own then o.ended_at end)
    ) as ended_at,                              -- The last resolution before the case was opened again, else closing.
    coalesce(bool_or(o.is_own and o.is_resolution), false) as is_resolved
from owned as o
group by o.case_id, o.episode_no, o.opened_at, o.next_opened_at
