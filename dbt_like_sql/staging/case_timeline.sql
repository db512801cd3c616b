-- Which status reason and which owner a case had, and from when on. One row per case, column and value.
--
-- A value is null where rows are missing: nothing is carried across a gap, and nothing backwards before auditing began.
--
-- rule: values at a past moment (reference: event-log-semantics 1.3)
-- unique: case_key, column_name, value_no

with entry as (
    select
        c.case_key as case_key,
        c.column_name as column_name,
        2 * c.change_no as value_no,
        c.changed_at as valid_from,
        c.audit_id as audit_id,
        c.new_value as value,
        c.new_type as value_type,
        c.old_value as previous_value,
        c.old_type as previous_type
    from staging.case_change as c
    where c.column_name in ('ownerid', 'statuscode')
    union all
    -- Before a gap a change holds in its own second, and nobody knows for how long after it.
    select
        c.case_key as case_key,
        c.column_name as column_name,
        2 * c.change_no + 1 as value_no,
        c.changed_at + interval 1 second as valid_from,
        cast(null as uuid) as audit_id,
        cast(null as varchar) as value,
        cast(null as varchar) as value_type,
        cast(null as varchar) as previous_value,
        cast(null as varchar) as previous_type
    from staging.case_change as c
    where
        c.column_name in ('ownerid', 'statuscode')
        and c.is_before_gap
        and c.is_last_of_second
    union all
    -- Before the first change its old value was in force, since the case was born or auditing began.
    select
        c.case_key as case_key,
        c.column_name as column_name,
        0 as value_no,
        v.known_from as valid_from,
        cast(null as uuid) as audit_id,
        c.old_value as value,
        c.old_type as value_type,
        cast(null as varchar) as previous_value,
        cast(null as varchar) as previous_type
    from staging.case_change as c
    inner join staging.audit_coverage as v
        on c.case_key = v.case_key
    where
        c.column_name in ('ownerid', 'statuscode')
        and c.change_no = 1
        and not c.is_creation
    union all
    -- Never changed although every change would have been seen: the present value was always in force.
    select
        i.case_key as case_key,
        'ownerid' as column_name,
        0 as value_no,
        i.created_at as valid_from,
        cast(null as uuid) as audit_id,
        cast(i.owner_id as varchar) as value,
        i.owner_type as value_type,
        cast(null as varchar) as previous_value,
        cast(null as varchar) as previous_type
    from staging.incident as i
    inner join staging.audit_coverage as v
        on i.case_key = v.case_key
    left join staging.case_history as h
        on i.case_key = h.case_key
    where
        v.owner = 'full'
        and coalesce(h.owner_rows, 0) = 0
    union all
    select
        i.case_key as case_key,
        'statuscode' as column_name,
        0 as value_no,
        i.created_at as valid_from,
        cast(null as uuid) as audit_id,
        cast(i.status_code as varchar) as value,
        cast(null as varchar) as value_type,
        cast(null as varchar) as previous_value,
        cast(null as varchar) as previous_type
    from staging.incident as i
    inner join staging.audit_coverage as v
        on i.case_key = v.case_key
    left join staging.case_history as h
        on i.case_key = h.case_key
    where
        v.status = 'full'
        and coalesce(h.status_rows, 0) = 0
)

select
    e.case_key as case_key,
    e.column_name as column_name,
    e.value_no as value_no,
    e.valid_from as valid_from,
    e.audit_id as audit_id,
    e.value as value,
    e.value_type as value_type,
    e.previous_value as previous_value,
    e.previous_type as previous_type
from entry as e
