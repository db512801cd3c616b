-- What each outgoing e-mail of a case means for the log, by a fixed precedence. One row per outgoing e-mail.
--
-- The template lets any outgoing e-mail be both a request for information and a proposal; one e-mail has one meaning.
--
-- rule: e-mail precedence (reference: event-log-semantics 3.15)
-- unique: email_id

with request as (
    select
        m.email_id as email_id,
        min(q.audit_id) as audit_id
    from staging.outgoing_email as m
    cross join staging.rule_settings as s
    inner join staging.information_request as q
        on
            m.case_id = q.case_id
            and abs(epoch_us(m.sent_at) - epoch_us(q.requested_at)) <= s.email_window_seconds * 1000000
    where m.discarded_because is null
    group by m.email_id
),

status_proposal as (
    select
        m.email_id as email_id,
        min(c.audit_id) as audit_id
    from staging.outgoing_email as m
    cross join staging.rule_settings as s
    inner join staging.solution_status_change as c
        on
            m.case_id = c.case_id
            and abs(epoch_us(m.sent_at) - epoch_us(c.changed_at)) <= s.email_window_seconds * 1000000
    where m.discarded_because is null
    group by m.email_id
),

article as (
    -- An article marked as sent to the customer travelled in the e-mail nearest to its link.
    select
        l.link_id as link_id,
        m.email_id as email_id
    from staging.knowledge_link as l
    cross join staging.rule_settings as s
    inner join staging.outgoing_email as m
        on
            l.case_id = m.case_id
            and abs(epoch_us(m.sent_at) - epoch_us(l.linked_at)) <= s.email_window_seconds * 1000000
    where
        l.is_sent_to_customer
        and m.discarded_because is null
    qualify
        row_number() over (
            partition by l.link_id
            order by abs(epoch_us(m.sent_at) - epoch_us(l.linked_at)), m.email_id
        ) = 1
),

carrier as (
    select
        a.email_id as email_id,
        min(a.link_id) as link_id
    from article as a
    group by a.email_id
),

remaining as (
    -- The last e-mail of a resolved episode that nothing else explains, unless the customer was asked again after it.
    select
        m.email_id as email_id,
        row_number() over (partition by m.case_id, m.episode_no order by m.sent_at desc, m.email_id desc) as from_last,
        max(q.requested_at) as last_requested_at
    from staging.outgoing_email as m
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
        m.discarded_because is null
        and m.is_episode_resolved
        and r.email_id is null
        and p.email_id is null
        and c.email_id is null
    group by m.email_id, m.case_id, m.episode_no, m.sent_at
)

select
    m.email_id as email_id,
    m.case_id as case_id,
    m.sent_at as sent_at,
    m.created_by_id as created_by_id,
    m.episode_no as episode_no,
    m.discarded_because as discarded_because,
    case
        when m.discarded_because is not null then 'discarded'
        when r.email_id is not null then 'information_requested'
        when p.email_id is not null or c.email_id is not null then 'solution_proposed'
        when n.from_last = 1 and n.last_requested_at is null then 'solution_proposed'
        when y.email_id is not null then 'information_requested'
        else 'none'
    end as meaning,
    case
        when m.discarded_because is not null then '3.15-1'
        when r.email_id is not null then 'Q1'
        when p.email_id is not null then 'SP1'
        when c.email_id is not null then 'SP3'
        when n.from_last = 1 and n.last_requested_at is null then 'SP2'
        when y.email_id is not null then 'Q2'
        else '3.15-6'
    end as rule,
    coalesce(r.audit_id, p.audit_id) as audit_id,   -- The status change that the e-mail belongs to.
    c.link_id as link_id                            -- The article that it carries.
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
