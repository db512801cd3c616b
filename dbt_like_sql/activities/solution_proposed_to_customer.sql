-- A solution goes to the customer: by status reason, by the last e-mail before the resolution, or by an article sent.
--
-- The moment is exact, the meaning is inferred: class C.
--
-- rule: SP1, SP2, SP3 (reference: event-log-semantics 3.13, 3.15)
-- unique: source_table, source_row_id, discriminator

select
    p.case_id as case_id,                              -- Case that the event belongs to.
    'solution_proposed_to_customer' as activity_code,  -- Language-neutral code of the activity.
    p.proposed_at as event_time,                       -- UTC instant at which it happened.
    p.actor_id as actor_id,                            -- User who did it; null when nobody is recorded.
    p.external_actor_id as external_actor_id,          -- Outside party who did it, in a portal for instance.
    p.acted_through_id as acted_through_id,            -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,           -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,         -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,          -- user, team or queue.
    cast(null as uuid) as queue_id,                 -- Queue concerned.
    l.article_id as knowledge_article_id,              -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,                  -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                     -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,              -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,                -- Value after, where the activity is a change of value.
    p.link_id as related_id,                           -- Record that tells the same fact, such as the e-mail.
    c.new_status as status_code,                       -- Status reason that the event itself brought about.
    false as is_bulk_change,                           -- Part of a bulk change, not work on this case.
    p.rule as rule,                                    -- Rule of the reference that made the event.
    p.source_table as source_table,                    -- Table of the evidence.
    p.source_row_id as source_row_id,                  -- Row of the evidence.
    p.source_column as source_column,                  -- Column of the evidence.
    p.rule as discriminator,                           -- Tells events of one source row and activity apart.
    'inferred' as evidence_class,                      -- explicit, inferred or synthetic.
    'C' as confidence,                                 -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,           -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper            -- Latest moment, where only an interval is known.
from staging.solution_proposal as p
left join staging.knowledge_link as l
    on p.link_id = l.link_id
left join staging.solution_status_change as c
    on
        p.source_table = 'audit'
        and p.source_row_id = c.audit_id
