-- Every clock that an SLA started on a case of the log is one SLA Timer Started.
--
-- table: marts.events
-- section: 3.6
-- severity: error
-- keys: SourceRowId, CaseGuid

with clock as (
    select
        cast(k.kpi_instance_id as varchar) as kpi_instance_id,
        c.CaseGuid as case_id
    from staging.slakpiinstance as k
    cross join staging.as_of as a
    inner join marts.cases as c
        on k.case_id = try_cast(c.CaseGuid as uuid)
    where
        k.is_chain_root
        and k.created_at between timestamptz '2003-01-01 00:00:00+00' and a.as_of
)

select
    k.kpi_instance_id as SourceRowId,
    k.case_id as CaseGuid,
    'read, not in the log' as reason
from clock as k
left join marts.events as e
    on
        k.kpi_instance_id = e.SourceRowId
        and e.Rule = 'S1'
where e.EventId is null
