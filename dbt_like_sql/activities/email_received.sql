-- An e-mail of the customer arrives. One that opened the case may be older than it.
--
-- rule: EM2 (reference: event-log-semantics 3.14)
-- unique: source_table, source_row_id, discriminator

select
    m.case_id as case_id,                        -- Case that the event belongs to.
    'email_received' as activity_code,           -- Language-neutral code of the activity.
    m.sent_at as event_time,                     -- UTC instant at which it happened.
    cast(null as uuid) as actor_id,              -- User who did it; null when nobody is recorded.
    case
        when r._emailsender_type = 'contact' then cast(r._emailsender_value as uuid)
    end as external_actor_id,                    -- Outside party who did it, in a portal for instance.
    cast(null as uuid) as acted_through_id,      -- Account that made the call on behalf of the actor.
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
    'EM2' as rule,                               -- Rule of the reference that made the event.
    'email' as source_table,                     -- Table of the evidence.
    m.email_id as source_row_id,                 -- Row of the evidence.
    case
        when r.senton is null then 'createdon'
        else 'senton'
    end as source_column,                        -- Column of the evidence.
    'EM2' as discriminator,                      -- Tells events of one source row and activity apart.
    'explicit' as evidence_class,                -- explicit, inferred or synthetic.
    'A' as confidence,                           -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,     -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper      -- Latest moment, where only an interval is known.
from staging.email as m
inner join raw.email as r
    on m.email_id = cast(r.activityid as uuid)
where
    not m.is_outgoing
    and coalesce(m.status_code, 4) in (2, 4)
