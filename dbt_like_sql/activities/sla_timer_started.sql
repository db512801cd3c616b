-- A service level clock starts on a case, one event per KPI. Clocks that go on after a pause are not starts.
--
-- A service level agreement of the old kind leaves no clock; its start is assumed, class D, only if switched on.
--
-- rule: S1, S2 (reference: event-log-semantics 3.6)
-- unique: source_table, source_row_id, discriminator

with clock as (
    select
        k.case_id as case_id,
        k.created_at as started_at,
        k.sla_kpi as sla_kpi,
        'S1' as rule,
        'slakpiinstance' as source_table,
        k.kpi_instance_id as source_row_id,
        'createdon' as source_column,
        'S1' as discriminator,
        'explicit' as evidence_class,
        'A' as confidence,
        cast(null as timestamptz) as time_lower,
        cast(null as timestamptz) as time_upper
    from staging.slakpiinstance as k
    where k.is_chain_root
    union all
    select
        c.case_id as case_id,
        c.created_at as started_at,
        c.sla_kpi as sla_kpi,
        'S2' as rule,
        'incident' as source_table,
        c.case_id as source_row_id,
        c.source_column as source_column,
        'S2:' || c.sla_kpi as discriminator,
        'synthetic' as evidence_class,
        'D' as confidence,
        c.created_at as time_lower,
        greatest(c.created_at, c.fails_at) as time_upper
    from staging.legacy_clock as c
)

select
    k.case_id as case_id,                           -- Case that the event belongs to.
    'sla_timer_started' as activity_code,           -- Language-neutral code of the activity.
    k.started_at as event_time,                     -- UTC instant at which it happened.
    cast(null as uuid) as actor_id,              -- User who did it; null when nobody is recorded.
    cast(null as uuid) as external_actor_id,     -- Outside party who did it, in a portal for instance.
    cast(null as uuid) as acted_through_id,      -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    cast(null as uuid) as queue_id,              -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    k.sla_kpi as sla_kpi,                           -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                  -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,           -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    k.rule as rule,                                 -- Rule of the reference that made the event.
    k.source_table as source_table,                 -- Table of the evidence.
    k.source_row_id as source_row_id,               -- Row of the evidence.
    k.source_column as source_column,               -- Column of the evidence.
    k.discriminator as discriminator,               -- Tells events of one source row and activity apart.
    k.evidence_class as evidence_class,             -- explicit, inferred or synthetic.
    k.confidence as confidence,                     -- A (recorded) to D (assumed).
    k.time_lower as time_lower,                     -- Earliest moment, where only an interval is known.
    k.time_upper as time_upper                      -- Latest moment, where only an interval is known.
from clock as k
