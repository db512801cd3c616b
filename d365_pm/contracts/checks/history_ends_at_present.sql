-- The history of owner and status reason ends with what the case has now.
--
-- table: marts.cases
-- section: 9, invariant 10
-- severity: warning
-- keys: CaseGuid, column_name

with last_value as (
    select
        t.case_key as case_key,
        t.column_name as column_name,
        arg_max(t.value, t.value_no) as value
    from staging.case_timeline as t
    where t.column_name in ('ownerid', 'statuscode')
    group by t.case_key, t.column_name
)

select
    c.CaseGuid as CaseGuid,
    v.column_name as column_name,
    v.value as last_value,
    case v.column_name when 'ownerid' then cast(i.owner_id as varchar) else cast(i.status_code as varchar) end as value_now,
    'the last change in the audit led to another value' as reason
from last_value as v
inner join staging.incident as i
    on v.case_key = i.case_key
inner join marts.cases as c
    on i.case_id = try_cast(c.CaseGuid as uuid)
where v.value <> case v.column_name when 'ownerid' then cast(i.owner_id as varchar) else cast(i.status_code as varchar) end
