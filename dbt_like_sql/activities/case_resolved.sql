-- A case is resolved: every resolution counts, also one that was undone later.
--
-- rule: R1, R2, R3 (reference: event-log-semantics 3.5)
-- unique: source_table, source_row_id, discriminator

select
    r.case_id as case_id,                           -- Case that the event belongs to.
    'case_resolved' as activity_code,               -- Language-neutral code of the activity.
    r.resolved_at as event_time,                    -- UTC instant at which it happened.
    r.actor_id as actor_id,                         -- User who did it; null when nobody is recorded.
    cast(null as uuid) as external_actor_id,     -- Outside party who did it, in a portal for instance.
    r.acted_through_id as acted_through_id,         -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    cast(null as uuid) as queue_id,              -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                  -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    r.audit_id as related_id,                       -- Record that tells the same fact, such as the e-mail.
    r.status_code as status_code,                   -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    r.rule as rule,                                 -- Rule of the reference that made the event.
    r.source_table as source_table,                 -- Table of the evidence.
    r.source_row_id as source_row_id,               -- Row of the evidence.
    r.source_column as source_column,               -- Column of the evidence.
    r.rule as discriminator,                        -- Tells events of one source row and activity apart.
    case r.rule when 'R3' then 'inferred' else 'explicit' end as evidence_class,  -- explicit, inferred or synthetic.
    r.confidence as confidence,                     -- A (recorded) to D (assumed).
    r.time_lower as time_lower,                     -- Earliest moment, where only an interval is known.
    r.time_upper as time_upper                      -- Latest moment, where only an interval is known.
from staging.case_resolution as r
