-- An agent takes a case out of a queue to work on it.
--
-- Only picks by the worker: a worker set by a supervisor or by routing is an assignment. Without an audit only the last
-- worker is known: class B where something tells that the worker did it, else C.
--
-- rule: P1 to P5 (reference: event-log-semantics 3.11)
-- unique: source_table, source_row_id, discriminator

with queue_stay as (
    select
        c.queue_item_id as queue_item_id,
        c.changed_at as entered_at,
        c.new_id as queue_id
    from staging.queue_item_change as c
    where c.column_name = 'queueid'
),

placed as (
    -- The queue at the moment of the pick: the last one the item entered, else the one it is in now.
    select
        p.case_id as case_id,
        p.picked_at as picked_at,
        p.worker_id as worker_id,
        p.acted_through_id as acted_through_id,
        p.pick_kind as pick_kind,
        p.rule as rule,
        p.source_table as source_table,
        p.source_row_id as source_row_id,
        p.source_column as source_column,
        p.confidence as confidence,
        coalesce(y.queue_id, q.queue_id) as queue_id
    from staging.queue_pick as p
    cross join staging.rule_settings as s
    left join queue_stay as y
        on
            p.queue_item_id = y.queue_item_id
            and p.picked_at >= y.entered_at
    left join staging.queueitem as q
        on p.queue_item_id = q.queue_item_id
    where
        p.pick_kind is distinct from 'pushed'
        or s.emit_pushed_pick
    qualify row_number() over (partition by p.source_row_id order by y.entered_at desc, y.queue_id) = 1
)

select
    p.case_id as case_id,                           -- Case that the event belongs to.
    'queue_item_picked_by_agent' as activity_code,  -- Language-neutral code of the activity.
    p.picked_at as event_time,                      -- UTC instant at which it happened.
    p.worker_id as actor_id,                        -- User who did it; null when nobody is recorded.
    cast(null as uuid) as external_actor_id,     -- Outside party who did it, in a portal for instance.
    p.acted_through_id as acted_through_id,         -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    p.queue_id as queue_id,                         -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    p.pick_kind as kind,                            -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,           -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    p.rule as rule,                                 -- Rule of the reference that made the event.
    p.source_table as source_table,                 -- Table of the evidence.
    p.source_row_id as source_row_id,               -- Row of the evidence.
    p.source_column as source_column,               -- Column of the evidence.
    p.rule as discriminator,                        -- Tells events of one source row and activity apart.
    case when p.rule = 'P3' or p.confidence = 'C' then 'inferred' else 'explicit' end
        as evidence_class,                          -- explicit, inferred or synthetic.
    p.confidence as confidence,                     -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,        -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper         -- Latest moment, where only an interval is known.
from placed as p
