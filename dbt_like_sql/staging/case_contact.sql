-- Whether the customer had to come back before the first resolution. One row per case with a second contact.
--
-- rule: first contact resolution, condition 3 (reference: event-log-semantics 2.13)
-- unique: case_id

with resolution as (
    select
        r.case_id as case_id,
        max(r.resolved_at) as resolved_at
    from staging.case_resolution as r
    group by r.case_id
)

select
    c.case_id as case_id,
    count(*) as later_contacts
from staging.customer_contact as c
cross join staging.rule_settings as s
inner join staging.incident as i
    on c.case_id = i.case_id
inner join resolution as r
    on c.case_id = r.case_id
where
    epoch_us(c.contacted_at) - epoch_us(i.created_at) > s.opening_contact_seconds * 1000000
    and c.contacted_at <= r.resolved_at
group by c.case_id
