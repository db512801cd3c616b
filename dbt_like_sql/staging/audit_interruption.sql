-- When auditing was switched off, and on again for good. One row; all null where nobody ever switched it off.
--
-- Which table or column was switched is not documented; a row about queue items alone does not concern cases.
--
-- rule: interruptions (reference: event-log-semantics 1.3, dataverse-tables 8.3)

with switch as (
    select
        min(case when m.action in (108, 109, 110) then m.first_at end) as first_off_at,
        max(case when m.action in (108, 109, 110) then m.last_at end) as last_off_at,
        max(case when m.action in (105, 106, 107) then m.last_at end) as last_on_at
    from staging.audit_mark as m
    where m.table_name <> 'queueitem'
)

select
    s.first_off_at as first_off_at,
    s.last_off_at as last_off_at,
    case when s.last_on_at >= s.last_off_at then s.last_on_at end as resumed_at
from switch as s
