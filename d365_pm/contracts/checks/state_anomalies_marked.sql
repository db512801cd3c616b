-- Ends and reactivations of a case alternate, or the case is marked.
--
-- table: marts.cases
-- section: 9, invariant 4
-- severity: error
-- keys: CaseGuid

with transition as (
    select
        e.CaseGuid as case_id,
        e.ActivityCode = 'case_reactivated' as is_reactivation,
        lag(e.ActivityCode = 'case_reactivated', 1, true) over history as was_open
    from marts.events as e
    where
        e.ActivityCode in ('case_resolved', 'case_reactivated')
        or (e.ActivityCode = 'case_closed' and coalesce(e.CloseKind, '') not in ('Closed', 'Synthetic'))
    window history as (partition by e.CaseGuid order by e.SeqInCase)
),

odd as (
    select distinct t.case_id as case_id
    from transition as t
    where t.is_reactivation = t.was_open
)

select
    c.CaseGuid as CaseGuid,
    c.StateOrderAnomaly as StateOrderAnomaly,
    'the mark and the events differ' as reason
from marts.cases as c
left join odd as o
    on c.CaseGuid = o.case_id
where coalesce(c.StateOrderAnomaly, false) <> (o.case_id is not null)
