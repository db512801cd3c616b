-- A case changes its owner. One row per audited change from one owner to another.
--
-- Many cases changing owner by one actor in one second, and cascades from a customer or parent, are not work.
--
-- rule: A1, bulk changes (reference: event-log-semantics 3.1, 4.10)
-- unique: audit_id

with change as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.change_no as change_no,
        c.action as action,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.old_type as old_type,
        try_cast(c.old_value as uuid) as old_owner_id,
        c.new_type as new_type,
        try_cast(c.new_value as uuid) as new_owner_id
    from staging.case_change as c
    where
        c.column_name = 'ownerid'
        and not c.is_creation
        and try_cast(c.old_value as uuid) is not null
        and try_cast(c.new_value as uuid) is not null
),

bulk as (
    -- Of all cases, since those that were deleted meanwhile were moved as well.
    select
        a.actor_id as actor_id,
        a.changed_at as changed_at
    from staging.audit_change as a
    cross join staging.rule_settings as s
    where
        a.table_name = 'incident'
        and a.column_name = 'ownerid'
        and a.operation = 'update'
        and try_cast(a.old_value as uuid) is not null
        and try_cast(a.new_value as uuid) is not null
    group by a.actor_id, a.changed_at, s.bulk_change_threshold
    having count(distinct a.record_id) >= s.bulk_change_threshold
)

select
    c.case_id as case_id,
    c.audit_id as audit_id,
    c.changed_at as changed_at,
    c.change_no as change_no,
    c.actor_id as actor_id,
    c.external_actor_id as external_actor_id,
    c.acted_through_id as acted_through_id,
    c.old_type as old_type,
    c.old_owner_id as old_owner_id,
    coalesce(c.new_type, 'systemuser') as new_type,
    c.new_owner_id as new_owner_id,
    coalesce(c.action = 11, false) or b.changed_at is not null as is_bulk
from change as c
left join bulk as b
    on
        c.actor_id = b.actor_id
        and c.changed_at = b.changed_at
