-- First and last audit row of each table and action: when auditing was switched, and since when rows exist.
--
-- rule: coverage start, interruptions (reference: event-log-semantics 1.3, dataverse-tables 8.3)
-- unique: table_name, action

select
    coalesce(a.objecttypecode, '') as table_name,
    coalesce(a.action, 0) as action,
    min(a.createdon) as first_at,
    max(a.createdon) as last_at
from raw.audit as a
group by coalesce(a.objecttypecode, ''), coalesce(a.action, 0)
