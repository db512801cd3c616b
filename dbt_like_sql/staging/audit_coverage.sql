-- How far absence of audit rows proves anything: full, partial or none per case and group of columns. One row per case.
--
-- full: born under audit, never interrupted, values chain. partial: some rows, gaps possible. none: not audited.
--
-- rule: coverage (reference: event-log-semantics 1.3)
-- unique: case_id

with audited as (
    select
        bool_and(k.is_audited) filter (where k.column_name = 'ownerid') as owner,
        bool_and(k.is_audited) filter (where k.column_name in ('statecode', 'statuscode')) as status,
        bool_and(k.is_audited) filter (where k.column_name = 'isescalated') as escalation,
        bool_and(k.is_audited) filter (where k.column_name = 'prioritycode') as priority,
        bool_and(k.is_audited) filter (where k.column_name = 'caseorigincode') as origin,
        coalesce(bool_and(k.is_audited) filter (where k.is_category), false) as category
    from staging.audit_column as k
    where k.table_name = 'incident'
),

blind_birth as (
    -- Born while auditing was off: its creation has no row, and the first row it has is the first that is known.
    select
        i.case_key as case_key,
        true as is_blind
    from staging.incident as i
    cross join staging.audit_interruption as x
    left join staging.case_history as h
        on i.case_key = h.case_key
    where
        x.first_off_at <= i.created_at
        and (x.resumed_at is null or x.resumed_at > i.created_at)
        and not coalesce(h.has_creation, false)
),

life as (
    select
        i.case_key as case_key,
        i.case_id as case_id,
        case
            when s.coverage_start is null then 'none'
            when
                (h.has_creation or i.created_at >= s.coverage_start)
                and (x.last_off_at is null or x.last_off_at < i.created_at)
                and not coalesce(b.is_blind, false)
                and u.case_id is null then 'full'
            else 'partial'
        end as coverage,
        case
            when h.has_creation then i.created_at
            when b.is_blind then h.first_changed_at
            when s.coverage_start is not null then greatest(i.created_at, s.coverage_start)
        end as known_from
    from staging.incident as i
    cross join staging.audit_interruption as x
    left join staging.audit_start as s
        on s.table_name = 'incident'
    left join staging.case_history as h
        on i.case_key = h.case_key
    left join blind_birth as b
        on i.case_key = b.case_key
    left join staging.unreadable_audit as u
        on i.case_id = u.case_id
)

select
    l.case_key as case_key,
    l.case_id as case_id,
    l.coverage as life,
    l.known_from as known_from,     -- Before this instant nothing is known about the audited columns; null: ever.
    case
        when not a.owner and coalesce(h.owner_rows, 0) = 0 then 'none'
        when h.is_owner_broken or not a.owner then 'partial'
        else l.coverage
    end as owner,
    case
        when not a.status and coalesce(h.status_rows, 0) = 0 then 'none'
        when h.is_status_broken or not a.status then 'partial'
        else l.coverage
    end as status,
    case
        when not a.escalation and coalesce(h.escalation_rows, 0) = 0 then 'none'
        when h.is_escalation_broken or not a.escalation then 'partial'
        else l.coverage
    end as escalation,
    case
        when not a.priority and coalesce(h.priority_rows, 0) = 0 then 'none'
        when h.is_priority_broken or not a.priority then 'partial'
        else l.coverage
    end as priority,
    case
        when not a.category and coalesce(h.category_rows, 0) = 0 then 'none'
        when h.is_category_broken or not a.category then 'partial'
        else l.coverage
    end as category,
    case
        when not a.origin and coalesce(h.origin_rows, 0) = 0 then 'none'
        when not a.origin then 'partial'
        else l.coverage
    end as origin
from life as l
cross join audited as a
left join staging.case_history as h
    on l.case_key = h.case_key
