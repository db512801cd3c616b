-- Outgoing e-mails that the customer answered and that another one of ours followed, where no audit tells the status
-- reason. One row per such e-mail.
--
-- The answer belongs to the last e-mail before it.
--
-- rule: Q2, e-mail precedence, step 5 (reference: event-log-semantics 3.10, 3.15)
-- unique: email_id

with blind as (
    select distinct
        m.email_id as email_id,
        m.case_id as case_id
    from staging.audit_blind_spot as b
    inner join staging.outgoing_email as m
        on
            b.column_name = 'statuscode'
            and b.case_id = m.case_id
            and b.blind_from <= m.sent_at
            and (b.blind_until is null or b.blind_until > m.sent_at)
    where m.discarded_because is null
),

message as (
    select
        m.case_id as case_id,
        m.email_id as email_id,
        m.sent_at as sent_at,
        true as is_outgoing,
        m.episode_no as episode_no
    from staging.outgoing_email as m
    inner join (
        select distinct b.case_id as case_id
        from blind as b
    ) as c
        on m.case_id = c.case_id
    where m.discarded_because is null
    union all
    select
        m.case_id as case_id,
        m.email_id as email_id,
        m.sent_at as sent_at,
        false as is_outgoing,
        cast(null as integer) as episode_no
    from staging.email as m
    inner join (
        select distinct b.case_id as case_id
        from blind as b
    ) as c
        on m.case_id = c.case_id
    where
        not m.is_outgoing
        and coalesce(m.status_code, 4) in (2, 4)
),

followed as (
    select
        m.email_id as email_id,
        m.is_outgoing as is_outgoing,
        m.episode_no as episode_no,
        lead(m.is_outgoing) over history as is_next_outgoing,
        min(m.episode_no) over (
            partition by m.case_id
            order by m.sent_at, m.is_outgoing, m.email_id
            rows between 1 following and unbounded following
        ) as next_episode_no
    from message as m
    window history as (partition by m.case_id order by m.sent_at, m.is_outgoing, m.email_id)
)

select
    f.email_id as email_id
from followed as f
inner join blind as b
    on f.email_id = b.email_id
where
    f.is_outgoing
    and not f.is_next_outgoing
    and f.next_episode_no = f.episode_no
