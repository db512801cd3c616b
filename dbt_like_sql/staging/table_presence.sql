-- Whether the tables that hold customer contacts could be read at all. One row.
--
-- rule: first contact resolution, testable conditions (reference: event-log-semantics 2.13)

with latest as (
    select
        l.table_name as table_name,
        l.is_missing as is_missing
    from raw._loads as l
    qualify row_number() over (partition by l.table_name order by l.extracted_at desc, l.row_count desc) = 1
)

select
    not coalesce(bool_or(l.is_missing) filter (where l.table_name in ('email', 'phonecall')), false)
        as has_contacts
from latest as l
