-- Every time a user became the worker of a case's queue item, audited or read off the present queue item.
--
-- rule: P1, P2, P4 (reference: event-log-semantics 3.11)
-- unique: rule, source_row_id

select
    c.case_id as case_id,
    c.changed_at as picked_at,
    c.new_value as worker_id,
    c.acted_through_id as acted_through_id,
    case when c.actor_id = c.new_value then 'self' else 'pushed' end as pick_kind,
    case when c.actor_id = c.new_value then 'P1' else 'P2' end as rule,
    'audit' as source_table,
    c.audit_id as source_row_id,
    c.queue_item_id as queue_item_id,
    'A' as confidence
from staging.queue_item_change as c
where
    c.column_name = 'workerid'
    and c.operation = 'update'
    and c.new_type = 'systemuser'
union all
select
    q.case_id as case_id,
    q.worker_set_at as picked_at,
    q.worker_id as worker_id,
    cast(null as varchar) as acted_through_id,
    cast(null as varchar) as pick_kind,
    'P4' as rule,
    'queueitem' as source_table,
    q.queue_item_id as source_row_id,
    q.queue_item_id as queue_item_id,
    'B' as confidence
from staging.queueitem as q
inner join staging.queue_item_coverage as v
    on q.queue_item_id = v.queue_item_id
where
    q.worker_set_at is not null
    and q.worker_type = 'systemuser'
    and not v.is_covered
    and not v.has_worker
