-- Every event of the log with its id, a hash of its evidence that is the same in every run. One row per event.
--
-- rule: identity (reference: event-log-semantics 1.1)
-- unique: event_id
-- stored: step view

select
    p.case_key as case_key,                        -- Dense number of the case in this run.
    p.seq_in_case as seq_in_case,                  -- 1 to n in the order of the case.
    md5(
        concat(
            o.organisation_id, '|', p.source_table, '|', cast(p.source_row_id as varchar), '|', p.activity_code, '|',
            p.discriminator
        )
    ) as event_id,                                 -- Hash of the evidence: the same in every run.
    p.first_seq_of_second as first_seq_of_second,  -- The same number of the first event of this second.
    p.event_time as event_time,                    -- UTC instant at which it happened.
    p.activity_code as activity_code,              -- Language-neutral code of the activity.
    p.actor_id as actor_id,                        -- User who did it.
    p.external_actor_id as external_actor_id,      -- Outside party who did it, in a portal for instance.
    p.acted_through_id as acted_through_id,        -- Account that made the call on behalf of the actor.
    p.assigned_to_id as assigned_to_id,            -- New owner or queue.
    p.assignment_kind as assignment_kind,          -- user, team or queue.
    p.queue_id as queue_id,                        -- Queue concerned.
    p.sla_kpi as sla_kpi,                          -- first_response, resolution or other:<name>.
    p.kind as kind,                                -- Finer kind of the event.
    p.detail_from as detail_from,                  -- Value before.
    p.detail_to as detail_to,                      -- Value after.
    p.related_id as related_id,                    -- Record that tells the same fact, such as the e-mail.
    p.status_code as status_code,                  -- Status reason that the event itself brought about.
    p.is_bulk_change as is_bulk_change,            -- Part of a bulk or cascaded change.
    p.rule as rule,                                -- Rule of the reference that made the event.
    p.source_table as source_table,                -- Table of the evidence.
    p.source_row_id as source_row_id,              -- Row of the evidence.
    p.source_column as source_column,              -- Column of the evidence.
    p.discriminator as discriminator,              -- Tells events of one source row and activity apart.
    p.evidence_class as evidence_class,            -- explicit, inferred or synthetic.
    p.confidence as confidence,                    -- A (recorded, complete) to D (assumed).
    p.time_lower as time_lower,                    -- Earliest possible moment, where only an interval is known.
    p.time_upper as time_upper                     -- Latest possible moment, where only an interval is known.
from marts.event_position as p
cross join staging.organisation as o
