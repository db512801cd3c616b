-- Outgoing e-mails that the customer answered and that another one of ours followed, where no audit tells the status
-- reason. One row per such e-mail.
--
-- The answer belongs to the last e-mail before it.
--
-- rule: Q2, e-mail precedence, step 5 (reference: event-log-semantics 3.10, 3.15)
-- unique: email_id

with blind as (
    select
        m.email_id as email_id,
        m.case_id as case_id
    from staging.outgoing_email as m
    inner join staging.audit_blind_spot as b
        on
            m.case_id = b.case_id
            and b.column_name = 'statuscode'
            and m.sent_at >= b.blind_from
            and (b.blind_until is null or m.sent_at < b.blind_until)
),

message as (
    select
        m.case_id as case_id,
        m.email_id as email_id,
        m.sent_at as sent_at,
        true as is_outgoing,
        m.episode_no as episode_no
    from staging.outgoing_email as m
    where m.discarded_because is null
    union all
    select
        m.case_id as case_id,
        m.email_id as email_id,
        m.sent_at as sent_at,
        false as is_outgoing,
        cast(null as integer) as episode_no
    from staging.email as m
    where
        not m.is_outgoing
        and coalesce(m.status_code, 4) in (2, 4)
),

followed as (
    select
        m.email_id as email_id,
        lead(m.is_outgoing) over (
            partition by m.case_id
            order by m.sent_at, m.is_outgoing, m.email_id
        ) as is_next_outgoing,
        row_number() over (partition by m.case_id, m.episode_no order by m.sent_at desc, m.email_id desc) as from_last
    from message as m
    where m.case_id in (select b.case_id from blind as b)
)

select
    f.email_id as email_id
from followed as f
where
    f.email_id in (select b.email_id from blind as b)
    and not f.is_next_outgoing
    and f.from_last > 1
