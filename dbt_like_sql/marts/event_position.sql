-- Every event that belongs into the log, with its place in the case. One row per event.
--
-- Out of the log stay events after the as-of instant, times before the product existed, and all events of a case whose
-- own creation is such a time. Times are whole seconds, so an automation fills one second with many events: inside it
-- the rank of the activity decides, except where evidence knows better.
--
-- rule: ties, absurd times (reference: event-log-semantics 4.7, 4.17)
-- unique: case_key, seq_in_case
-- stored: step

with ranked as (
    select
        i.case_key as case_key,
        e.activity_code as activity_code,
        e.event_time as event_time,
        e.actor_id as actor_id,
        e.external_actor_id as external_actor_id,
        e.acted_through_id as acted_through_id,
        e.assigned_to_id as assigned_to_id,
        e.assignment_kind as assignment_kind,
        e.queue_id as queue_id,
        e.sla_kpi as sla_kpi,
        e.kind as kind,
        -- Both ends of an assignment are ids that stand elsewhere.
        case when e.activity_code <> 'case_assigned' then e.detail_from end as detail_from,
        case when e.activity_code <> 'case_assigned' then e.detail_to end as detail_to,
        e.related_id as related_id,
        e.status_code as status_code,
        e.is_bulk_change as is_bulk_change,
        e.rule as rule,
        e.source_table as source_table,
        e.source_row_id as source_row_id,
        e.source_column as source_column,
        e.discriminator as discriminator,
        e.evidence_class as evidence_class,
        e.confidence as confidence,
        e.time_lower as time_lower,
        e.time_upper as time_upper,
        case e.assignment_kind when 'team' then a.rank_team when 'queue' then a.rank_queue else a.rank end as own_rank,
        c.rank as chain_rank,
        coalesce(c.chain_position, 0) as chain_position,
        coalesce(s.rank, 9) as source_rank,
        case when e.sla_kpi = 'first_response' then 1 when e.sla_kpi = 'resolution' then 2 else 3 end as kpi_rank
    from activities as e
    cross join staging.as_of as o
    inner join staging.incident as i
        on e.case_id = i.case_id
    inner join staging.activity as a
        on e.activity_code = a.activity_code
    left join seeds.source_ranks as s
        on e.source_table = s.source_table
    left join marts.event_chain as c
        on
            e.source_row_id = c.source_row_id
            and e.activity_code = c.activity_code
            and e.discriminator = c.discriminator
    where
        e.event_time between timestamptz '2003-01-01 00:00:00+00' and o.as_of
        and i.created_at between timestamptz '2003-01-01 00:00:00+00' and o.as_of
)

select
    r.case_key as case_key,                         -- Dense number of the case in this run.
    cast(
        row_number() over (
            partition by r.case_key
            order by
                r.event_time,
                coalesce(r.chain_rank, r.own_rank),
                r.chain_position,
                r.own_rank,         -- Of one link of a chain, whose events an earlier link may have raised to one rank.
                r.source_rank,
                r.kpi_rank,
                r.source_row_id,
                r.activity_code,
                r.discriminator
        ) as integer
    ) as seq_in_case,                               -- 1 to n in the order of the case.
    cast(
        rank() over (partition by r.case_key order by r.event_time) as integer
    ) as first_seq_of_second,                       -- The same number of the first event of this second.
    r.event_time as event_time,                     -- UTC instant at which it happened.
    r.activity_code as activity_code,               -- Language-neutral code of the activity.
    r.actor_id as actor_id,                         -- User who did it.
    r.external_actor_id as external_actor_id,       -- Outside party who did it, in a portal for instance.
    r.acted_through_id as acted_through_id,         -- Account that made the call on behalf of the actor.
    r.assigned_to_id as assigned_to_id,             -- New owner or queue.
    r.assignment_kind as assignment_kind,           -- user, team or queue.
    r.queue_id as queue_id,                         -- Queue concerned.
    r.sla_kpi as sla_kpi,                           -- first_response, resolution or other:<name>.
    r.kind as kind,                                 -- Finer kind of the event.
    r.detail_from as detail_from,                   -- Value before.
    r.detail_to as detail_to,                       -- Value after.
    r.related_id as related_id,                     -- Record that tells the same fact, such as the e-mail.
    r.status_code as status_code,                   -- Status reason that the event itself brought about.
    r.is_bulk_change as is_bulk_change,             -- Part of a bulk or cascaded change.
    r.rule as rule,                                 -- Rule of the reference that made the event.
    r.source_table as source_table,                 -- Table of the evidence.
    r.source_row_id as source_row_id,               -- Row of the evidence.
    r.source_column as source_column,               -- Column of the evidence.
    r.discriminator as discriminator,               -- Tells events of one source row and activity apart.
    r.evidence_class as evidence_class,             -- explicit, inferred or synthetic.
    r.confidence as confidence,                     -- A (recorded, complete) to D (assumed).
    r.time_lower as time_lower,                     -- Earliest possible moment, where only an interval is known.
    r.time_upper as time_upper                      -- Latest possible moment, where only an interval is known.
from ranked as r
