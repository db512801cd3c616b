-- Every resolution of a case: its resolution rows, audited transitions without one, and resolved cases without either.
--
-- rule: R1, R2, R3 (reference: event-log-semantics 3.5)
-- unique: source_table, source_row_id

with recorded as (
    -- The audit row of the same resolution tells the status reason that was really set.
    select
        r.case_id as case_id,
        r.resolution_id as resolution_id,
        r.resolved_at as resolved_at,
        r.resolved_by_id as resolved_by_id,
        r.resolution_type_code as resolution_type_code,
        c.audit_id as audit_id,
        c.changed_at as audited_at,
        c.new_status as new_status
    from staging.incidentresolution as r
    cross join staging.rule_settings as s
    left join staging.state_change as c
        on
            r.case_id = c.case_id
            and c.new_state = 1
            and abs(epoch_us(r.resolved_at) - epoch_us(c.changed_at)) <= s.resolution_match_seconds * 1000000
    qualify
        row_number() over (
            partition by r.resolution_id
            order by abs(epoch_us(r.resolved_at) - epoch_us(c.changed_at)), c.audit_id
        ) = 1
),

unrecorded as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.actor_id as actor_id,
        c.acted_through_id as acted_through_id,
        c.new_status as new_status
    from staging.state_change as c
    cross join staging.rule_settings as s
    left join staging.incidentresolution as r
        on
            c.case_id = r.case_id
            and abs(epoch_us(r.resolved_at) - epoch_us(c.changed_at)) <= s.resolution_match_seconds * 1000000
    where
        c.old_state = 0
        and c.new_state = 1
        and r.resolution_id is null
),

unseen as (
    select
        i.case_id as case_id,
        i.created_at as created_at,
        i.deactivated_at as deactivated_at,
        i.modified_at as modified_at,
        i.modified_by_id as modified_by_id,
        i.status_code as status_code
    from staging.incident as i
    left join recorded as r
        on i.case_id = r.case_id
    left join unrecorded as u
        on i.case_id = u.case_id
    where
        i.state_code = 1
        and r.case_id is null
        and u.case_id is null
)

select
    r.case_id as case_id,
    r.resolved_at as resolved_at,
    'R1' as rule,
    r.resolved_by_id as actor_id,
    cast(null as uuid) as acted_through_id,
    'incidentresolution' as source_table,
    r.resolution_id as source_row_id,
    'createdon' as source_column,
    'A' as confidence,
    cast(null as timestamptz) as time_lower,
    cast(null as timestamptz) as time_upper,
    case when r.audited_at = r.resolved_at then r.audit_id end as audit_id,
    coalesce(r.new_status, r.resolution_type_code) as status_code
from recorded as r
union all
select
    u.case_id as case_id,
    u.changed_at as resolved_at,
    'R2' as rule,
    u.actor_id as actor_id,
    u.acted_through_id as acted_through_id,
    'audit' as source_table,
    u.audit_id as source_row_id,
    'statecode' as source_column,
    'A' as confidence,
    cast(null as timestamptz) as time_lower,
    cast(null as timestamptz) as time_upper,
    u.audit_id as audit_id,
    u.new_status as status_code
from unrecorded as u
union all
select
    n.case_id as case_id,
    coalesce(n.deactivated_at, n.modified_at) as resolved_at,
    'R3' as rule,
    case when n.deactivated_at is null then n.modified_by_id end as actor_id,
    cast(null as uuid) as acted_through_id,
    'incident' as source_table,
    n.case_id as source_row_id,
    case when n.deactivated_at is null then 'modifiedon' else 'deactivatedon' end as source_column,
    case when n.deactivated_at is null then 'C' else 'B' end as confidence,
    case when n.deactivated_at is null then n.created_at end as time_lower,
    case when n.deactivated_at is null then n.modified_at end as time_upper,
    cast(null as uuid) as audit_id,
    n.status_code as status_code
from unseen as n
