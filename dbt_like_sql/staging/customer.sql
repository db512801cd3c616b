-- Customers of both kinds, companies and people, with the company a person belongs to. One row per customer.
--
-- Deleted customers stay: old events and cases go on naming them.
--
-- rule: customer (reference: event-log-semantics 2.10)
-- unique: customer_type, customer_id

select
    'account' as customer_type,
    try_cast(a.accountid as uuid) as customer_id,
    a.name as customer_name,
    a.name as account_name
from raw.account as a
union all
select
    'contact' as customer_type,
    try_cast(c.contactid as uuid) as customer_id,
    c.fullname as customer_name,
    a.name as account_name
from raw.contact as c
left join raw.account as a
    on c._parentcustomerid_value = a.accountid
