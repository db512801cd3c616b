-- A case enters a queue: the queue half of Case Assigned by its own name.
--
-- It stands beside the Case Assigned of the same evidence, unless emit_queue_assignment is off.
--
-- rule: A3, A4 (reference: event-log-semantics 3.14, 3.1)
-- unique: source_table, source_row_id, discriminator

select
    q.case_id as case_id,                        -- Case that the event belongs to.
    'queue_entered' as activity_code,            -- Language-neutral code of the activity.
    q.entered_at as event_time,                  -- UTC instant at which it happened.
    q.actor_id as actor_id,                      -- User who did it; null when nobody is recorded.
    q.external_actor_id as external_actor_id,    -- Outside party who did it, in a portal for instance.
    q.acted_through_id as acted_through_id,      -- Account that made the call on behalf of the actor.
    q.queue_id as assigned_to_id,                -- New owner, or queue the case went into.
    'queue' as assigned_to_type,                 -- Table of assigned_to_id: systemuser, team or queue.
    'queue' as assignment_kind,                  -- user, team or queue.
    q.queue_id as queue_id,                      -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,            -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,               -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,        -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,          -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,        -- Status reason that the event itself brought about.
    false as is_bulk_change,                     -- Part of a bulk change, not work on this case.
    q.rule as rule,                              -- Rule of the reference that made the event.
    q.source_table as source_table,              -- Table of the evidence.
    q.source_row_id as source_row_id,            -- Row of the evidence.
    q.source_column as source_column,            -- Column of the evidence.
    q.rule as discriminator,                     -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                -- explicit, inferred or synthetic.
    q.confidence as confidence,                  -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,     -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper      -- Latest moment, where only an interval is known.
from staging.queue_entry as q
