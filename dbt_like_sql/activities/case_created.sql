-- The birth of a case. Every case has exactly one.
--
-- An import gives a case its historical date, as whoever imported it wrote it: class B.
--
-- rule: CREATED (reference: event-log-semantics 3.2)
-- unique: source_table, source_row_id, discriminator

with born as (
    select
        i.case_id as case_id,
        i.created_at as created_at,
        i.created_by_id as created_by_id,
        i.created_by_external_id as created_by_external_id,
        i.created_through_id as created_through_id,
        i.is_imported as is_imported,
        case
            when i.is_imported then 'import'
            when i.created_by_external_id is not null then 'portal'
            when h.first_parent_case_id is not null then 'child'
            when u.is_system then 'rule'
            else 'manual'
        end as creation_kind
    from staging.incident as i
    left join staging.case_history as h
        on i.case_key = h.case_key
    left join staging.systemuser as u
        on i.created_by_id = u.user_id
)

select
    b.case_id as case_id,                           -- Case that the event belongs to.
    'case_created' as activity_code,                -- Language-neutral code of the activity.
    b.created_at as event_time,                     -- UTC instant at which it happened.
    b.created_by_id as actor_id,                    -- User who did it; null when nobody is recorded.
    b.created_by_external_id as external_actor_id,  -- Outside party who did it, in a portal for instance.
    b.created_through_id as acted_through_id,       -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    cast(null as uuid) as queue_id,              -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    b.creation_kind as kind,                        -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,           -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    'CREATED' as rule,                              -- Rule of the reference that made the event.
    'incident' as source_table,                     -- Table of the evidence.
    b.case_id as source_row_id,                     -- Row of the evidence.
    'createdon' as source_column,                   -- Column of the evidence.
    'CREATED' as discriminator,                     -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                   -- explicit, inferred or synthetic.
    case when b.is_imported then 'B' else 'A' end as confidence,  -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,        -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper         -- Latest moment, where only an interval is known.
from born as b
