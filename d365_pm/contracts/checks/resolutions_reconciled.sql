-- Every completed or undone resolution row of a case in the log is one Case Resolved.
--
-- table: marts.events
-- section: 3.5
-- severity: warning
-- keys: SourceRowId, CaseGuid

with recorded as (
    select
        cast(r.resolution_id as varchar) as resolution_id,
        c.CaseGuid as case_id
    from staging.incidentresolution as r
    cross join staging.as_of as a
    inner join marts.cases as c
        on r.case_id = try_cast(c.CaseGuid as uuid)
    where
        r.state_code in (1, 2)
        and r.resolved_at between timestamptz '2003-01-01 00:00:00+00' and a.as_of
),

told as (
    select
        e.SourceRowId as resolution_id,
        e.CaseGuid as case_id
    from marts.events as e
    where e.Rule = 'R1'
)

select
    coalesce(r.resolution_id, t.resolution_id) as SourceRowId,
    coalesce(r.case_id, t.case_id) as CaseGuid,
    case when t.resolution_id is null then 'read, not in the log' else 'in the log, not read' end as reason
from recorded as r
full join told as t
    on r.resolution_id = t.resolution_id
where
    r.resolution_id is null
    or t.resolution_id is null
