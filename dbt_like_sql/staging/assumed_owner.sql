-- Cases whose owner is not their creator, and nothing at all tells since when. One row per case; only if switched on.
--
-- rule: A6 (reference: event-log-semantics 3.1)
-- unique: case_id

select distinct
    i.case_id as case_id,
    i.owner_id as owner_id,
    i.owner_type as owner_type,
    i.created_at as created_at,
    i.modified_at as modified_at
from staging.incident as i
cross join staging.rule_settings as s
inner join staging.audit_blind_spot as b
    on
        i.case_id = b.case_id
        and b.column_name = 'ownerid'
        and i.created_at >= b.blind_from    -- Nobody saw the birth of the case.
left join staging.owner_change as c
    on i.case_id = c.case_id
left join staging.initial_owner as o
    on i.case_id = o.case_id
left join staging.queue_entry as q
    on i.case_id = q.case_id
left join staging.present_worker as w
    on i.case_id = w.case_id
where
    s.emit_assumed_owner
    and i.owner_id <> i.created_by_id
    and c.case_id is null
    and o.case_id is null
    and q.case_id is null
    and w.case_id is null
