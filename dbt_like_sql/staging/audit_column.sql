-- The columns whose history the rules read, and whether the environment audits them now. One row per table and column.
--
-- Three switches must all be on: organisation, table, column. What the metadata does not say, the rows judge.
--
-- rule: coverage (reference: event-log-semantics 1.3, dataverse-tables 8.3)
-- unique: table_name, column_name

with tracked as (
    select
        t.table_name as table_name,
        t.column_name as column_name
    from (
        values
            ('incident', 'ownerid'),
            ('incident', 'statecode'),
            ('incident', 'statuscode'),
            ('incident', 'isescalated'),
            ('incident', 'subjectid'),
            ('incident', 'casetypecode'),
            ('incident', 'prioritycode'),
            ('incident', 'caseorigincode'),
            ('incident', 'parentcaseid'),
            ('queueitem', 'objectid'),
            ('queueitem', 'queueid'),
            ('queueitem', 'workerid')
    ) as t (table_name, column_name)
    union
    select
        'incident' as table_name,
        c.column_name as column_name
    from seeds.categorization_columns as c
)

select
    t.table_name as table_name,
    t.column_name as column_name,
    c.column_name is not null as is_category,
    coalesce(o.isauditenabled, true)
    and coalesce(m.is_table_audited, true)
    and coalesce(m.is_audited, true) as is_audited
from tracked as t
left join raw.attribute_metadata as m
    on
        t.table_name = m.table_name
        and t.column_name = m.column_name
left join seeds.categorization_columns as c
    on
        t.table_name = 'incident'
        and t.column_name = c.column_name
left join raw.organization as o
    on true
