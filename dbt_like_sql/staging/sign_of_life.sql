-- The first thing that happened to a case between two resolutions of it. One row per stretch in which anything did.
--
-- Somebody's e-mail counts, an automatic one does not: surveys and acknowledgements go out for resolved cases as well.
--
-- rule: RE4 (reference: event-log-semantics 3.8)
-- unique: resolution_id

with sign as (
    select
        k.case_id as case_id,
        k.created_at as seen_at,
        'slakpiinstance' as source_table,
        k.kpi_instance_id as source_row_id,
        'createdon' as source_column
    from staging.slakpiinstance as k
    union all
    select
        q.case_id as case_id,
        q.entered_at as seen_at,
        q.source_table as source_table,
        q.source_row_id as source_row_id,
        case q.source_table when 'queueitem' then 'enteredon' else q.source_column end as source_column
    from staging.queue_entry as q
    union all
    select
        m.case_id as case_id,
        m.sent_at as seen_at,
        'email' as source_table,
        m.email_id as source_row_id,
        'senton' as source_column
    from staging.email as m
    left join staging.systemuser as u
        on m.created_by_id = u.user_id
    where
        m.is_outgoing
        and m.status_code = 3
        and not m.is_made_by_workflow
        and not coalesce(u.is_system, false)
        and m.known_meaning is null
    union all
    -- The platform writes a post for the resolution itself as well, a moment after it.
    select
        cast(p._regardingobjectid_value as uuid) as case_id,
        p.createdon as seen_at,
        'post' as source_table,
        cast(p.postid as uuid) as source_row_id,
        'createdon' as source_column
    from raw.post as p
    where
        p._regardingobjectid_type = 'incident'
        and p.source = 1
        and p._deleted_at is null
)

select
    g.resolution_id as resolution_id,
    s.seen_at as seen_at,
    s.source_table as source_table,
    s.source_row_id as source_row_id,
    s.source_column as source_column
from staging.resolution_gap as g
cross join staging.rule_settings as r
inner join sign as s
    on
        g.case_id = s.case_id
        and g.resolved_at < s.seen_at
        and g.earliest_at <= s.seen_at
        and g.latest_at > s.seen_at
where
    g.next_resolved_at is not null
    and (
        s.source_table <> 'post'
        or least(
            epoch_us(s.seen_at) - epoch_us(g.resolved_at), epoch_us(g.next_resolved_at) - epoch_us(s.seen_at)
        ) > r.resolution_match_seconds * 1000000
    )
qualify
    row_number() over (partition by g.resolution_id order by s.seen_at, s.source_table, s.source_row_id) = 1
