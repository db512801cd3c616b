-- The one place where changedata is opened: one row per audited operation and column that the rules read.
--
-- Lenient on purpose: unreadable documents give no rows, missing keys give nulls. Rows whose old and new value are
-- equal are not changes; a code whose label alone was renamed is equal.
--
-- rule: audit (reference: dataverse-tables 8.2, engine 3)
-- unique: audit_id, column_name

with document as (
    select
        a.auditid as audit_id,
        a.createdon as changed_at,
        case a.operation when 1 then 'create' when 3 then 'delete' else 'update' end as operation,
        a.action as action,
        a.objecttypecode as table_name,
        a._objectid_value as record_id,
        a._userid_value as actor_id,
        a._userid_type as actor_type,
        a._callinguserid_value as acted_through_id,
        unnest(
            try_cast(
                try_cast(a.changedata as json)
                as struct(changedAttributes struct(logicalName varchar, oldValue varchar, newValue varchar)[])
            ).changedAttributes
        ) as change
    from raw.audit as a
    where
        a.operation in (1, 2, 3, 5)
        and a.objecttypecode in ('incident', 'queueitem')
),

change as (
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
        k.column_name as column_name,
        k.value_form as value_form,
        nullif(d.change.oldValue, '') as old_text,
        nullif(d.change.newValue, '') as new_text
    from document as d
    inner join staging.audit_column as k
        on
            d.table_name = k.table_name
            and d.change.logicalName = k.column_name
    where d.change.oldValue is distinct from d.change.newValue
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
),

compared as (
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
        v.new_value as new_value,
        v.old_value is distinct from v.new_value as is_change
    from value as v
)

select
    c.audit_id as audit_id,
    c.changed_at as changed_at,
    c.operation as operation,
    c.action as action,
    c.table_name as table_name,
    c.record_id as record_id,
    c.actor_id as actor_id,
    c.external_actor_id as external_actor_id,
    c.acted_through_id as acted_through_id,
    c.column_name as column_name,
    c.old_type as old_type,
    c.old_value as old_value,
    c.new_type as new_type,
    c.new_value as new_value
from compared as c
where c.is_change
