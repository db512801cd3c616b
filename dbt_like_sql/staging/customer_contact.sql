-- Every contact that came from the customer: e-mails received, calls taken, portal comments. One row per contact.
--
-- Deleted contacts are left out.
--
-- rule: inbound contacts (reference: event-log-semantics 2.13 condition 3, K9)
-- unique: activity_id

select
    m.email_id as activity_id,
    m.case_id as case_id,
    m.sent_at as contacted_at
from staging.email as m
where
    not m.is_outgoing
    and coalesce(m.status_code, 4) in (2, 4)
union all
select
    try_cast(p.activityid as uuid) as activity_id,
    try_cast(p._regardingobjectid_value as uuid) as case_id,
    p.createdon as contacted_at
from raw.phonecall as p
where
    p._regardingobjectid_type = 'incident'
    and not p.directioncode
    -- An open one took place as well: nobody plans a call of the customer's. Cancelled by a status of one's own, too.
    and coalesce(p.statecode, 0) <> 2
    and coalesce(p.statuscode, 1) <> 3
    and try_cast(p.activityid as uuid) is not null
    and (p._deleted_at is null or p._regardingobjectid_value in (select k.case_id from staging.kept_case as k))
union all
select
    try_cast(c.activityid as uuid) as activity_id,
    try_cast(c._regardingobjectid_value as uuid) as case_id,
    c.createdon as contacted_at
from raw.adx_portalcomment as c
where
    c._regardingobjectid_type = 'incident'
    and coalesce(c.adx_portalcommentdirectioncode, 1) <> 2
    and try_cast(c.activityid as uuid) is not null
    and (c._deleted_at is null or c._regardingobjectid_value in (select k.case_id from staging.kept_case as k))
