-- Somebody writes a note on a case.
--
-- Needs the optional table annotation, whose texts are not read.
--
-- rule: NO1 (reference: event-log-semantics 3.14)
-- unique: source_table, source_row_id, discriminator

select
    cast(n._objectid_value as uuid) as case_id,     -- Case that the event belongs to.
    'note_added' as activity_code,                  -- Language-neutral code of the activity.
    n.createdon as event_time,                      -- UTC instant at which it happened.
    cast(n._createdby_value as uuid) as actor_id,   -- User who did it; null when nobody is recorded.
    cast(null as uuid) as external_actor_id,        -- Outside party who did it, in a portal for instance.
    cast(null as uuid) as acted_through_id,         -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,           -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    cast(null as uuid) as queue_id,                 -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,     -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                  -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,               -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,           -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    'NO1' as rule,                                  -- Rule of the reference that made the event.
    'annotation' as source_table,                   -- Table of the evidence.
    cast(n.annotationid as uuid) as source_row_id,  -- Row of the evidence.
    'createdon' as source_column,                   -- Column of the evidence.
    'NO1' as discriminator,                         -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                   -- explicit, inferred or synthetic.
    'A' as confidence,                              -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,        -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper         -- Latest moment, where only an interval is known.
from raw.annotation as n
where
    n._objectid_type = 'incident'
    and (n._deleted_at is null or n._objectid_value in (select k.case_id from staging.kept_case as k))
