-- A case has one SLA Timer Started per clock that an SLA started on it, and none for going on after a pause.
--
-- table: marts.events
-- section: 9, invariant 9
-- severity: error
-- keys: CaseGuid

with timer as (
    select
        e.CaseGuid as case_id,
        count(*) as timers
    from marts.events as e
    where e.Rule = 'S1'
    group by e.CaseGuid
),

clock as (
    select
        cast(k.case_id as varchar) as case_id,
        count(*) as clocks
    from staging.slakpiinstance as k
    where k.is_chain_root
    group by k.case_id
)

select
    t.case_id as CaseGuid,
    t.timers as timers,
    coalesce(c.clocks, 0) as clocks,
    'more timers than clocks' as reason
from timer as t
left join clock as c
    on t.case_id = c.case_id
where t.timers > coalesce(c.clocks, 0)
