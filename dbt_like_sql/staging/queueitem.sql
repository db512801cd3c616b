-- Queue items of cases, of the present and those deleted since we read them. One row per queue item.
--
-- A deleted one must still name its case for the audit rows that speak of the item only.
--
-- rule: queue items, id map (reference: dataverse-tables 5.2, event-log-semantics 3.11)
-- unique: queue_item_id

select
    q.queueitemid as queue_item_id,
    q._objectid_value as case_id,
    q._queueid_value as queue_id,
    q._workerid_value as worker_id,
    q._workerid_type as worker_type,
    q.enteredon as entered_at,
    q.workeridmodifiedon as worker_set_at,
    q.createdon as created_at,
    q._createdby_value as created_by_id
from raw.queueitem as q
where q._objectid_type = 'incident'
