-- The audited history of a case, column by column and in order: each value, and whether rows are missing after it.
--
-- A gap is a new value that is not the next row's old value, or a last value that is not the case's present one.
--
-- rule: values at a past moment, chain test (reference: event-log-semantics 1.3)
-- unique: audit_id, column_name
-- stored: step

with ordered as (
    select
        i.case_key as case_key,
        i.case_id as case_id,
        i.modified_at as case_modified_at,
        c.column_name as column_name,
        cast(row_number() over history as integer) as change_no,
        c.audit_id as audit_id,
        -- An imported case has its historical creation date; its first values hold from then on.
        case when c.operation = 'create' then i.created_at else c.changed_at end as changed_at,
        c.operation = 'create' as is_creation,
        c.action as action,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.old_type as old_type,
        c.old_value as old_value,
        c.new_type as new_type,
        c.new_value as new_value,
        lead(c.old_value) over history as next_old_value,
        lead(c.audit_id) over history is null as is_last,
        lead(c.changed_at) over history is distinct from c.changed_at as is_last_of_second
    from staging.audit_change as c
    inner join staging.incident as i
        on c.record_id = i.case_id
    left join staging.change_tie as t
        on
            c.audit_id = t.audit_id
            and c.column_name = t.column_name
    where
        c.table_name = 'incident'
        and c.operation <> 'delete'
    window history as (
        partition by i.case_key, c.column_name
        order by c.operation = 'update', c.changed_at, coalesce(t.tie_position, 0), c.audit_id
    )
)

select
    o.case_key as case_key,
    o.case_id as case_id,
    o.column_name as column_name,
    o.change_no as change_no,
    o.audit_id as audit_id,
    o.changed_at as changed_at,
    o.is_creation as is_creation,
    o.action as action,
    o.actor_id as actor_id,
    o.external_actor_id as external_actor_id,
    o.acted_through_id as acted_through_id,
    o.old_type as old_type,
    o.old_value as old_value,
    o.new_type as new_type,
    o.new_value as new_value,
    o.is_last_of_second as is_last_of_second,
    case
        when not o.is_last then o.new_value is distinct from o.next_old_value
        when p.column_name is null then false               -- A column that the case's row does not show us.
        when o.case_modified_at > s.read_until then false   -- The case changed after its audit had been read.
        else o.new_value is distinct from p.value
    end as is_before_gap
from ordered as o
inner join staging.audit_start as s
    on s.table_name = 'incident'
left join staging.present_value as p
    on
        o.is_last
        and o.case_key = p.case_key
        and o.column_name = p.column_name
