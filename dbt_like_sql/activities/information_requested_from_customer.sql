-- The case starts to wait for its customer, as its status reason says.
--
-- The moment is exact, the meaning of the status reason is inferred: class C. Where the status reason is not audited,
-- an answered e-mail, the last hold or a paused clock speaks for it.
--
-- rule: Q1 to Q4 (reference: event-log-semantics 3.10)
-- unique: source_table, source_row_id, discriminator

with mail as (
    select
        m.audit_id as audit_id,
        min(m.email_id) as email_id
    from staging.email_meaning as m
    where m.rule = 'Q1'
    group by m.audit_id
),

request as (
    select
        q.case_id as case_id,
        q.requested_at as requested_at,
        q.actor_id as actor_id,
        q.external_actor_id as external_actor_id,
        q.acted_through_id as acted_through_id,
        q.old_status as old_status,
        q.new_status as new_status,
        m.email_id as email_id,
        'Q1' as rule,
        'audit' as source_table,
        q.audit_id as source_row_id,
        'statuscode' as source_column,
        'C' as confidence,
        cast(null as timestamptz) as time_lower,
        cast(null as timestamptz) as time_upper
    from staging.information_request as q
    left join mail as m
        on q.audit_id = m.audit_id
    union all
    select
        u.case_id as case_id,
        u.requested_at as requested_at,
        u.actor_id as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        cast(null as integer) as old_status,
        u.status_code as new_status,
        case when u.rule = 'Q2' then u.source_row_id end as email_id,
        u.rule as rule,
        u.source_table as source_table,
        u.source_row_id as source_row_id,
        u.source_column as source_column,
        u.confidence as confidence,
        u.time_lower as time_lower,
        u.time_upper as time_upper
    from staging.unseen_request as u
)

select
    q.case_id as case_id,                                    -- Case that the event belongs to.
    'information_requested_from_customer' as activity_code,  -- Language-neutral code of the activity.
    q.requested_at as event_time,                            -- UTC instant at which it happened.
    q.actor_id as actor_id,                                  -- User who did it; null when nobody is recorded.
    q.external_actor_id as external_actor_id,                -- Outside party who did it, in a portal for instance.
    q.acted_through_id as acted_through_id,                  -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,                 -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,               -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,                -- user, team or queue.
    cast(null as uuid) as queue_id,                       -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,           -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,                        -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                           -- Finer kind of the event, where the activity has kinds.
    cast(q.old_status as varchar) as detail_from,            -- Value before, where the activity is a change of value.
    cast(q.new_status as varchar) as detail_to,              -- Value after, where the activity is a change of value.
    q.email_id as related_id,                                -- Record that tells the same fact, such as the e-mail.
    q.new_status as status_code,                             -- Status reason that the event itself brought about.
    false as is_bulk_change,                                 -- Part of a bulk change, not work on this case.
    q.rule as rule,                                          -- Rule of the reference that made the event.
    q.source_table as source_table,                          -- Table of the evidence.
    q.source_row_id as source_row_id,                        -- Row of the evidence.
    q.source_column as source_column,                        -- Column of the evidence.
    q.rule as discriminator,                                 -- Tells events of one source row and activity apart.
    case when q.confidence = 'D' then 'synthetic' else 'inferred' end
        as evidence_class,                                   -- explicit, inferred or synthetic.
    q.confidence as confidence,                              -- A (recorded) to D (assumed).
    q.time_lower as time_lower,                              -- Earliest moment, where only an interval is known.
    q.time_upper as time_upper                               -- Latest moment, where only an interval is known.
from request as q
