-- Events of one second whose evidence knows their order: values that chain, states that alternate. One row per event.
--
-- A chained event never comes before its predecessor, whatever the rank of its own activity.
--
-- rule: ties (reference: event-log-semantics 4.7)
-- unique: source_row_id, activity_code, discriminator

with chained as (
    select
        e.case_id as case_id,
        e.event_time as event_time,
        e.activity_code as activity_code,
        e.source_row_id as source_row_id,
        e.discriminator as discriminator,
        case e.assignment_kind when 'team' then a.rank_team when 'queue' then a.rank_queue else a.rank end as rank,
        case when r.position is not null then 'state' else e.source_column end as chain,
        coalesce(r.position, t.tie_position) as chain_position
    from activities as e
    inner join staging.activity as a
        on e.activity_code = a.activity_code
    left join staging.change_tie as t
        on
            e.source_table = 'audit'
            and e.source_row_id = t.audit_id
            and e.source_column = t.column_name
    left join marts.state_repair as r
        on
            e.activity_code = r.activity_code
            and e.source_row_id = r.source_row_id
    where coalesce(r.position, t.tie_position) is not null
)

select
    c.activity_code as activity_code,    -- Language-neutral code of the activity.
    c.source_row_id as source_row_id,    -- Row of the evidence.
    c.discriminator as discriminator,    -- Tells events of one source row and activity apart.
    c.chain_position as chain_position,  -- Place in the chain, from 1.
    max(c.rank) over (
        partition by c.case_id, c.event_time, c.chain
        order by c.chain_position, c.rank
    ) as rank                            -- Rank inside the second: at least that of every predecessor.
from chained as c
