-- Rows that were read and that no rule can use, each with the reason. One row per unusable row; of the audit, one per
-- case that nobody knows.
--
-- Neither the client nor the raw layer takes a key that is no GUID. A row that names its case by another text can only
-- come from a file that something else wrote. Rows of deleted cases are no orphans. Reads the raw layer where no model
-- has the rows: opening its files takes longer than all else here.
--
-- rule: unusable rows (reference: event-log-semantics 4.13, 4.15; dataverse-web-api 2.2)
-- unique: table_name, row_id

with known_case as (
    select distinct
        try_cast(i.incidentid as uuid) as case_id
    from raw.incident as i
),

link as (
    select
        'incidentresolution' as table_name,
        r.resolution_id as row_id,
        r.case_id as case_id
    from staging.incidentresolution as r
    union all
    select
        'queueitem' as table_name,
        q.queue_item_id as row_id,
        q.case_id as case_id
    from staging.queueitem as q
    union all
    select
        l.source_table as table_name,
        l.link_id as row_id,
        l.case_id as case_id
    from staging.knowledge_link as l
    union all
    select
        'email' as table_name,
        m.email_id as row_id,
        m.case_id as case_id
    from staging.email as m
    union all
    select
        'slakpiinstance' as table_name,
        try_cast(k.slakpiinstanceid as uuid) as row_id,
        try_cast(coalesce(k._regarding_value, k.regardingentityid) as uuid) as case_id
    from raw.slakpiinstance as k
    where
        coalesce(k._regarding_type, 'incident') = 'incident'
        and k._deleted_at is null
    union all
    -- Phone calls and portal comments of the customer.
    select
        'activitypointer' as table_name,
        t.activity_id as row_id,
        t.case_id as case_id
    from staging.customer_contact as t
    where t.activity_id not in (select m.email_id from staging.email as m)
    union all
    select
        'msfp_surveyinvite' as table_name,
        v.invite_id as row_id,
        v.case_id as case_id
    from staging.msfp_surveyinvite as v
    union all
    select
        'msfp_surveyresponse' as table_name,
        try_cast(s.activityid as uuid) as row_id,
        try_cast(s._regardingobjectid_value as uuid) as case_id
    from raw.msfp_surveyresponse as s
    where
        s._regardingobjectid_type = 'incident'
        and s._deleted_at is null
    union all
    select
        'audit' as table_name,
        min(a.audit_id) as row_id,
        a.record_id as case_id
    from staging.audit_change as a
    where a.table_name = 'incident'
    group by a.record_id
    having not bool_or(a.operation = 'delete')
)

select
    l.table_name as table_name,
    cast(l.row_id as varchar) as row_id,
    case
        when l.case_id is null then 'names no case, or names it by an id that is no GUID'
        else 'its case was not read'
    end as reason
from link as l
left join known_case as k
    on l.case_id = k.case_id
where
    l.row_id is not null
    and k.case_id is null
