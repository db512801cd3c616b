-- The instant at which everything the log depends on had been read: the start of the oldest extraction. One row.
--
-- rule: as-of (reference: event-log-semantics 2.5)
-- not_null: as_of

with table_reading as (
    -- A window that closed before the extraction began promises nothing about the time in between; one without an end
    -- closed at its beginning, because least leaves nulls out.
    select
        l.table_name as table_name,
        max(least(l.extracted_at, l.window_end)) as read_until
    from raw._loads as l
    where l.kind is distinct from 'reconciliation'  -- That compares ids and reads no rows.
    group by l.table_name
)

select
    -- Whole seconds, as all times of Dataverse: the second in which reading began was not read to its end.
    date_trunc('second', min(t.read_until)) as as_of  -- UTC instant; LastDataUpdate of every row of the log.
from table_reading as t
