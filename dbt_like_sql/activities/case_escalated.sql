-- A case is escalated: flagged as such, or handed to a team, person or queue that the organisation named for it.
--
-- Signs within ten minutes of the first are one escalation with its moment and the best evidence. Without any of them
-- the flag and its date still tell the last escalation: class B.
--
-- rule: E1 to E5 (reference: event-log-semantics 3.4, 2.16)
-- unique: source_table, source_row_id, discriminator

with recursive next_sign as (
    -- The first sign that lies too late for an escalation which this one opens.
    select
        k.case_id as case_id,
        k.escalated_at as escalated_at,
        min(n.escalated_at) as next_at
    from staging.escalation_sign as k
    cross join staging.rule_settings as s
    left join staging.escalation_sign as n
        on
            k.case_id = n.case_id
            and epoch_us(n.escalated_at) - epoch_us(k.escalated_at) > s.escalation_fold_seconds * 1000000
    group by k.case_id, k.escalated_at
),

opening as (
    select
        k.case_id as case_id,
        min(k.escalated_at) as opened_at
    from staging.escalation_sign as k
    group by k.case_id
    union all
    select
        o.case_id as case_id,
        n.next_at as opened_at
    from opening as o
    inner join next_sign as n
        on
            o.case_id = n.case_id
            and o.opened_at = n.escalated_at
    where n.next_at is not null
),

grouped as (
    select
        k.case_id as case_id,
        k.escalated_at as escalated_at,
        k.rule as rule,
        k.actor_id as actor_id,
        k.external_actor_id as external_actor_id,
        k.acted_through_id as acted_through_id,
        k.source_table as source_table,
        k.source_row_id as source_row_id,
        k.source_column as source_column,
        k.confidence as confidence,
        k.queue_id as queue_id,
        o.opened_at as opened_at
    from staging.escalation_sign as k
    inner join opening as o
        on
            k.case_id = o.case_id
            and k.escalated_at >= o.opened_at
    qualify
        row_number() over (
            partition by k.case_id, k.rule, k.source_row_id
            order by o.opened_at desc
        ) = 1
),

basis as (
    select
        g.case_id as case_id,
        g.opened_at as opened_at,
        max(g.queue_id) as queue_id,
        string_agg(distinct g.rule, '|' order by g.rule) as rules
    from grouped as g
    group by g.case_id, g.opened_at
),

best as (
    select
        g.case_id as case_id,
        g.opened_at as opened_at,
        g.rule as rule,
        g.actor_id as actor_id,
        g.external_actor_id as external_actor_id,
        g.acted_through_id as acted_through_id,
        g.source_table as source_table,
        g.source_row_id as source_row_id,
        g.source_column as source_column,
        g.confidence as confidence
    from grouped as g
    qualify
        row_number() over (
            partition by g.case_id, g.opened_at
            order by g.confidence, g.escalated_at, g.rule, g.source_row_id
        ) = 1
)

select
    b.case_id as case_id,                           -- Case that the event belongs to.
    'case_escalated' as activity_code,              -- Language-neutral code of the activity.
    b.opened_at as event_time,                      -- UTC instant at which it happened.
    b.actor_id as actor_id,                         -- User who did it; null when nobody is recorded.
    b.external_actor_id as external_actor_id,       -- Outside party who did it, in a portal for instance.
    b.acted_through_id as acted_through_id,         -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,        -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,      -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,       -- user, team or queue.
    g.queue_id as queue_id,                         -- Queue concerned.
    cast(null as uuid) as knowledge_article_id,  -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,               -- first_response, resolution or other:<name>.
    g.rules as kind,                                -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,           -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,             -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,            -- Record that tells the same fact, such as the e-mail.
    cast(null as integer) as status_code,           -- Status reason that the event itself brought about.
    false as is_bulk_change,                        -- Part of a bulk change, not work on this case.
    b.rule as rule,                                 -- Rule of the reference that made the event.
    b.source_table as source_table,                 -- Table of the evidence.
    b.source_row_id as source_row_id,               -- Row of the evidence.
    b.source_column as source_column,               -- Column of the evidence.
    b.rule as discriminator,                        -- Tells events of one source row and activity apart.
    case
        when b.rule in ('E1', 'E4') then 'explicit'
        else 'inferred'
    end as evidence_class,                          -- explicit, inferred or synthetic.
    b.confidence as confidence,                     -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,        -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper         -- Latest moment, where only an interval is known.
from best as b
inner join basis as g
    on
        b.case_id = g.case_id
        and b.opened_at = g.opened_at
