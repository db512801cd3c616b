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
    union all
    select
        r.case_id as case_id,
        r.reactivated_at as opened_at
    from staging.case_reactivation as r
),

opened_second as (
    select
        o.case_id as case_id,
        o.opened_at as opened_at,
        count(*) as openings
    from opening as o
    group by o.case_id, o.opened_at
),

span as (
    select
        o.case_id as case_id,
        o.opened_at as opened_at,
        o.openings as openings,
        cast(row_number() over (partition by o.case_id order by o.opened_at) as integer) as episode_no,
        lead(o.opened_at) over (partition by o.case_id order by o.opened_at) as next_opened_at
    from opened_second as o
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

paired as (
    select
        s.case_id as case_id,
        s.episode_no as episode_no,
        s.opened_at as opened_at,
        s.openings as openings,
        s.next_opened_at as next_opened_at,
        e.ended_at as ended_at,
        e.is_resolution as is_resolution,
        count(*) filter (where e.ended_at = s.opened_at) over (partition by s.case_id, s.episode_no) as endings
    from span as s
    left join ending as e
        on
            s.case_id = e.case_id
            and e.ended_at >= s.opened_at
            and (s.next_opened_at is null or e.ended_at <= s.next_opened_at)
),

matched as (
    select
        p.case_id as case_id,
        p.episode_no as episode_no,
        p.opened_at as opened_at,
        p.openings as openings,
        p.next_opened_at as next_opened_at,
        p.ended_at as ended_at,
        p.is_resolution as is_resolution,
        p.endings as endings,
        bool_or(
            p.ended_at < p.next_opened_at
            and (p.ended_at > p.opened_at or p.episode_no = 1 or p.endings > p.openings)
        ) over (partition by p.case_id, p.episode_no) as has_ended_before
    from paired as p
),

owned as (
    -- Endings and reactivations of one second take turns. The first ending came before the reactivation, unless the
    -- case had ended already; what is more than these ended the case again.
    select
        m.case_id as case_id,
        m.episode_no as episode_no,
        m.opened_at as opened_at,
        m.next_opened_at as next_opened_at,
        m.ended_at as ended_at,
        m.is_resolution as is_resolution,
        (
            m.ended_at > m.opened_at
            or m.episode_no = 1
            or m.endings >= m.openings + case when p.has_ended_before then 0 else 1 end
        )
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
