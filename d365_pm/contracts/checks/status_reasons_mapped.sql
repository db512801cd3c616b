-- Every status reason of the environment has a role in the rules; others are listed by name, and mean nothing to them.
--
-- table: staging.unmapped_status
-- section: 4.12
-- severity: warning
-- keys: status_code, label

select
    u.status_code as status_code,
    u.label as label,
    u.cases as cases,
    u.changes as changes,
    'no role in the seed status_roles' as reason
from staging.unmapped_status as u
