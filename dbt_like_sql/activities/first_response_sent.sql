-- Somebody of ours answers the customer for the first time, as the case itself says.
--
-- The audit dates the mark on the case. Without it the clock of the first response tells when it was met, whoever met
-- it.
--
-- rule: FR1, FR2 (reference: event-log-semantics 3.14)
-- unique: source_table, source_row_id, discriminator

with document as (
    select
        cast(a.auditid as uuid) as audit_id,
        cast(a._objectid_value as uuid) as case_id,
        a.createdon as changed_at,
        cast(a._userid_value as uuid) as actor_id,
        cast(a._callinguserid_value as uuid) as acted_through_id,
        unnest(
            try_cast(
                try_cast(a.changedata as json)
                as struct(changedAttributes struct(logicalName varchar, oldValue varchar, newValue varchar)[])
            ).changedAttributes
        ) as change
    from raw.audit as a
    where
        a.operation in (2, 5)
        and a.objecttypecode = 'incident'
        and contains(a.changedata, 'firstresponsesent')
),

audited as (
    -- The mark can be taken back; the first time counts.
    select
        d.audit_id as audit_id,
        d.case_id as case_id,
        d.changed_at as changed_at,
        d.actor_id as actor_id,
        d.acted_through_id as acted_through_id
    from document as d
    where
        d.change.logicalName = 'firstresponsesent'
        and lower(d.change.newValue) in ('true', '1')
        and coalesce(lower(d.change.oldValue), 'false') not in ('true', '1')
    qualify row_number() over (partition by d.case_id order by d.changed_at, d.audit_id) = 1
),

met as (
    select
        k.case_id as case_id,
        k.succeeded_at as succeeded_at,
        k.kpi_instance_id as kpi_instance_id
    from staging.slakpiinstance as k
    left join audited as a
        on k.case_id = a.case_id
    where
        k.sla_kpi = 'first_response'
        and k.status = 4
        and k.succeeded_at is not null
        and a.case_id is null
    qualify row_number() over (partition by k.case_id order by k.succeeded_at, k.kpi_instance_id) = 1
),

response as (
    select
        a.case_id as case_id,
        a.changed_at as responded_at,
        a.actor_id as actor_id,
        a.acted_through_id as acted_through_id,
        'FR1' as rule,
        'audit' as source_table,
        a.audit_id as source_row_id,
        'firstresponsesent' as source_column,
        'A' as confidence
    from audited as a
    union all
    select
        m.case_id as case_id,
        m.succeeded_at as responded_at,
        cast(null as uuid) as actor_id,
        cast(null as uuid) as acted_through_id,
        'FR2' as rule,
        'slakpiinstance' as source_table,
        m.kpi_instance_id as source_row_id,
        'succeededon' as source_column,
        'B' as confidence
    from met as m
)

select
    r.case_id as case_id,                        -- Case that the event belongs to.
    'first_response_sent' as activity_code,      -- Language-neutral code of the activity.
    r.responded_at as event_time,                -- UTC instant at which it happened.
    r.actor_id as actor_id,                      -- User who did it; null when nobody is recorded.
    cast(null as uuid) as external_actor_id,     -- Outside party who did it, in a portal for instance.
    r.acted_through_id as acted_through_id,      -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,   -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,    -- user, team or queue.
    cast(null as uuid) as queue_id,              -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,            -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,               -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,        -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,          -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,        -- Status reason that the event itself brought about.
    false as is_bulk_change,                     -- Part of a bulk change, not work on this case.
    r.rule as rule,                              -- Rule of the reference that made the event.
    r.source_table as source_table,              -- Table of the evidence.
    r.source_row_id as source_row_id,            -- Row of the evidence.
    r.source_column as source_column,            -- Column of the evidence.
    r.rule as discriminator,                     -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                -- explicit, inferred or synthetic.
    r.confidence as confidence,                  -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,     -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper      -- Latest moment, where only an interval is known.
from response as r
