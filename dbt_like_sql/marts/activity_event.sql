-- Every event that belongs into the log, of all activities, with its identity. One row per event.
--
-- Out of the log stay events after the as-of instant, times before the product existed, and all events of a case whose
-- own creation is such a time.
--
-- rule: identity, future and absurd times (reference: event-log-semantics 1.1, 4.17)
-- unique: event_id

with organisation as (
    select
        min(o.organizationid) as organisation_id
    from raw.organization as o
),

event as (
    select
        a.case_id as case_id,
        a.activity_code as activity_code,
        a.event_time as event_time,
        a.actor_id as actor_id,
        a.external_actor_id as external_actor_id,
        a.acted_through_id as acted_through_id,
        a.assigned_to_id as assigned_to_id,
        a.assigned_to_type as assigned_to_type,
        a.assignment_kind as assignment_kind,
        a.queue_id as queue_id,
        a.knowledge_article_id as knowledge_article_id,
        a.sla_kpi as sla_kpi,
        a.kind as kind,
        a.detail_from as detail_from,
        a.detail_to as detail_to,
        a.related_id as related_id,
        a.status_code as status_code,
        a.is_bulk_change as is_bulk_change,
        a.rule as rule,
        a.source_table as source_table,
        a.source_row_id as source_row_id,
        a.source_column as source_column,
        a.discriminator as discriminator,
        a.evidence_class as evidence_class,
        a.confidence as confidence,
        a.time_lower as time_lower,
        a.time_upper as time_upper
    from activities as a
)

select
    md5(
        coalesce(o.organisation_id, '') || '|' || e.source_table || '|' || e.source_row_id || '|' || e.activity_code
        || '|' || e.discriminator
    ) as event_id,                                   -- Same evidence, same id, in every run.
    i.case_key as case_key,                          -- Dense number of the case in this run.
    e.case_id as case_id,                            -- Case that the event belongs to.
    e.activity_code as activity_code,                -- Language-neutral code of the activity.
    e.event_time as event_time,                      -- UTC instant at which it happened.
    e.actor_id as actor_id,                          -- User who did it.
    e.external_actor_id as external_actor_id,        -- Outside party who did it.
    e.acted_through_id as acted_through_id,          -- Account that made the call on behalf of the actor.
    e.assigned_to_id as assigned_to_id,              -- New owner or queue.
    e.assigned_to_type as assigned_to_type,          -- Table of the new owner or queue.
    e.assignment_kind as assignment_kind,            -- user, team or queue.
    e.queue_id as queue_id,                          -- Queue concerned.
    e.knowledge_article_id as knowledge_article_id,  -- Knowledge article concerned.
    e.sla_kpi as sla_kpi,                            -- KPI of the clock that started.
    e.kind as kind,                                  -- Finer kind of the event.
    e.detail_from as detail_from,                    -- Value before.
    e.detail_to as detail_to,                        -- Value after.
    e.related_id as related_id,                      -- Record that tells the same fact.
    e.status_code as status_code,                    -- Status reason that the event itself brought about.
    e.is_bulk_change as is_bulk_change,              -- Part of a bulk or cascaded change.
    e.rule as rule,                                  -- Rule of the reference that made the event.
    e.source_table as source_table,                  -- Table of the evidence.
    e.source_row_id as source_row_id,                -- Row of the evidence.
    e.source_column as source_column,                -- Column of the evidence.
    e.discriminator as discriminator,                -- Tells events of one source row and activity apart.
    e.evidence_class as evidence_class,              -- explicit, inferred or synthetic.
    e.confidence as confidence,                      -- A to D.
    e.time_lower as time_lower,                      -- Earliest possible moment.
    e.time_upper as time_upper                       -- Latest possible moment.
from event as e
cross join organisation as o
cross join staging.as_of as t
inner join staging.incident as i
    on e.case_id = i.case_id
where
    e.event_time <= t.as_of
    and e.event_time >= timestamptz '2003-01-01 00:00:00+00'
    and i.created_at <= t.as_of
    and i.created_at >= timestamptz '2003-01-01 00:00:00+00'
