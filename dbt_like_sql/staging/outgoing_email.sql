-- Outgoing e-mails of cases with the reason why one says nothing about the case, if there is one. One row per e-mail.
--
-- rule: e-mail precedence, step 1 (reference: event-log-semantics 3.15)
-- unique: email_id
-- stored: step

with addressee as (
    -- Queues, users and teams are ourselves; any other addressee, an unresolved address too, is the customer's side.
    select
        try_cast(p._activityid_value as uuid) as email_id,
        bool_or(
            coalesce(p._partyid_type, 'unresolved') not in ('systemuser', 'queue', 'team', 'businessunit')
        ) as has_external
    from raw.activityparty as p
    where
        p.participationtypemask in (2, 3, 4)
        and p._deleted_at is null                   -- Addressees that a draft had once.
    group by p._activityid_value
)

select
    m.email_id as email_id,
    m.case_id as case_id,
    m.sent_at as sent_at,
    m.created_by_id as created_by_id,
    e.episode_no as episode_no,
    e.is_resolved as is_episode_resolved,
    case
        when m.status_code <> 3 or m.sent_at is null then 'not_sent'
        when m.known_meaning = 'survey' then 'survey'
        when m.is_made_by_workflow or m.known_meaning = 'acknowledgement' then 'automatic'
        when u.is_system then 'automatic'
        when not a.has_external then 'internal'
        when m.sent_at < i.created_at then 'before_creation'
        when m.sent_at > e.ended_at then 'after_resolution'
    end as discarded_because
from staging.email as m
inner join staging.incident as i
    on m.case_id = i.case_id
left join staging.case_episode as e
    on
        m.case_id = e.case_id
        and m.sent_at >= e.opened_at
        and (e.next_opened_at is null or m.sent_at < e.next_opened_at)
left join staging.systemuser as u
    on m.created_by_id = u.user_id
left join addressee as a
    on m.email_id = a.email_id
where m.is_outgoing
