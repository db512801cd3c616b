-- Stretches of a case's life in which a column could change without an audit row. One row per stretch.
--
-- Fall-backs speak only here: elsewhere the audit would have told. A case that is wholly covered has no stretch;
-- stretches of one column may overlap. Each begins with blind_from and ends before blind_until, or never.
--
-- rule: absence needs coverage (reference: event-log-semantics 1.3)

with tracked as (
    select
        k.column_name as column_name,
        k.is_audited as is_audited
    from staging.audit_column as k
    where
        k.table_name = 'incident'
        and k.column_name in ('ownerid', 'statecode', 'statuscode', 'isescalated')
),

uncovered as (
    select
        v.case_key as case_key,
        v.case_id as case_id,
        v.life as life,
        v.known_from as known_from,
        t.column_name as column_name,
        t.is_audited as is_audited
    from staging.audit_coverage as v
    cross join tracked as t
    where
        case t.column_name
            when 'ownerid' then v.owner
            when 'isescalated' then v.escalation
            else v.status
        end <> 'full'
),

life as (
    select
        u.case_key as case_key,
        u.case_id as case_id,
        u.life as life,
        u.known_from as known_from,
        u.column_name as column_name,
        u.is_audited as is_audited,
        i.created_at as created_at
    from uncovered as u
    inner join staging.incident as i
        on u.case_key = i.case_key
),

change as (
    select
        l.case_id as case_id,
        l.column_name as column_name,
        c.changed_at as changed_at,
        c.is_before_gap as is_before_gap,
        lead(c.changed_at) over (partition by c.case_key, c.column_name order by c.change_no) as next_changed_at
    from life as l
    inner join staging.case_change as c
        on
            l.case_key = c.case_key
            and l.column_name = c.column_name
),

last_change as (
    select
        c.case_id as case_id,
        c.column_name as column_name,
        max(c.changed_at) as changed_at
    from change as c
    group by c.case_id, c.column_name
)

-- Never audited, born before auditing began, or while it was off.
select
    l.case_id as case_id,
    l.column_name as column_name,
    l.created_at as blind_from,
    l.known_from as blind_until
from life as l
where
    l.known_from is null
    or l.known_from > l.created_at
union all
-- Auditing was switched off for a while.
select
    l.case_id as case_id,
    l.column_name as column_name,
    x.first_off_at as blind_from,
    x.resumed_at as blind_until
from life as l
cross join staging.audit_interruption as x
where
    l.life = 'partial'
    and x.first_off_at is not null
union all
-- Values that do not chain: rows between the two are missing.
select
    c.case_id as case_id,
    c.column_name as column_name,
    c.changed_at as blind_from,
    c.next_changed_at as blind_until
from change as c
where c.is_before_gap
union all
-- The column is not audited, or no longer.
select
    l.case_id as case_id,
    l.column_name as column_name,
    coalesce(c.changed_at, l.created_at) as blind_from,
    cast(null as timestamptz) as blind_until
from life as l
left join last_change as c
    on
        l.case_id = c.case_id
        and l.column_name = c.column_name
where not l.is_audited
