-- Every time a case enters a queue, audited or read off the queue item's present stay.
--
-- rule: A3, A4 (reference: event-log-semantics 3.1)
-- unique: source_table, source_row_id

select
    c.case_id as case_id,
    c.changed_at as entered_at,
    c.actor_id as actor_id,
    c.external_actor_id as external_actor_id,
    c.acted_through_id as acted_through_id,
    c.new_id as queue_id,
    c.old_id as previous_queue_id,
    'A3' as rule,
    'audit' as source_table,
    c.audit_id as source_row_id,
    'queueid' as source_column,
    'A' as confidence
from staging.queue_item_change as c
where
    c.column_name = 'queueid'
    and c.new_id is not null
union all
select
    q.case_id as case_id,
    coalesce(q.entered_at, q.created_at) as entered_at,
    q.created_by_id as actor_id,
    cast(null as uuid) as external_actor_id,
    cast(null as uuid) as acted_through_id,
    q.queue_id as queue_id,
    cast(null as uuid) as previous_queue_id,
    'A4' as rule,
    'queueitem' as source_table,
    q.queue_item_id as source_row_id,
    'enteredon' as source_column,
    'B' as confidence
from staging.queueitem as q
inner join staging.queue_item_coverage as v
    on q.queue_item_id = v.queue_item_id
where
    not v.is_covered
    and not v.has_queue
