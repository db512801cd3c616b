-- The activities of the log with their label in the language of the log and their rank inside one second.
--
-- rule: labels and ranks (reference: event-log-semantics 3, 4.7)
-- unique: activity_code

select
    a.activity_code as activity_code,
    case when s.language = 'en' then a.label_en else a.label_pt end as label,
    a.level <> 'extended' as is_template,
    a.rank as rank,
    a.rank_team as rank_team,
    a.rank_queue as rank_queue,
    a.default_actor as default_actor    -- Who acts when nobody is recorded.
from seeds.activities as a
cross join staging.rule_settings as s
