-- The columns whose history the rules read, how the audit writes their values, and whether they are audited now.
--
-- Three switches must all be on: organisation, table, column. What the metadata does not say, the rows judge.
--
-- rule: coverage (reference: event-log-semantics 1.3, dataverse-tables 8.2, 8.3)
-- unique: table_name, column_name

with own_column as (
    -- Columns that the organisation named: categories and signs of escalation.
    select c.column_name as column_name
    from seeds.categorization_columns as c
    union
    select e.column_name as column_name
    from seeds.escalation_columns as e
),

tracked as (
    select
        t.table_name as table_name,
        t.column_name as column_name,
        t.value_form as value_form
    from (
        values
            ('incident', 'ownerid', 'lookup'),
            ('incident', 'statecode', 'option'),
            ('incident', 'statuscode', 'option'),
            ('incident', 'isescalated', 'plain'),
            ('incident', 'subjectid', 'lookup'),
            ('incident', 'casetypecode', 'option'),
            ('incident', 'prioritycode', 'option'),
            ('incident', 'caseorigincode', 'option'),
            ('incident', 'parentcaseid', 'lookup'),
            ('queueitem', 'objectid', 'lookup'),
            ('queueitem', 'queueid', 'lookup'),
            ('queueitem', 'workerid', 'lookup')
    ) as t (table_name, column_name, value_form)
    union all
    select
        'incident' as table_name,
        o.column_name as column_name,
        case
            when m.attribute_type in ('Lookup', 'Customer', 'Owner') then 'lookup'
            when m.attribute_type = 'Picklist' then 'option'
            else 'plain'
        end as value_form
    from own_column as o
    left join raw.attribute_metadata as m
        on
            m.table_name = 'incident'
            and o.column_name = m.column_name
    where
        o.column_name not in (
            'ownerid', 'statecode', 'statuscode', 'isescalated', 'subjectid', 'casetypecode', 'prioritycode',
            'caseorigincode', 'parentcaseid'
        )
)

select
    t.table_name as table_name,
    t.column_name as column_name,
    t.value_form as value_form,     -- lookup is "table,guid"; option is "1" or "1:Label"; plain is the value itself.
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
