-- A resolved or cancelled case becomes active again.
--
-- Without an audit the moment is inferred, one event at most between two resolutions: class C with bounds.
--
-- rule: RE1 to RE5 (reference: event-log-semantics 3.8)
-- unique: source_table, source_row_id, discriminator

select
    r.case_id as case_id,                           -- Case that the event belongs to.
    'case_reactivated' as activity_code,            -- Language-neutral code of the activity.
    r.reactivated_at as event_time,                 -- UTC instant at which it happened.
    r.actor_id as actor_id,                         -- User who did it; null when nobody is recorded.
    r.external_actor_id as external_actor_id,       -- Outside party who did it, in a portal for instance.
    r.acted_through_id as acted_through_id,         -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    cast(null as uuid) as queue_id,              -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    r.reactivated_from as kind,                     -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    r.status_code as status_code,                   -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    r.rule as rule,                                 -- Rule of the reference that made the event.
    r.source_table as source_table,                 -- Table of the evidence.
    r.source_row_id as source_row_id,               -- Row of the evidence.
    r.source_column as source_column,               -- Column of the evidence.
    r.rule as discriminator,                        -- Tells events of one source row and activity apart.
    case
        when r.rule in ('RE1', 'RE2') then 'explicit'
        when r.rule = 'RE5' then 'synthetic'
        else 'inferred'
    end as evidence_class,                          -- explicit, inferred or synthetic.
    r.confidence as confidence,                     -- A (recorded) to D (assumed).
    r.time_lower as time_lower,                     -- Earliest moment, where only an interval is known.
    r.time_upper as time_upper                      -- Latest moment, where only an interval is known.
from staging.case_reactivation as r
