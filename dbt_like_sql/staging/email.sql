-- E-mails of cases, in and out. One row per e-mail; deleted ones are left out.
--
-- rule: e-mails (reference: dataverse-tables 7.4)
-- unique: email_id

select
    m.activityid as email_id,
    m._regardingobjectid_value as case_id,
    m.directioncode as is_outgoing,
    m.statuscode as status_code,
    -- Of ours only the send time counts: without one nothing went out. Theirs came at the latest when we noted them.
    case when m.directioncode then m.senton else coalesce(m.senton, m.createdon) end as sent_at,
    m._createdby_value as created_by_id,
    coalesce(m.isworkflowcreated, false) as is_made_by_workflow,
    m._templateid_value as template_id
from raw.email as m
where
    m._regardingobjectid_type = 'incident'
    and m._deleted_at is null
