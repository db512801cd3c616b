-- Every time a resolved or cancelled case became active again, audited or read off what the case left behind.
--
-- rule: RE1 to RE5 (reference: event-log-semantics 3.8)
-- unique: source_table, source_row_id, rule

with audited as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.old_state as old_state,
        c.new_status as new_status
    from staging.state_change as c
    where
        c.old_state in (1, 2)
        and c.new_state = 0
)

select
    a.case_id as case_id,
    a.changed_at as reactivated_at,
    case when a.old_state = 1 then 'RE1' else 'RE2' end as rule,
    case when a.old_state = 1 then 'Resolved' else 'Cancelled' end as reactivated_from,
    a.actor_id as actor_id,
    a.external_actor_id as external_actor_id,
    a.acted_through_id as acted_through_id,
    'audit' as source_table,
    a.audit_id as source_row_id,
    'statecode' as source_column,
    'A' as confidence,
    cast(null as timestamptz) as time_lower,
    cast(null as timestamptz) as time_upper,
    a.new_status as status_code
from audited as a
union all
select
    u.case_id as case_id,
    u.reactivated_at as reactivated_at,
    u.rule as rule,
    'Resolved' as reactivated_from,
    u.actor_id as actor_id,
    cast(null as uuid) as external_actor_id,
    cast(null as uuid) as acted_through_id,
    u.source_table as source_table,
    u.source_row_id as source_row_id,
    u.source_column as source_column,
    u.confidence as confidence,
    u.time_lower as time_lower,
    u.time_upper as time_upper,
    cast(null as integer) as status_code
from staging.unseen_reactivation as u
where u.rule is not null
