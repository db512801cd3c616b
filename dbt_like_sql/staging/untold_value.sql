-- Present state and status reason of cases where no audit row says how they came about. One row per case and column.
--
-- rule: fall-backs on the present state (reference: event-log-semantics 3.3, 3.10)
-- unique: case_id, column_name

with spot as (
    select
        b.case_id as case_id,
        b.column_name as column_name,
        case when not bool_or(b.blind_until is null) then max(b.blind_until) end as blind_until
    from staging.audit_blind_spot as b
    where b.column_name in ('statecode', 'statuscode')
    group by b.case_id, b.column_name
),

told as (
    select
        c.case_id as case_id,
        c.column_name as column_name,
        try_cast(c.new_value as integer) as value
    from staging.case_change as c
    inner join spot as s
        on
            c.case_id = s.case_id
            and c.column_name = s.column_name
    qualify row_number() over (partition by c.case_id, c.column_name order by c.change_no desc) = 1
),

present as (
    select
        s.case_id as case_id,
        s.column_name as column_name,
        case s.column_name when 'statecode' then i.state_code else i.status_code end as value,
        i.modified_at as modified_at,
        -- A change after the audit was read says nothing about the audit.
        case when i.modified_at <= coalesce(a.read_until, i.modified_at) then s.blind_until end as blind_until
    from spot as s
    inner join staging.incident as i
        on s.case_id = i.case_id
    left join staging.audit_start as a
        on a.table_name = 'incident'
)

select
    p.case_id as case_id,
    p.column_name as column_name,
    p.value as value,
    -- The last touch of any kind, or the end of the last stretch without audit: the latest it can have happened.
    least(p.modified_at, p.blind_until) as changed_before,
    p.modified_at as modified_at
from present as p
left join told as t
    on
        p.case_id = t.case_id
        and p.column_name = t.column_name
where p.value is distinct from t.value
