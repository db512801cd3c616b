-- Stretches after a resolution in which a case may have come back unseen. One row per stretch.
--
-- A stretch lies between two resolutions, so that the case must have come back in it, or after the last one. It has no
-- audited reactivation, and the audit could not have told all of it.
--
-- rule: RE3 to RE6 (reference: event-log-semantics 3.8)
-- unique: resolution_id

with uncovered as (
    select distinct
        b.case_id as case_id
    from staging.audit_blind_spot as b
    where b.column_name = 'statecode'
),

stretch as (
    select
        r.case_id as case_id,
        r.source_row_id as resolution_id,
        r.resolved_at as resolved_at,
        lead(r.source_row_id) over history as next_resolution_id,
        lead(r.source_table) over history as next_source_table,
        lead(r.resolved_at) over history as next_resolved_at
    from staging.case_resolution as r
    inner join uncovered as u
        on r.case_id = u.case_id
    where r.rule in ('R1', 'R2')
    window history as (partition by r.case_id order by r.resolved_at, r.source_row_id)
),

untold as (
    select
        s.case_id as case_id,
        s.resolution_id as resolution_id,
        s.resolved_at as resolved_at,
        s.next_resolution_id as next_resolution_id,
        s.next_source_table as next_source_table,
        s.next_resolved_at as next_resolved_at
    from stretch as s
    left join staging.state_change as c
        on
            s.case_id = c.case_id
            and c.old_state in (1, 2)
            and c.new_state = 0
            and c.changed_at >= s.resolved_at
            and (s.next_resolved_at is null or c.changed_at <= s.next_resolved_at)
    where c.audit_id is null
)

select
    s.case_id as case_id,
    s.resolution_id as resolution_id,
    s.resolved_at as resolved_at,
    s.next_resolution_id as next_resolution_id,
    s.next_source_table as next_source_table,
    s.next_resolved_at as next_resolved_at,
    greatest(s.resolved_at, min(b.blind_from)) as earliest_at,
    case
        when bool_or(b.blind_until is null) then s.next_resolved_at
        else least(s.next_resolved_at, max(b.blind_until))
    end as latest_at                                        -- Null: open until the as-of instant.
from untold as s
inner join staging.audit_blind_spot as b
    on
        b.column_name = 'statecode'
        and s.case_id = b.case_id
        and (s.next_resolved_at is null or s.next_resolved_at > b.blind_from)
        and (b.blind_until is null or s.resolved_at < b.blind_until)
group by
    s.case_id,
    s.resolution_id,
    s.resolved_at,
    s.next_resolution_id,
    s.next_source_table,
    s.next_resolved_at
