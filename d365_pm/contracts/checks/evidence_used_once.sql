-- One piece of evidence makes one event of an activity, not two.
--
-- table: marts.events
-- section: 1.1
-- severity: error
-- keys: ActivityCode, SourceTable, SourceRowId

with repeated as (
    select
        hash(e.ActivityCode, e.SourceTable, e.SourceRowId, e.SourceColumn, e.Rule) as evidence
    from marts.events as e
    group by all
    having count(*) > 1
)

select
    e.ActivityCode as ActivityCode,
    e.SourceTable as SourceTable,
    e.SourceRowId as SourceRowId,
    e.SourceColumn as SourceColumn,
    e.Rule as Rule,
    count(*) as events,
    'the same evidence makes several events' as reason
from marts.events as e
where hash(e.ActivityCode, e.SourceTable, e.SourceRowId, e.SourceColumn, e.Rule) in (from repeated)
group by all
having
    count(*) > 1
    and e.SourceRowId is not null
