-- Cases with audited changes whose values nobody can read: the store has lost them, or they have an unknown form.
--
-- rule: coverage (reference: event-log-semantics 1.3, 4.13)
-- unique: case_id

select distinct
    try_cast(a._objectid_value as uuid) as case_id
from raw.audit as a
where
    a.objecttypecode = 'incident'
    and a.operation in (2, 5)
    and a._payload in ('opaque', 'unavailable')
    and try_cast(a._objectid_value as uuid) is not null
