-- A case gets a new owner, or enters a queue.
--
-- The owner of a case is a user or a team, never a queue; queues have their own rows. An owner who created the case was
-- not assigned to it. Without an audit only the present stay in a queue and the present worker are known: class B.
-- Where not even they speak, the present owner may be assumed since creation: class D, only if switched on.
--
-- rule: A1 to A6 (reference: event-log-semantics 3.1)
-- unique: source_table, source_row_id, discriminator

with assignment as (
    select
        c.case_id as case_id,
        c.changed_at as assigned_at,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        c.new_owner_id as assigned_to_id,
        c.new_type as assigned_to_type,
        c.old_owner_id as assigned_from_id,
        c.is_bulk as is_bulk,
        'A1' as rule,
        'audit' as source_table,
        c.audit_id as source_row_id,
        'ownerid' as source_column,
        'A' as confidence
    from staging.owner_change as c
    cross join staging.rule_settings as s
    left join staging.queue_pick as p
        on
            s.fold_pick_and_assign
            and c.case_id = p.case_id
            and c.changed_at = p.picked_at
            and c.new_owner_id = p.worker_id
            and p.pick_kind = 'self'
    where p.source_row_id is null
    union all
    select
        o.case_id as case_id,
        o.created_at as assigned_at,
        o.created_by_id as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        o.owner_id as assigned_to_id,
        o.owner_type as assigned_to_type,
        cast(null as uuid) as assigned_from_id,
        false as is_bulk,
        'A2' as rule,
        'incident' as source_table,
        o.case_id as source_row_id,
        'ownerid' as source_column,
        'B' as confidence
    from staging.initial_owner as o
    where o.owner_id <> o.created_by_id
    union all
    select
        q.case_id as case_id,
        q.entered_at as assigned_at,
        q.actor_id as actor_id,
        q.external_actor_id as external_actor_id,
        q.acted_through_id as acted_through_id,
        q.queue_id as assigned_to_id,
        'queue' as assigned_to_type,
        q.previous_queue_id as assigned_from_id,
        false as is_bulk,
        q.rule as rule,
        q.source_table as source_table,
        q.source_row_id as source_row_id,
        q.source_column as source_column,
        q.confidence as confidence
    from staging.queue_entry as q
    cross join staging.rule_settings as s
    where s.emit_queue_assignment
    union all
    select
        w.case_id as case_id,
        w.worker_set_at as assigned_at,
        cast(null as uuid) as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        w.worker_id as assigned_to_id,
        w.worker_type as assigned_to_type,
        cast(null as uuid) as assigned_from_id,
        false as is_bulk,
        'A5' as rule,
        'queueitem' as source_table,
        w.queue_item_id as source_row_id,
        'workeridmodifiedon' as source_column,
        'B' as confidence
    from staging.present_worker as w
    union all
    select
        o.case_id as case_id,
        o.created_at as assigned_at,
        cast(null as uuid) as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        o.owner_id as assigned_to_id,
        o.owner_type as assigned_to_type,
        cast(null as uuid) as assigned_from_id,
        false as is_bulk,
        'A6' as rule,
        'incident' as source_table,
        o.case_id as source_row_id,
        'ownerid' as source_column,
        'D' as confidence
    from staging.assumed_owner as o
)

select
    a.case_id as case_id,                           -- Case that the event belongs to.
    'case_assigned' as activity_code,               -- Language-neutral code of the activity.
    a.assigned_at as event_time,                    -- UTC instant at which it happened.
    a.actor_id as actor_id,                         -- User who did it; null when nobody is recorded.
    a.external_actor_id as external_actor_id,       -- Outside party who did it, in a portal for instance.
    a.acted_through_id as acted_through_id,         -- Account that made the call on behalf of the actor.
    a.assigned_to_id as assigned_to_id,             -- New owner, or queue the case went into.
    a.assigned_to_type as assigned_to_type,         -- Table of assigned_to_id: systemuser, team or queue.
    case a.assigned_to_type
        when 'systemuser' then 'user'
        else a.assigned_to_type
    end as assignment_kind,                         -- user, team or queue.
    case when a.assigned_to_type = 'queue' then a.assigned_to_id end as queue_id,  -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                  -- Finer kind of the event, where the activity has kinds.
    cast(a.assigned_from_id as varchar) as detail_from,  -- Value before, where the activity is a change of value.
    cast(a.assigned_to_id as varchar) as detail_to,  -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,           -- Status reason that the event itself brought about.
    a.is_bulk as is_bulk_change,                    -- Part of a bulk change, not work on this case.
    a.rule as rule,                                 -- Rule of the reference that made the event.
    a.source_table as source_table,                 -- Table of the evidence.
    a.source_row_id as source_row_id,               -- Row of the evidence.
    a.source_column as source_column,               -- Column of the evidence.
    a.rule as discriminator,                        -- Tells events of one source row and activity apart.
    case a.rule when 'A6' then 'synthetic' else 'explicit' end
        as evidence_class,                          -- explicit, inferred or synthetic.
    a.confidence as confidence,                     -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,        -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper         -- Latest moment, where only an interval is known.
from assignment as a
