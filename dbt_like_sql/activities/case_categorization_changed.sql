-- A case moves from one category to another. The first classification of a case is not a change.
--
-- Several category columns changed at once are one event. A category that the same user sets back within a minute was
-- a typing error, also where it was empty in between. Without an audit of the column there is no such event, and
-- nobody may read that as "no change".
--
-- rule: CC1 (reference: event-log-semantics 3.9)
-- unique: source_table, source_row_id, discriminator

with change as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.column_name as column_name,
        c.change_no as change_no,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.old_value as old_value,
        c.new_value as new_value,
        coalesce(
            lag(c.old_value) over history is not distinct from c.new_value
            and lag(c.new_value) over history is not distinct from c.old_value
            and lag(c.actor_id) over history = c.actor_id
            and epoch_us(c.changed_at) - epoch_us(lag(c.changed_at) over history)
            <= s.category_flip_flop_seconds * 1000000,
            false
        ) as is_set_back
    from staging.attribute_change as c
    inner join seeds.categorization_columns as k
        on c.column_name = k.column_name
    cross join staging.rule_settings as s
    window history as (partition by c.case_id, c.column_name order by c.change_no)
),

run as (
    select
        c.case_id as case_id,
        c.audit_id as audit_id,
        c.changed_at as changed_at,
        c.column_name as column_name,
        c.change_no as change_no,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.old_value as old_value,
        c.new_value as new_value,
        sum(case when c.is_set_back then 0 else 1 end) over (
            partition by c.case_id, c.column_name order by c.change_no
        ) as run_no
    from change as c
),

kept as (
    -- Changes that set each other back cancel out in pairs; an odd one is left over at the end.
    select
        r.case_id as case_id,
        r.audit_id as audit_id,
        r.changed_at as changed_at,
        r.column_name as column_name,
        r.actor_id as actor_id,
        r.external_actor_id as external_actor_id,
        r.acted_through_id as acted_through_id,
        r.old_value as old_value,
        r.new_value as new_value
    from run as r
    qualify
        row_number() over (partition by r.case_id, r.column_name, r.run_no order by r.change_no desc) = 1
        and count(*) over (partition by r.case_id, r.column_name, r.run_no) % 2 = 1
),

recategorization as (
    select
        k.case_id as case_id,
        k.audit_id as audit_id,
        k.changed_at as changed_at,
        k.actor_id as actor_id,
        k.external_actor_id as external_actor_id,
        k.acted_through_id as acted_through_id,
        string_agg(k.column_name, '|' order by k.column_name) as column_names,
        string_agg(coalesce(k.old_value, ''), '|' order by k.column_name) as old_values,
        string_agg(coalesce(k.new_value, ''), '|' order by k.column_name) as new_values,
        bool_or(k.new_value is null) as is_cleared,
        bool_and(k.old_value is null) as is_initial
    from kept as k
    cross join staging.rule_settings as s
    where k.old_value is not null or s.emit_initial_categorization
    group by k.case_id, k.audit_id, k.changed_at, k.actor_id, k.external_actor_id, k.acted_through_id
)

select
    r.case_id as case_id,                            -- Case that the event belongs to.
    'case_categorization_changed' as activity_code,  -- Language-neutral code of the activity.
    r.changed_at as event_time,                      -- UTC instant at which it happened.
    r.actor_id as actor_id,                          -- User who did it; null when nobody is recorded.
    r.external_actor_id as external_actor_id,        -- Outside party who did it, in a portal for instance.
    r.acted_through_id as acted_through_id,          -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,         -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,       -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,        -- user, team or queue.
    cast(null as uuid) as queue_id,               -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,   -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,                -- first_response, resolution or other:<name>.
    case
        when r.is_cleared then 'cleared'
        when r.is_initial then 'initial'
        else 'changed'
    end as kind,                                     -- Finer kind of the event, where the activity has kinds.
    nullif(r.old_values, '') as detail_from,         -- Value before, where the activity is a change of value.
    nullif(r.new_values, '') as detail_to,           -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,             -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,            -- Status reason that the event itself brought about.
    false as is_bulk_change,                         -- Part of a bulk change, not work on this case.
    'CC1' as rule,                                   -- Rule of the reference that made the event.
    'audit' as source_table,                         -- Table of the evidence.
    r.audit_id as source_row_id,                     -- Row of the evidence.
    r.column_names as source_column,                 -- Column of the evidence.
    'CC1' as discriminator,                          -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                    -- explicit, inferred or synthetic.
    'A' as confidence,                               -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,         -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper          -- Latest moment, where only an interval is known.
from recategorization as r
