-- Under full audit the outcome of a case is what its last end or reactivation left.
--
-- table: marts.cases
-- section: 4.2
-- severity: warning
-- keys: CaseGuid

with last_transition as (
    select
        e.CaseGuid as case_id,
        arg_max(
            case e.ActivityCode
                when 'case_resolved' then 'Resolved'
                when 'case_reactivated' then 'Open'
                else e.CloseKind
            end,
            e.SeqInCase
        ) as outcome
    from marts.events as e
    where
        e.ActivityCode in ('case_resolved', 'case_reactivated')
        or (e.ActivityCode = 'case_closed' and e.CloseKind in ('Cancelled', 'Merged', 'Closed'))
    group by e.CaseGuid
)

select
    c.CaseGuid as CaseGuid,
    c.CaseOutcome as CaseOutcome,
    coalesce(t.outcome, 'Open') as last_event,
    'the outcome is not what the last event left' as reason
from marts.cases as c
left join last_transition as t
    on c.CaseGuid = t.case_id
where
    c.StatusAuditCoverage = 'full'
    and c.CaseOutcome <> coalesce(t.outcome, 'Open')
