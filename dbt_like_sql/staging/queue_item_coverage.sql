-- Whether the history of a present queue item is complete in the audit. One row per queue item.
--
-- rule: A4, P4 only without audit (reference: event-log-semantics 3.1, 3.11)
-- unique: queue_item_id
-- stored: step

with audited as (
    select
        bool_and(k.is_audited) as is_audited
    from staging.audit_column as k
    where
        k.table_name = 'queueitem'
        and k.column_name in ('queueid', 'workerid')
),

history as (
    select
        c.queue_item_id as queue_item_id,
        bool_or(c.operation = 'create') as has_creation,
        bool_or(c.column_name = 'queueid') as has_queue,
        max(case when c.column_name = 'workerid' then c.changed_at end) as worker_changed_at
    from staging.queue_item_change as c
    group by c.queue_item_id
)

select
    q.queue_item_id as queue_item_id,
    coalesce(h.has_queue, false) as has_queue,
    h.worker_changed_at as worker_changed_at,   -- Last audited change of the worker.
    coalesce(
        a.is_audited
        and (h.has_creation or q.created_at >= s.coverage_start)
        and (
            x.last_off_at is null
            or (x.last_off_at < q.created_at and (h.has_creation or x.resumed_at <= q.created_at))
        ),
        false
    ) as is_covered
from staging.queueitem as q
cross join audited as a
cross join staging.audit_interruption as x
left join staging.audit_start as s
    on s.table_name = 'queueitem'
left join history as h
    on q.queue_item_id = h.queue_item_id
