-- Cases that the source has deleted and that stay in the log because the switch keep_deleted is on. One row per case.
--
-- Their resolutions, clocks, mails and the like vanished with them and stay with them.
--
-- rule: deleted cases (reference: event-log-semantics 4.3)
-- unique: case_id

select i.incidentid as case_id
from raw.incident as i
cross join staging.rule_settings as s
where
    s.keep_deleted
    and i._deleted_at is not null
