-- How long a case waited for its customer. One row per case that ever asked the customer for information.
--
-- rule: K9 (reference: event-log-semantics 6)
-- unique: case_id

with answer as (
    select
        q.audit_id as audit_id,
        min(c.contacted_at) as contacted_at
    from staging.information_request as q
    inner join staging.customer_contact as c
        on
            q.case_id = c.case_id
            and c.contacted_at >= q.requested_at
    group by q.audit_id
),

wait as (
    select
        q.case_id as case_id,
        q.requested_at as requested_at,
        least(q.left_at, a.as_of) as status_end,
        least(q.left_at, w.contacted_at, a.as_of) as contact_end
    from staging.information_request as q
    cross join staging.as_of as a
    left join answer as w
        on q.audit_id = w.audit_id
    where q.requested_at <= a.as_of
)

select
    w.case_id as case_id,
    cast(sum((epoch_us(w.status_end) - epoch_us(w.requested_at)) // 1000000) as bigint) as wait_seconds,
    cast(sum((epoch_us(w.contact_end) - epoch_us(w.requested_at)) // 1000000) as bigint) as wait_seconds_by_contact
from wait as w
group by w.case_id
