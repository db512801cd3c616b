-- What the audited history of a case says about its first values and about gaps. One row per case with audit rows.
--
-- rule: chain test, initial values (reference: event-log-semantics 1.3, 2.6, 2.11, 2.12)
-- unique: case_id

with link as (
    select
        c.case_key as case_key,
        c.case_id as case_id,
        c.column_name as column_name,
        k.is_category as is_category,
        c.change_no = 1 as is_first,
        c.is_creation as is_creation,
        c.changed_at as changed_at,
        case when c.is_creation then c.new_value else c.old_value end as first_value,
        case when c.is_creation then c.new_type else c.old_type end as first_type,
        c.is_before_gap as is_before_gap
    from staging.case_change as c
    inner join staging.audit_column as k
        on
            k.table_name = 'incident'
            and c.column_name = k.column_name
)

select
    l.case_key as case_key,
    l.case_id as case_id,
    bool_or(l.is_creation) as has_creation,
    min(l.changed_at) as first_changed_at,
    try_cast(max(case when l.is_first and l.column_name = 'ownerid' then l.first_value end) as uuid) as first_owner_id,
    max(case when l.is_first and l.column_name = 'ownerid' then l.first_type end) as first_owner_type,
    max(case when l.is_first and l.column_name = 'caseorigincode' then l.first_value end) as first_origin,
    max(case when l.is_first and l.column_name = 'prioritycode' then l.first_value end) as first_priority,
    try_cast(max(case when l.is_first and l.column_name = 'subjectid' then l.first_value end) as uuid)
        as first_subject_id,
    try_cast(max(case when l.is_creation and l.column_name = 'parentcaseid' then l.first_value end) as uuid)
        as first_parent_case_id,
    count(*) filter (where l.column_name = 'ownerid') as owner_rows,
    count(*) filter (where l.column_name in ('statecode', 'statuscode')) as status_rows,
    count(*) filter (where l.column_name = 'isescalated') as escalation_rows,
    count(*) filter (where l.column_name = 'caseorigincode') as origin_rows,
    count(*) filter (where l.column_name = 'subjectid') as subject_rows,
    count(*) filter (where l.column_name = 'prioritycode') as priority_rows,
    count(*) filter (where l.column_name = 'prioritycode' and not l.is_creation) as priority_changes,
    count(*) filter (where l.is_category) as category_rows,
    bool_or(l.is_before_gap and l.column_name = 'ownerid') as is_owner_broken,
    bool_or(l.is_before_gap and l.column_name in ('statecode', 'statuscode')) as is_status_broken,
    bool_or(l.is_before_gap and l.column_name = 'isescalated') as is_escalation_broken,
    bool_or(l.is_before_gap and l.column_name = 'prioritycode') as is_priority_broken,
    bool_or(l.is_before_gap and l.is_category) as is_category_broken
from link as l
group by l.case_key, l.case_id
