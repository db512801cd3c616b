-- A conversation in Omnichannel that is linked to a case ends. Its last agent is named as the actor.
--
-- A case that unified routing itself sends on its way has a conversation as its shell; only conversations linked to a
-- case count.
--
-- Needs the optional table msdyn_ocliveworkitem.
--
-- rule: CO2 (reference: event-log-semantics 3.14, 4.16)
-- unique: source_table, source_row_id, discriminator

select
    cast(w._msdyn_issueid_value as uuid) as case_id,         -- Case that the event belongs to.
    'conversation_ended' as activity_code,                   -- Language-neutral code of the activity.
    w.msdyn_closedon as event_time,                          -- UTC instant at which it happened.
    cast(w._msdyn_activeagentid_value as uuid) as actor_id,  -- User who did it; null when nobody is recorded.
    cast(null as uuid) as external_actor_id,                 -- Outside party who did it, in a portal for instance.
    cast(null as uuid) as acted_through_id,                  -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,                    -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,               -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,                -- user, team or queue.
    cast(null as uuid) as queue_id,                          -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,              -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,                        -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                           -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,                    -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,                      -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,                        -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,                    -- Status reason that the event itself brought about.
    false as is_bulk_change,                                 -- Part of a bulk change, not work on this case.
    'CO2' as rule,                                           -- Rule of the reference that made the event.
    'msdyn_ocliveworkitem' as source_table,                  -- Table of the evidence.
    cast(w.activityid as uuid) as source_row_id,             -- Row of the evidence.
    'msdyn_closedon' as source_column,                       -- Column of the evidence.
    'CO2' as discriminator,                                  -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                            -- explicit, inferred or synthetic.
    'A' as confidence,                                       -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,                 -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper                  -- Latest moment, where only an interval is known.
from raw.msdyn_ocliveworkitem as w
where
    w._msdyn_issueid_value is not null
    and w.msdyn_closedon is not null
    and (w._deleted_at is null or w._msdyn_issueid_value in (select k.case_id from staging.kept_case as k))
