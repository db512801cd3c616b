-- The administrative end of a case: cancelled, merged into another, or closed by a status reason of the organisation.
--
-- Without such a status reason a resolved case is never closed, unless closings are made up for a product that insists
-- on them. Without an audit an end lies between the last other event and the last touch of the case: class C.
--
-- rule: CL1 to CL7 (reference: event-log-semantics 3.3)
-- unique: source_table, source_row_id, discriminator

with closing as (
    select
        c.case_id as case_id,
        c.closed_at as closed_at,
        c.rule as rule,
        c.close_kind as close_kind,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.source_table as source_table,
        c.source_row_id as source_row_id,
        c.source_column as source_column,
        c.confidence as confidence,
        c.status_code as status_code,
        b.happened_at as time_lower,
        case when b.happened_at is not null then c.closed_at end as time_upper
    from staging.case_closing as c
    left join staging.closing_bound as b
        on
            c.rule in ('CL4', 'CL5')
            and c.case_id = b.case_id
    union all
    select
        y.case_id as case_id,
        y.closed_at as closed_at,
        y.rule as rule,
        'Synthetic' as close_kind,
        cast(null as uuid) as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        'incident' as source_table,
        y.case_id as source_row_id,
        'statecode' as source_column,
        'D' as confidence,
        cast(null as integer) as status_code,
        cast(null as timestamptz) as time_lower,
        cast(null as timestamptz) as time_upper
    from staging.synthetic_closing as y
)

select
    c.case_id as case_id,                           -- Case that the event belongs to.
    'case_closed' as activity_code,                 -- Language-neutral code of the activity.
    c.closed_at as event_time,                      -- UTC instant at which it happened.
    c.actor_id as actor_id,                         -- User who did it; null when nobody is recorded.
    c.external_actor_id as external_actor_id,       -- Outside party who did it, in a portal for instance.
    c.acted_through_id as acted_through_id,         -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    cast(null as uuid) as queue_id,              -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    c.close_kind as kind,                           -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    c.status_code as status_code,                   -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    c.rule as rule,                                 -- Rule of the reference that made the event.
    c.source_table as source_table,                 -- Table of the evidence.
    c.source_row_id as source_row_id,               -- Row of the evidence.
    c.source_column as source_column,               -- Column of the evidence.
    c.rule as discriminator,                        -- Tells events of one source row and activity apart.
    case
        when c.rule in ('CL4', 'CL5') then 'inferred'
        when c.rule in ('CL6', 'CL7') then 'synthetic'
        else 'explicit'
    end as evidence_class,                          -- explicit, inferred or synthetic.
    c.confidence as confidence,                     -- A (recorded) to D (assumed).
    c.time_lower as time_lower,                     -- Earliest moment, where only an interval is known.
    c.time_upper as time_upper                      -- Latest moment, where only an interval is known.
from closing as c
