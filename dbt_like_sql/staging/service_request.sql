-- The identifier that people quote for a case, made unique. One row per case.
--
-- Ticket numbers have no documented key: imports repeat them. All bearers of a repeated or empty number get a suffix.
--
-- rule: service request (reference: event-log-semantics 2.1)
-- unique: case_id

with ticket as (
    select
        i.case_key as case_key,
        i.case_id as case_id,
        coalesce(trim(i.ticket_number), '') as ticket_number,
        count(*) over (partition by trim(i.ticket_number)) as bearers
    from staging.incident as i
)

select
    t.case_key as case_key,
    t.case_id as case_id,
    case
        when t.ticket_number = '' or t.bearers > 1 then t.ticket_number || '~' || substr(cast(t.case_id as varchar), 1, 8)
        else t.ticket_number
    end as service_request
from ticket as t
