-- Every sign that a case was escalated: its flag, an owner or a queue that the organisation named, the flag's own date.
--
-- The date keeps one occurrence. It speaks where no other sign of the case does, and where the flag's audit is blind.
--
-- rule: E1 to E5 (reference: event-log-semantics 3.4, 2.16)
-- unique: rule, source_row_id

with sign as (
    select
        c.case_id as case_id,
        c.changed_at as escalated_at,
        'E1' as rule,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        'audit' as source_table,
        c.audit_id as source_row_id,
        'isescalated' as source_column,
        'A' as confidence,
        cast(null as uuid) as queue_id
    from staging.case_change as c
    where
        c.column_name = 'isescalated'
        and not c.is_creation
        and c.new_value in ('true', '1')
    union all
    select
        c.case_id as case_id,
        c.changed_at as escalated_at,
        'E2' as rule,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        'audit' as source_table,
        c.audit_id as source_row_id,
        'ownerid' as source_column,
        'C' as confidence,
        cast(null as uuid) as queue_id
    from staging.case_change as c
    inner join seeds.escalation_targets as t
        on
            c.new_type = t.target_type
            and c.new_value = lower(t.target_id)
    where
        c.column_name = 'ownerid'
        and not c.is_creation
    union all
    select
        q.case_id as case_id,
        q.entered_at as escalated_at,
        'E3' as rule,
        q.actor_id as actor_id,
        q.external_actor_id as external_actor_id,
        q.acted_through_id as acted_through_id,
        q.source_table as source_table,
        q.source_row_id as source_row_id,
        q.source_column as source_column,
        'C' as confidence,
        q.queue_id as queue_id
    from staging.queue_entry as q
    inner join seeds.escalation_targets as t
        on
            t.target_type = 'queue'
            and q.queue_id = cast(t.target_id as uuid)
    union all
    select
        i.case_id as case_id,
        i.escalated_at as escalated_at,
        'E4' as rule,
        cast(null as uuid) as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        'incident' as source_table,
        i.case_id as source_row_id,
        'escalatedon' as source_column,
        'B' as confidence,
        cast(null as uuid) as queue_id
    from staging.incident as i
    where
        i.is_escalated
        and i.escalated_at is not null
    union all
    select
        c.case_id as case_id,
        c.changed_at as escalated_at,
        'E5' as rule,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        'audit' as source_table,
        c.audit_id as source_row_id,
        c.column_name as source_column,
        'C' as confidence,
        cast(null as uuid) as queue_id
    from staging.case_change as c
    inner join seeds.escalation_columns as e
        on
            c.column_name = e.column_name
            and c.new_value = lower(e.escalated_value)
    where not c.is_creation
),

unseen as (
    select distinct
        i.case_id as case_id
    from staging.audit_blind_spot as b
    inner join staging.incident as i
        on
            b.case_id = i.case_id
            and b.blind_from <= i.escalated_at
            and (b.blind_until is null or b.blind_until > i.escalated_at)
    where b.column_name = 'isescalated'
)

select
    g.case_id as case_id,
    g.escalated_at as escalated_at,
    g.rule as rule,
    g.actor_id as actor_id,
    g.external_actor_id as external_actor_id,
    g.acted_through_id as acted_through_id,
    g.source_table as source_table,
    g.source_row_id as source_row_id,
    g.source_column as source_column,
    g.confidence as confidence,
    g.queue_id as queue_id
from sign as g
left join unseen as u
    on g.case_id = u.case_id
qualify
    g.rule <> 'E4'
    or u.case_id is not null
    or count(*) over (partition by g.case_id) = 1
