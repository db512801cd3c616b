-- Cases whose owner is not their creator, and nothing at all tells since when. One row per case; only if switched on.
--
-- rule: A6 (reference: event-log-semantics 3.1)
-- unique: case_id

with blind as (
    -- Nobody saw the birth of the case.
    select distinct
        b.case_id as case_id
    from staging.audit_blind_spot as b
    cross join staging.rule_settings as s
    inner join staging.incident as i
        on
            b.case_id = i.case_id
            and b.blind_from <= i.created_at
    where
        s.emit_assumed_owner
        and b.column_name = 'ownerid'
)

select distinct
    i.case_id as case_id,
    i.owner_id as owner_id,
    i.owner_type as owner_type,
    i.created_at as created_at,
    i.modified_at as modified_at
from blind as b
inner join staging.incident as i
    on b.case_id = i.case_id
left join staging.owner_change as c
    on i.case_id = c.case_id
left join staging.initial_owner as o
    on i.case_id = o.case_id
left join staging.queue_entry as q
    on i.case_id = q.case_id
left join staging.present_worker as w
    on i.case_id = w.case_id
where
    i.owner_id <> i.created_by_id
    and c.case_id is null
    and o.case_id is null
    and q.case_id is null
    and w.case_id is null
