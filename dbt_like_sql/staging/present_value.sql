-- The present values of the audited columns of a case, to compare its history with. One row per case and column.
--
-- rule: chain test (reference: event-log-semantics 1.3)
-- unique: case_key, column_name
-- stored: view

select
    i.case_key as case_key,
    'ownerid' as column_name,
    cast(i.owner_id as varchar) as value
from staging.incident as i
union all
select
    i.case_key as case_key,
    'statecode' as column_name,
    cast(i.state_code as varchar) as value
from staging.incident as i
union all
select
    i.case_key as case_key,
    'statuscode' as column_name,
    cast(i.status_code as varchar) as value
from staging.incident as i
union all
select
    i.case_key as case_key,
    'isescalated' as column_name,
    case when i.is_escalated then 'true' else 'false' end as value
from staging.incident as i
union all
select
    i.case_key as case_key,
    'subjectid' as column_name,
    cast(i.subject_id as varchar) as value
from staging.incident as i
union all
select
    i.case_key as case_key,
    'prioritycode' as column_name,
    cast(i.priority_code as varchar) as value
from staging.incident as i
