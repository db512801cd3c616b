-- The audited history of queue items that hold cases, in order. One row per operation and column.
--
-- A queue item that is gone speaks through its own audit rows, which name the case in their objectid.
--
-- rule: queue history (reference: event-log-semantics 3.1, 3.11)
-- unique: audit_id, column_name

with item as (
    select
        q.queue_item_id as queue_item_id,
        q.case_id as case_id
    from staging.queueitem as q
    union
    select
        c.record_id as queue_item_id,
        try_cast(coalesce(c.new_value, c.old_value) as uuid) as case_id
    from staging.audit_change as c
    where
        c.table_name = 'queueitem'
        and c.column_name = 'objectid'
)

select
    i.case_id as case_id,
    c.record_id as queue_item_id,
    c.audit_id as audit_id,
    c.changed_at as changed_at,
    c.operation as operation,
    c.column_name as column_name,
    c.actor_id as actor_id,
    c.external_actor_id as external_actor_id,
    c.acted_through_id as acted_through_id,
    try_cast(c.old_value as uuid) as old_id,
    coalesce(c.new_type, case when c.new_value is not null then 'systemuser' end) as new_type,
    try_cast(c.new_value as uuid) as new_id
from staging.audit_change as c
inner join item as i
    on c.record_id = i.queue_item_id
inner join staging.incident as k
    on i.case_id = k.case_id
where
    c.table_name = 'queueitem'
    and c.column_name in ('queueid', 'workerid')
    and c.operation <> 'delete'
