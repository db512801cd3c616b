-- Queues, and which of them are somebody's own rather than shared. One row per queue.
--
-- Deleted queues stay: old events and cases go on naming them.
--
-- rule: personal queues (reference: event-log-semantics 3.1, dataverse-tables 5.3)
-- unique: queue_id

with personal_queue as (
    select distinct
        u.personal_queue_id as queue_id
    from staging.systemuser as u
)

select
    try_cast(q.queueid as uuid) as queue_id,
    q.name as queue_name,
    p.queue_id is not null or q.name like '<%>' as is_personal
from raw.queue as q
left join personal_queue as p
    on try_cast(q.queueid as uuid) = p.queue_id
