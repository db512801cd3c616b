-- The outgoing e-mail in which an article went to the customer: the nearest one to its link. One row per such link.
--
-- rule: SP3 (reference: event-log-semantics 3.13)
-- unique: link_id

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
