-- What each outgoing e-mail of a case means for the log, by a fixed precedence. One row per outgoing e-mail.
--
-- The template lets any outgoing e-mail be both a request for information and a proposal; one e-mail has one meaning.
--
-- rule: e-mail precedence (reference: event-log-semantics 3.15)
-- unique: email_id

with message as (
    select
        m.email_id as email_id,
        m.case_id as case_id,
        m.sent_at as sent_at,
        m.episode_no as episode_no,
        m.is_episode_resolved as is_episode_resolved
    from staging.outgoing_email as m
    where m.discarded_because is null
),

request as (
    -- Of several requests near an e-mail the nearest is the one that it put into words.
    select
        m.email_id as email_id,
        q.audit_id as audit_id
    from message as m
    cross join staging.rule_settings as s
    inner join staging.information_request as q
        on
            m.case_id = q.case_id
            and abs(epoch_us(m.sent_at) - epoch_us(q.requested_at)) <= s.email_window_seconds * 1000000
    qualify
        row_number() over (
            partition by m.email_id
            order by abs(epoch_us(m.sent_at) - epoch_us(q.requested_at)), q.audit_id
        ) = 1
),

status_proposal as (
    select distinct
        m.email_id as email_id
    from message as m
    cross join staging.rule_settings as s
    inner join staging.solution_status_change as c
        on
            m.case_id = c.case_id
            and abs(epoch_us(m.sent_at) - epoch_us(c.changed_at)) <= s.email_window_seconds * 1000000
),

carrier as (
    -- Of several articles in one e-mail the one that a single value would name (2.17).
    select
        a.email_id as email_id,
        a.link_id as link_id
    from staging.article_email as a
    inner join staging.knowledge_link as l
        on a.link_id = l.link_id
    qualify
        row_number() over (
            partition by a.email_id
            order by coalesce(l.usage_code = 2, false) desc, l.linked_at desc, l.link_id desc
        ) = 1
),

remaining as (
    -- The last e-mail of a resolved episode that nothing else explains, unless the customer was asked again after it.
    select
        m.email_id as email_id,
        row_number() over (partition by m.case_id, m.episode_no order by m.sent_at desc, m.email_id desc) as from_last,
        count(q.audit_id) as later_requests
    from message as m
    inner join staging.case_episode as e
        on
            m.case_id = e.case_id
            and m.episode_no = e.episode_no
    left join request as r
        on m.email_id = r.email_id
    left join status_proposal as p
        on m.email_id = p.email_id
    left join carrier as c
        on m.email_id = c.email_id
    left join staging.information_request as q
        on
            m.case_id = q.case_id
            and q.requested_at > m.sent_at
            and q.requested_at <= e.ended_at
    where
        m.is_episode_resolved
        and r.email_id is null
        and p.email_id is null
        and c.email_id is null
    group by m.email_id, m.case_id, m.episode_no, m.sent_at
),

ruled as (
    select
        m.email_id as email_id,
        m.case_id as case_id,
        m.sent_at as sent_at,
        m.created_by_id as created_by_id,
        m.episode_no as episode_no,
        m.discarded_because as discarded_because,
        case
            when m.discarded_because is not null then '3.15-1'
            when r.email_id is not null then 'Q1'
            when p.email_id is not null then 'SP1'
            when c.email_id is not null then 'SP3'
            when n.from_last = 1 and n.later_requests = 0 then 'SP2'
            when y.email_id is not null then 'Q2'
            else '3.15-6'
        end as rule,
        r.audit_id as audit_id,
        c.link_id as link_id
    from staging.outgoing_email as m
    left join request as r
        on m.email_id = r.email_id
    left join status_proposal as p
        on m.email_id = p.email_id
    left join carrier as c
        on m.email_id = c.email_id
    left join remaining as n
        on m.email_id = n.email_id
    left join staging.answered_email as y
        on m.email_id = y.email_id
)

select
    r.email_id as email_id,
    r.case_id as case_id,
    r.sent_at as sent_at,
    r.created_by_id as created_by_id,
    r.episode_no as episode_no,
    r.discarded_because as discarded_because,
    case r.rule
        when '3.15-1' then 'discarded'
        when 'Q1' then 'information_requested'
        when 'Q2' then 'information_requested'
        when '3.15-6' then 'none'
        else 'solution_proposed'
    end as meaning,
    r.rule as rule,
    r.audit_id as audit_id,     -- The request that the e-mail belongs to.
    r.link_id as link_id        -- The article that it carries.
from ruled as r
