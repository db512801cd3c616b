-- Teams. One row per team.
--
-- unique: team_id

select
    t.teamid as team_id,
    t.name as team_name,
    t._queueid_value as default_queue_id
from raw.team as t
