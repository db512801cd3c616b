-- Queue items of cases, of the present and those deleted since we read them. One row per queue item.
--
-- A deleted one must still name its case for the audit rows that speak of the item only.
--
-- rule: queue items, id map (reference: dataverse-tables 5.2, event-log-semantics 3.11)
-- unique: queue_item_id

select
    try_cast(q.queueitemid as uuid) as queue_item_id,
    try_cast(q._objectid_value as uuid) as case_id,
    try_cast(q._queueid_value as uuid) as queue_id,
    try_cast(q._workerid_value as uuid) as worker_id,
    q._workerid_type as worker_type,
    q.enteredon as entered_at,
    q.workeridmodifiedon as worker_set_at,
    q.createdon as created_at,
    try_cast(q._createdby_value as uuid) as created_by_id,
    q.modifiedon as modified_at,
    try_cast(q._modifiedby_value as uuid) as modified_by_id
from raw.queueitem as q
where
    q._objectid_type = 'incident'
    and try_cast(q.queueitemid as uuid) is not null
