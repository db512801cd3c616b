-- Invitations to a survey, and the case that each regards or names in its context. One row per invitation.
--
-- Deleted invitations are left out.
--
-- rule: invitations and their case (reference: event-log-semantics 3.12 V1, V2)
-- unique: invite_id

with invite as (
    select
        try_cast(v.activityid as uuid) as invite_id,
        case when v._regardingobjectid_type = 'incident' then try_cast(v._regardingobjectid_value as uuid) end
            as regarding_case_id,
        v.createdon as created_at,
        try_cast(v._createdby_value as uuid) as created_by_id,
        v.msfp_invitestatus as status_code,
        v.msfp_contextparameters as context
    from raw.msfp_surveyinvite as v
    where
        try_cast(v.activityid as uuid) is not null
        and (v._deleted_at is null or v._regardingobjectid_value in (select k.case_id from staging.kept_case as k))
),

word as (
    -- The context is a document of the survey's own making; the id or the number of a case may stand under any key.
    select
        i.invite_id as invite_id,
        unnest(string_split_regex(lower(i.context), '[^a-z0-9-]+')) as word
    from invite as i
    where i.regarding_case_id is null
),

mention as (
    select
        w.invite_id as invite_id,
        c.case_id as case_id
    from word as w
    inner join staging.incident as c
        on w.word = cast(c.case_id as varchar)
    union
    select
        w.invite_id as invite_id,
        c.case_id as case_id
    from word as w
    inner join staging.incident as c
        on w.word = lower(c.ticket_number)
    where w.word <> ''
),

named as (
    -- Two cases named in one context prove nothing about either.
    select
        m.invite_id as invite_id,
        min(m.case_id) as case_id
    from mention as m
    group by m.invite_id
    having count(*) = 1
)

select
    i.invite_id as invite_id,
    coalesce(i.regarding_case_id, n.case_id) as case_id,
    i.regarding_case_id is not null as is_regarding,
    i.created_at as created_at,
    i.created_by_id as created_by_id,
    i.status_code as status_code
from invite as i
left join named as n
    on i.invite_id = n.invite_id
where
    i.regarding_case_id is not null
    or n.case_id is not null
