-- The one place where changedata is opened: one row per audited operation and column that the rules read.
--
-- Lenient on purpose: unreadable documents give no rows, missing keys give nulls. Rows whose old and new value are
-- equal are not changes; a code whose label alone was renamed is equal.
--
-- rule: audit (reference: dataverse-tables 8.2, engine 3)
-- unique: audit_id, column_name
-- stored: step

with document as (
    -- Ids become small before the columns of a row are laid out one below the other.
    select
        try_cast(a.auditid as uuid) as audit_id,
        a.createdon as changed_at,
        case a.operation when 1 then 'create' when 3 then 'delete' else 'update' end as operation,
        a.action as action,
        a.objecttypecode as table_name,
        try_cast(a._objectid_value as uuid) as record_id,
        try_cast(a._userid_value as uuid) as actor_id,
        a._userid_type as actor_type,
        try_cast(a._callinguserid_value as uuid) as acted_through_id,
        try_cast(
            try_cast(a.changedata as json)
            as struct(changedAttributes struct(logicalName varchar, oldValue varchar, newValue varchar)[])
        ).changedAttributes as changes
    from raw.audit as a
    where
        a.operation in (1, 2, 3, 5)
        and a.objecttypecode in ('incident', 'queueitem')
),

entry as (
    select
        d.audit_id as audit_id,
        d.changed_at as changed_at,
        d.operation as operation,
        d.action as action,
        d.table_name as table_name,
        d.record_id as record_id,
        d.actor_id as actor_id,
        d.actor_type as actor_type,
        d.acted_through_id as acted_through_id,
        unnest(d.changes) as change
    from document as d
),

change as (
    select
        e.audit_id as audit_id,
        e.changed_at as changed_at,
        e.operation as operation,
        e.action as action,
        e.table_name as table_name,
        e.record_id as record_id,
        e.actor_id as actor_id,
        e.actor_type as actor_type,
        e.acted_through_id as acted_through_id,
        k.column_name as column_name,
        k.value_form as value_form,
        nullif(e.change.oldValue, '') as old_text,
        nullif(e.change.newValue, '') as new_text
    from entry as e
    inner join staging.audit_column as k
        on
            e.table_name = k.table_name
            -- A row whose ids nobody can read has no column. As a condition of its own this would cast every id twice.
            and case when e.audit_id is not null and e.record_id is not null then e.change.logicalName end
            = k.column_name
    where
        e.change.oldValue is distinct from e.change.newValue
        -- Also equal: no text and an empty one, upper and lower case, a code whose label was renamed.
        and case
            when k.value_form = 'option' then split_part(coalesce(e.change.oldValue, ''), ':', 1)
            else lower(coalesce(e.change.oldValue, ''))
        end <> case
            when k.value_form = 'option' then split_part(coalesce(e.change.newValue, ''), ':', 1)
            else lower(coalesce(e.change.newValue, ''))
        end
),

value as (
    select
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.operation as operation,
        c.action as action,
        c.table_name as table_name,
        c.record_id as record_id,
        c.actor_id as actor_id,
        c.actor_type as actor_type,
        c.acted_through_id as acted_through_id,
        c.column_name as column_name,
        case when c.value_form = 'lookup' and contains(c.old_text, ',') then split_part(c.old_text, ',', 1) end
            as old_type,
        case
            when c.value_form = 'lookup' and contains(c.old_text, ',') then lower(split_part(c.old_text, ',', 2))
            when c.value_form = 'option' then split_part(c.old_text, ':', 1)
            else lower(c.old_text)
        end as old_value,
        case when c.value_form = 'lookup' and contains(c.new_text, ',') then split_part(c.new_text, ',', 1) end
            as new_type,
        case
            when c.value_form = 'lookup' and contains(c.new_text, ',') then lower(split_part(c.new_text, ',', 2))
            when c.value_form = 'option' then split_part(c.new_text, ':', 1)
            else lower(c.new_text)
        end as new_value
    from change as c
)

select
    v.audit_id as audit_id,
    v.changed_at as changed_at,
    v.operation as operation,
    v.action as action,
    v.table_name as table_name,
    v.record_id as record_id,
    case when coalesce(v.actor_type, 'systemuser') <> 'externalparty' then v.actor_id end as actor_id,
    case when v.actor_type = 'externalparty' then v.actor_id end as external_actor_id,
    v.acted_through_id as acted_through_id,
    v.column_name as column_name,
    v.old_type as old_type,
    v.old_value as old_value,
    v.new_type as new_type,
    v.new_value as new_value
from value as v
