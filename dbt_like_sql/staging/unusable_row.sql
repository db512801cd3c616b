-- Rows that were read and that no rule can use, each with the reason. One row per unusable row; of the audit, one per
-- case that nobody knows.
--
-- Every id of Dataverse is a GUID, and the client takes no other. Files that something else wrote may hold one: without
-- a readable key a row is left out here, without a readable case it belongs to none. Rows of deleted cases are no
-- orphans. Keys of the audit are judged by length and first letter: casting millions of them once more would cost more
-- than all else here.
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
    select
        'phonecall' as table_name,
        try_cast(p.activityid as uuid) as row_id,
        try_cast(p._regardingobjectid_value as uuid) as case_id
    from raw.phonecall as p
    where
        p._regardingobjectid_type = 'incident'
        and p._deleted_at is null
    union all
    select
        'adx_portalcomment' as table_name,
        try_cast(c.activityid as uuid) as row_id,
        try_cast(c._regardingobjectid_value as uuid) as case_id
    from raw.adx_portalcomment as c
    where
        c._regardingobjectid_type = 'incident'
        and c._deleted_at is null
    union all
    select
        'msfp_surveyinvite' as table_name,
        try_cast(v.activityid as uuid) as row_id,
        try_cast(v._regardingobjectid_value as uuid) as case_id
    from raw.msfp_surveyinvite as v
    where
        v._regardingobjectid_type = 'incident'
        and v._deleted_at is null
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
),

wrong_key as (
    select
        'incident' as table_name,
        i.incidentid as row_id
    from raw.incident as i
    where try_cast(i.incidentid as uuid) is null
    union all
    select
        'incidentresolution' as table_name,
        r.activityid as row_id
    from raw.incidentresolution as r
    where try_cast(r.activityid as uuid) is null
    union all
    select
        'queueitem' as table_name,
        q.queueitemid as row_id
    from raw.queueitem as q
    where try_cast(q.queueitemid as uuid) is null
    union all
    select
        'slakpiinstance' as table_name,
        k.slakpiinstanceid as row_id
    from raw.slakpiinstance as k
    where try_cast(k.slakpiinstanceid as uuid) is null
    union all
    select
        'knowledgearticleincident' as table_name,
        l.knowledgearticleincidentid as row_id
    from raw.knowledgearticleincident as l
    where try_cast(l.knowledgearticleincidentid as uuid) is null
    union all
    select
        'msdyn_federatedarticleincident' as table_name,
        f.msdyn_federatedarticleincidentid as row_id
    from raw.msdyn_federatedarticleincident as f
    where try_cast(f.msdyn_federatedarticleincidentid as uuid) is null
    union all
    select
        'email' as table_name,
        m.activityid as row_id
    from raw.email as m
    where try_cast(m.activityid as uuid) is null
    union all
    select
        'phonecall' as table_name,
        p.activityid as row_id
    from raw.phonecall as p
    where try_cast(p.activityid as uuid) is null
    union all
    select
        'adx_portalcomment' as table_name,
        c.activityid as row_id
    from raw.adx_portalcomment as c
    where try_cast(c.activityid as uuid) is null
    union all
    select
        'msfp_surveyinvite' as table_name,
        v.activityid as row_id
    from raw.msfp_surveyinvite as v
    where try_cast(v.activityid as uuid) is null
    union all
    select
        'msfp_surveyresponse' as table_name,
        s.activityid as row_id
    from raw.msfp_surveyresponse as s
    where try_cast(s.activityid as uuid) is null
    union all
    select
        'audit' as table_name,
        a.auditid as row_id
    from raw.audit as a
    where
        length(a.auditid) <> 36
        or length(a._objectid_value) <> 36
        or a.auditid >= 'g'
        or a._objectid_value >= 'g'
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
union all
select
    w.table_name as table_name,
    substr(w.row_id, 1, 64) as row_id,
    case w.table_name
        when 'audit' then 'its id, or that of its record, is no GUID'
        else 'its id is no GUID'
    end as reason
from wrong_key as w
