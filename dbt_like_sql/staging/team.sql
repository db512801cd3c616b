-- Teams. One row per team.
--
-- Deleted teams stay: old events and cases go on naming them.
--
-- unique: team_id

select
    try_cast(t.teamid as uuid) as team_id,
    t.name as team_name,
    try_cast(t._queueid_value as uuid) as default_queue_id,
    try_cast(t._businessunitid_value as uuid) as business_unit_id,
    coalesce(t.teamtype, 0) = 0 as is_owner_team,
    coalesce(t.isdefault, false) as is_default                  -- Everybody of the business unit is in it.
from raw.team as t
