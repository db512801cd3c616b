-- Somebody looked into the case, as shown by a knowledge article linked to it.
--
-- The moment is exact, the meaning is inferred: class C. The same article linked again before a reactivation is not a
-- second investigation, and links that a machine suggests are none.
--
-- rule: I1 to I4 (reference: event-log-semantics 3.7)
-- unique: source_table, source_row_id, discriminator

with made_link as (
    select
        l.source_table as source_table,
        l.link_id as link_id,
        l.case_id as case_id,
        l.linked_at as linked_at,
        l.linked_by_id as linked_by_id,
        cast(null as uuid) as acted_through_id,
        l.article_id as article_id,
        coalesce(l.family, cast(l.link_id as varchar)) as family,
        case l.source_table when 'knowledgearticleincident' then 'I1' else 'I2' end as rule,
        'createdon' as source_column
    from staging.knowledge_link as l
    union all
    select
        'audit' as source_table,
        k.audit_id as link_id,
        k.case_id as case_id,
        k.linked_at as linked_at,
        k.actor_id as linked_by_id,
        k.acted_through_id as acted_through_id,
        k.article_id as article_id,
        cast(coalesce(k.article_id, k.audit_id) as varchar) as family,
        'I3' as rule,
        'changedata' as source_column
    from staging.knowledge_association as k
),

link as (
    select
        l.source_table as source_table,
        l.link_id as link_id,
        l.case_id as case_id,
        l.linked_at as linked_at,
        l.linked_by_id as linked_by_id,
        l.acted_through_id as acted_through_id,
        l.article_id as article_id,
        l.rule as rule,
        l.source_column as source_column
    from made_link as l
    cross join staging.rule_settings as s
    left join staging.systemuser as u
        on l.linked_by_id = u.user_id
    left join staging.case_episode as e
        on
            l.case_id = e.case_id
            and l.linked_at >= e.opened_at
            and (e.next_opened_at is null or l.linked_at < e.next_opened_at)
    where
        not s.investigation_requires_human
        or not coalesce(u.is_system, false)
    qualify
        row_number() over (
            partition by l.case_id, coalesce(e.episode_no, 0), l.family
            order by l.linked_at, l.link_id
        ) = 1
),

investigation as (
    select
        l.case_id as case_id,
        l.linked_at as investigated_at,
        l.linked_by_id as actor_id,
        l.acted_through_id as acted_through_id,
        l.article_id as article_id,
        cast(null as integer) as status_code,
        l.rule as rule,
        l.source_table as source_table,
        l.link_id as source_row_id,
        l.source_column as source_column
    from link as l
    union all
    select
        c.case_id as case_id,
        c.changed_at as investigated_at,
        c.actor_id as actor_id,
        c.acted_through_id as acted_through_id,
        cast(null as uuid) as article_id,
        c.new_status as status_code,
        'I4' as rule,
        'audit' as source_table,
        c.audit_id as source_row_id,
        'statuscode' as source_column
    from staging.state_change as c
    cross join staging.rule_settings as s
    where
        s.investigation_by_status
        and c.new_role = 'researching'
        and c.old_role is distinct from c.new_role
)

select
    n.case_id as case_id,                         -- Case that the event belongs to.
    'agent_investigated_issue' as activity_code,  -- Language-neutral code of the activity.
    n.investigated_at as event_time,              -- UTC instant at which it happened.
    n.actor_id as actor_id,                       -- User who did it; null when nobody is recorded.
    cast(null as uuid) as external_actor_id,   -- Outside party who did it, in a portal for instance.
    n.acted_through_id as acted_through_id,       -- Account that made the call on behalf of the actor.
    cast(null as uuid) as assigned_to_id,      -- New owner, or queue the case went into.
    cast(null as varchar) as assigned_to_type,    -- Table of assigned_to_id: systemuser, team or queue.
    cast(null as varchar) as assignment_kind,     -- user, team or queue.
    cast(null as uuid) as queue_id,            -- Queue concerned.
    n.article_id as knowledge_article_id,         -- Knowledge article concerned.
    cast(null as varchar) as sla_kpi,             -- first_response, resolution or other:<name>.
    cast(null as varchar) as kind,                -- Finer kind of the event, where the activity has kinds.
    cast(null as varchar) as detail_from,         -- Value before, where the activity is a change of value.
    cast(null as varchar) as detail_to,           -- Value after, where the activity is a change of value.
    cast(null as uuid) as related_id,          -- Record that tells the same fact, such as the e-mail.
    n.status_code as status_code,                 -- Status reason that the event itself brought about.
    false as is_bulk_change,                      -- Part of a bulk change, not work on this case.
    n.rule as rule,                               -- Rule of the reference that made the event.
    n.source_table as source_table,               -- Table of the evidence.
    n.source_row_id as source_row_id,             -- Row of the evidence.
    n.source_column as source_column,             -- Column of the evidence.
    n.rule as discriminator,                      -- Tells events of one source row and activity apart.
    'inferred' as evidence_class,                 -- explicit, inferred or synthetic.
    'C' as confidence,                            -- A (recorded) to D (assumed).
    cast(null as timestamptz) as time_lower,      -- Earliest moment, where only an interval is known.
    cast(null as timestamptz) as time_upper       -- Latest moment, where only an interval is known.
from investigation as n
