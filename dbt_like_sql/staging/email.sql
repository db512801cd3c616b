-- E-mails of cases, in and out. One row per e-mail; deleted ones are left out, but for those of kept cases.
--
-- rule: e-mails, V3 (reference: dataverse-tables 7.4, event-log-semantics 3.12)
-- unique: email_id

select
    try_cast(m.activityid as uuid) as email_id,
    try_cast(m._regardingobjectid_value as uuid) as case_id,
    m.directioncode as is_outgoing,
    m.statuscode as status_code,
    -- Of ours only the send time counts: without one nothing went out. Theirs came at the latest when we noted them.
    case when m.directioncode then m.senton else coalesce(m.senton, m.createdon) end as sent_at,
    try_cast(m._createdby_value as uuid) as created_by_id,
    coalesce(m.isworkflowcreated, false) as is_made_by_workflow,
    case when l.activityid is not null then 'survey' else t.meaning end as known_meaning  -- By its link or its template.
from raw.email as m
left join raw.survey_email as l
    on m.activityid = l.activityid
left join seeds.email_templates as t
    on try_cast(m._templateid_value as uuid) = cast(t.template_id as uuid)
where
    m._regardingobjectid_type = 'incident'
    and try_cast(m.activityid as uuid) is not null
    and (m._deleted_at is null or m._regardingobjectid_value in (select k.case_id from staging.kept_case as k))
