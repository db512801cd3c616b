-- Every row that was read can be used; those with an id that is no GUID, and those of a case that was not read, are listed.
--
-- table: staging.unusable_row
-- section: 4.13
-- severity: warning
-- keys: table_name, row_id

select
    u.table_name as table_name,
    u.row_id as row_id,
    u.reason as reason
from staging.unusable_row as u
