-- A case gets another priority. The first priority of a case is not a change.
--
-- rule: PR1 (reference: event-log-semantics 3.14, 2.11)
-- unique: source_table, source_row_id, discriminator

select
    c.case_id as case_id,                        -- Case that the event belongs to.
    'priority_changed' as activity_code,         -- Language-neutral code of the activity.
    c.changed_at as event_time,                  -- UTC instant at which it happened.
    c.actor_id as actor_id,                      -- User who did it; null when nobody is recorded.
    c.external_actor_id as external_actor_id,    -- Outside party who did it, in a portal for instance.
    c.acted_through_id as acted_through_id,      -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,   -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,    -- user, team or queue.
    cast(null as uuid) as queue_id,              -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,            -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,               -- Finer kind of the event, where the activity has kinds.
    coalesce(
        o.label, 'code:' || c.old_value
    ) as detail_from,                            -- Value before, where the activity is a change of value.
    coalesce(
        n.label, 'code:' || c.new_value
    ) as detail_to,                              -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,        -- Status reason that the event itself brought about.
    false as is_bulk_change,                     -- Part of a bulk change, not work on this case.
    'PR1' as rule,                               -- Rule of the reference that made the event.
    'audit' as source_table,                     -- Table of the evidence.
    c.audit_id as source_row_id,                 -- Row of the evidence.
    'prioritycode' as source_column,             -- Column of the evidence.
    'PR1' as discriminator,                      -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                -- explicit, inferred or synthetic.
    'A' as confidence,                           -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,     -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper      -- Latest moment, where only an interval is known.
from staging.attribute_change as c
left join staging.option_label as o
    on
        o.table_name = 'incident'
        and o.column_name = 'prioritycode'
        and try_cast(c.old_value as integer) = o.code
left join staging.option_label as n
    on
        n.table_name = 'incident'
        and n.column_name = 'prioritycode'
        and try_cast(c.new_value as integer) = n.code
where
    c.column_name = 'prioritycode'
    and c.old_value is not null
    and c.new_value is not null
