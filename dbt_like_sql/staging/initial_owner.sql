-- Who owned a case when it was created, where the audit proves it. One row per case with a proven first owner.
--
-- rule: A2 (reference: event-log-semantics 3.1)
-- unique: case_id

select
    i.case_id as case_id,
    i.created_at as created_at,
    i.created_by_id as created_by_id,
    coalesce(h.first_owner_id, i.owner_id) as owner_id,
    case when h.first_owner_id is not null then coalesce(h.first_owner_type, 'systemuser') else i.owner_type end
        as owner_type
from staging.incident as i
inner join staging.audit_coverage as v
    on i.case_key = v.case_key
left join staging.case_history as h
    on i.case_key = h.case_key
where
    -- The first owner that the audit knows was the first of all only where nothing before it went unseen.
    (h.first_owner_id is not null and v.known_from <= i.created_at)
    -- Never changed although every change would have been seen.
    or (v.owner = 'full' and coalesce(h.owner_rows, 0) = 0)
