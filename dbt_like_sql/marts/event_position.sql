-- Every event that belongs into the log, with its identity and its place in the case. One row per event.
--
-- Out of the log stay events after the as-of instant, times before the product existed, and all events of a case whose
-- own creation is such a time. Times are whole seconds, so an automation fills one second with many events: inside it
-- the rank of the activity decides, except where evidence knows better: values that chain, states that alternate.
--
-- rule: identity, ties, absurd times (reference: event-log-semantics 1.1, 4.7, 4.17)
-- unique: event_id

with ranked as (
    select
        i.case_key as case_key,
        e.activity_code as activity_code,
        e.event_time as event_time,
        e.source_table as source_table,
        e.source_row_id as source_row_id,
        e.discriminator as discriminator,
        e.rule as rule,
        e.kind as kind,
        e.related_id as related_id,
        e.actor_id as actor_id,
        e.external_actor_id as external_actor_id,
        e.assigned_to_id as assigned_to_id,
        e.queue_id as queue_id,
        e.status_code as status_code,
        e.is_bulk_change as is_bulk_change,
        case e.assignment_kind when 'team' then a.rank_team when 'queue' then a.rank_queue else a.rank end as rank,
        coalesce(s.rank, 9) as source_rank,
        case when e.sla_kpi = 'first_response' then 1 when e.sla_kpi = 'resolution' then 2 else 3 end as kpi_rank,
        case when r.position is not null then 'state' when t.tie_position is not null then e.source_column end as chain,
        coalesce(r.position, t.tie_position, 0) as chain_position
    from activities as e
    cross join staging.as_of as o
    inner join staging.incident as i
        on e.case_id = i.case_id
    inner join staging.activity as a
        on e.activity_code = a.activity_code
    left join seeds.source_ranks as s
        on e.source_table = s.source_table
    left join staging.change_tie as t
        on
            e.source_table = 'audit'
            and e.source_row_id = t.audit_id
            and e.source_column = t.column_name
    left join marts.state_repair as r
        on
            e.activity_code = r.activity_code
            and e.source_row_id = r.source_row_id
    where
        e.event_time between timestamptz '2003-01-01 00:00:00+00' and o.as_of
        and i.created_at between timestamptz '2003-01-01 00:00:00+00' and o.as_of
),

chained as (
    -- A chained event never comes before its predecessor, whatever its own rank.
    select
        r.activity_code as activity_code,
        r.source_row_id as source_row_id,
        r.discriminator as discriminator,
        max(r.rank) over (
            partition by r.case_key, r.event_time, r.chain
            order by r.chain_position, r.source_row_id, r.discriminator
        ) as rank
    from ranked as r
    where r.chain is not null
),

placed as (
    select
        r.case_key as case_key,
        r.activity_code as activity_code,
        r.event_time as event_time,
        r.source_table as source_table,
        r.source_row_id as source_row_id,
        r.discriminator as discriminator,
        r.rule as rule,
        r.kind as kind,
        r.related_id as related_id,
        r.actor_id as actor_id,
        r.external_actor_id as external_actor_id,
        r.assigned_to_id as assigned_to_id,
        r.queue_id as queue_id,
        r.status_code as status_code,
        r.is_bulk_change as is_bulk_change,
        cast(
            row_number() over (
                partition by r.case_key
                order by
                    r.event_time,
                    coalesce(c.rank, r.rank),
                    r.chain_position,
                    r.source_rank,
                    r.kpi_rank,
                    r.source_row_id,
                    r.activity_code,
                    r.discriminator
            ) as integer
        ) as seq_in_case
    from ranked as r
    left join chained as c
        on
            r.activity_code = c.activity_code
            and r.source_row_id = c.source_row_id
            and r.discriminator = c.discriminator
),

organisation as (
    select
        min(o.organizationid) as organisation_id
    from raw.organization as o
)

select
    md5(
        coalesce(o.organisation_id, '') || '|' || p.source_table || '|' || p.source_row_id || '|' || p.activity_code
        || '|' || p.discriminator
    ) as event_id,                                  -- Hash of the evidence: the same in every run.
    p.case_key as case_key,                         -- Dense number of the case in this run.
    p.seq_in_case as seq_in_case,                   -- 1 to n in the order of the case.
    p.event_time as event_time,                     -- UTC instant at which it happened.
    p.activity_code as activity_code,               -- Language-neutral code of the activity.
    p.source_table as source_table,                 -- Table of the evidence.
    p.source_row_id as source_row_id,               -- Row of the evidence.
    p.discriminator as discriminator,               -- Tells events of one source row and activity apart.
    p.rule as rule,                                 -- Rule of the reference that made the event.
    p.kind as kind,                                 -- Finer kind of the event.
    case
        when p.source_table = 'audit' then p.source_row_id
        when p.activity_code = 'case_resolved' then p.related_id
    end as audit_id,                                -- Audit row that tells the same change.
    p.actor_id as actor_id,                         -- User who did it.
    p.external_actor_id is not null as is_external,  -- An outside party did it.
    p.assigned_to_id as assigned_to_id,             -- New owner or queue.
    p.queue_id as queue_id,                         -- Queue concerned.
    p.status_code as status_code,                   -- Status reason that the event itself brought about.
    p.is_bulk_change as is_bulk_change              -- Part of a bulk or cascaded change.
from placed as p
cross join organisation as o
