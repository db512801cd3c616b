-- Teams. One row per team.
--
-- Deleted teams stay: old events and cases go on naming them.
--
-- unique: team_id

select
    t.teamid as team_id,
    t.name as team_name,
    t._queueid_value as default_queue_id
from raw.team as t
