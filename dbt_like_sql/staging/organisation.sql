-- The organisation that the rows come from. One row.
--
-- rule: identity of events (reference: event-log-semantics 1.1)

select
    coalesce(min(o.organizationid), '') as organisation_id
from raw.organization as o
