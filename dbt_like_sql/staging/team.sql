-- Teams. One row per team.
--
-- Deleted teams stay: old events and cases go on naming them.
--
-- unique: team_id

select
    cast(t.teamid as uuid) as team_id,
    t.name as team_name,
    cast(t._queueid_value as uuid) as default_queue_id
from raw.team as t
