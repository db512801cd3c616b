-- Queue items whose worker owns the case now, where no audit tells when that came about. One row per queue item.
--
-- A worker who created the case may have owned it all along.
--
-- rule: A5 (reference: event-log-semantics 3.1)
-- unique: queue_item_id

select
    q.queue_item_id as queue_item_id,
    q.case_id as case_id,
    q.worker_id as worker_id,
    q.worker_type as worker_type,
    q.worker_set_at as worker_set_at
from staging.queueitem as q
inner join staging.incident as i
    on q.case_id = i.case_id
left join staging.case_history as h
    on i.case_key = h.case_key
where
    q.worker_id = i.owner_id
    and q.worker_id <> i.created_by_id
    and q.worker_set_at is not null
    and coalesce(h.owner_rows, 0) = 0
    and exists (
        select 1 as is_blind
        from staging.audit_blind_spot as b
        where
            b.column_name = 'ownerid'
            and b.case_id = q.case_id
            and b.blind_from <= q.worker_set_at
            and (b.blind_until is null or b.blind_until > q.worker_set_at)
    )
