-- The one place where changedata is opened: one row per audited operation and column that the rules read.
--
-- Lenient on purpose: unreadable documents give no rows, missing keys give nulls. A lookup arrives as "table,guid", an
-- option as "1" or, where labels are stored, as "1:Label"; rows whose old and new value are equal are not changes.
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
        lower(d.change.logicalName) as column_name,
        nullif(lower(trim(d.change.oldValue)), '') as old_text,
        nullif(lower(trim(d.change.newValue)), '') as new_text
    from document as d
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
        case when length(split_part(c.old_text, ',', 2)) = 36 then split_part(c.old_text, ',', 1) end as old_type,
        case
            when length(split_part(c.old_text, ',', 2)) = 36 then split_part(c.old_text, ',', 2)
            when try_cast(split_part(c.old_text, ':', 1) as integer) is not null then split_part(c.old_text, ':', 1)
            else c.old_text
        end as old_value,
        case when length(split_part(c.new_text, ',', 2)) = 36 then split_part(c.new_text, ',', 1) end as new_type,
        case
            when length(split_part(c.new_text, ',', 2)) = 36 then split_part(c.new_text, ',', 2)
            when try_cast(split_part(c.new_text, ':', 1) as integer) is not null then split_part(c.new_text, ':', 1)
            else c.new_text
        end as new_value
    from change as c
    inner join staging.audit_column as k
        on
            c.table_name = k.table_name
            and c.column_name = k.column_name
    where c.old_text is distinct from c.new_text
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
where v.old_value is distinct from v.new_value
