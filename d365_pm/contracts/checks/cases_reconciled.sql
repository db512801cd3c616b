-- Every case that was read is in the log, unless its own creation has an impossible time.
--
-- table: marts.cases
-- section: 4.14, 4.17
-- severity: error
-- keys: CaseGuid

with expected as (
    select cast(i.case_id as varchar) as case_id
    from staging.incident as i
    cross join staging.as_of as a
    where i.created_at between timestamptz '2003-01-01 00:00:00+00' and a.as_of
)

select
    coalesce(e.case_id, c.CaseGuid) as CaseGuid,
    case when c.CaseGuid is null then 'read, not in the log' else 'in the log, not read' end as reason
from expected as e
full join marts.cases as c
    on e.case_id = c.CaseGuid
where
    e.case_id is null
    or c.CaseGuid is null
