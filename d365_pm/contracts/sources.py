"""What rows are judged with beside their own columns: for an event, the one before it in its case."""

EVENT_STEPS = """(
        select
            s.*,
            lag(s.Rank) over history as PreviousRank,
            lag(s.SeqInCase) over history as PreviousSeq,
            lag(s.EventTime) over history as PreviousTime,
            lag(s.EventTimeOrdered) over history as PreviousTimeOrdered
        from (
            select
                e.*,
                case e.AssignmentKind
                    when 'team' then a.rank_team when 'queue' then a.rank_queue else a.rank
                end as Rank,
                e.SourceRowId in (select cast(c.source_row_id as varchar) from marts.event_chain as c) as IsChained,
                hash(e.CaseGuid) as case_hash
            from marts.events as e
            left join staging.activity as a
                on e.ActivityCode = a.activity_code
        ) as s
        window history as (partition by s.case_hash order by s.SeqInCase, s.EventTime)
    )"""
"""Events with the one before; cases are told apart by their hash, since sorting a million ids would take seconds."""
