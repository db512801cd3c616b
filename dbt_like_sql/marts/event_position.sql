-- The place of each event in its case. One row per event.
--
-- Times are whole seconds, so an automation fills one second with many events. Inside a second the rank of the activity
-- decides, except where evidence knows better: values of one column that chain, and states that must alternate.
--
-- rule: ties and state repair (reference: event-log-semantics 4.7)
-- unique: event_id

with ranked as (
    select
        e.event_id as event_id,
        e.case_key as case_key,
        e.event_time as event_time,
        e.activity_code as activity_code,
        case e.assignment_kind
            when 'team' then a.rank_team
            when 'queue' then a.rank_queue
            else a.rank
        end as rank,
        coalesce(s.rank, 9) as source_rank,
        case when e.sla_kpi = 'first_response' then 1 when e.sla_kpi = 'resolution' then 2 else 3 end as kpi_rank,
        e.source_row_id as source_row_id,
        e.discriminator as discriminator,
        case
            when c.first_position is not null then 'state'
            when t.tie_position is not null then e.source_column
        end as chain,
        coalesce(c.first_position, t.tie_position, 0) as chain_position
    from marts.activity_event as e
    inner join staging.activity as a
        on e.activity_code = a.activity_code
    left join seeds.source_ranks as s
        on e.source_table = s.source_table
    left join staging.change_tie as t
        on
            e.source_table = 'audit'
            and e.source_row_id = t.audit_id
            and e.source_column = t.column_name
    left join marts.state_repair as c
        on e.event_id = c.event_id
),

placed as (
    -- A chained event never comes before its predecessor, whatever its own rank.
    select
        r.event_id as event_id,
        max(r.rank) over (
            partition by r.case_key, r.event_time, r.chain
            order by r.chain_position, r.event_id
        ) as effective_rank
    from ranked as r
    where r.chain is not null
)

select
    r.event_id as event_id,                                     -- Event.
    r.case_key as case_key,                                     -- Dense number of the case in this run.
    r.event_time as event_time,                                 -- UTC instant at which it happened.
    cast(row_number() over ordered as integer) as seq_in_case,  -- 1 to n in the order of the case.
    cast(row_number() over tied as integer) - 1 as tie_offset   -- Place among the events of the same second, from 0.
from ranked as r
left join placed as p
    on r.event_id = p.event_id
window
    ordered as (
        partition by r.case_key
        order by
            r.event_time,
            coalesce(p.effective_rank, r.rank),
            r.chain_position,
            r.source_rank,
            r.kpi_rank,
            r.source_row_id,
            r.activity_code,
            r.discriminator
    ),
    tied as (
        partition by r.case_key, r.event_time
        order by
            coalesce(p.effective_rank, r.rank),
            r.chain_position,
            r.source_rank,
            r.kpi_rank,
            r.source_row_id,
            r.activity_code,
            r.discriminator
    )
