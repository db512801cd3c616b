-- No case was left out of the log because its creation lies in the future or before the product existed.
--
-- table: marts.cases
-- section: 4.17
-- severity: warning
-- keys: case_id

select
    i.case_id as case_id,
    i.created_at as created_at,
    'created in the future or before 2003' as reason
from staging.incident as i
cross join staging.as_of as a
where not coalesce(i.created_at between timestamptz '2003-01-01 00:00:00+00' and a.as_of, false)
