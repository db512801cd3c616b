-- The label of every option code in the language of the log. One row per table, column and code.
--
-- Preferred: the environment's own label in the language of the log; then its label in its base language or in English;
-- last the label that ships with the product. Never the formatted value of the Web API, which follows the calling user.
--
-- rule: labels (reference: event-log-semantics 2.2, 2.8; dataverse-tables 8.4, 9)
-- unique: table_name, column_name, code

with candidate as (
    select
        o.table_name as table_name,
        o.column_name as column_name,
        o.code as code,
        o.label as label,
        false as is_deleted,
        case
            when o.language = s.lcid then 1
            when o.language = e.languagecode then 3
            when o.language = 1033 then 5
        end as preference
    from raw.option_label as o
    cross join staging.rule_settings as s
    left join raw.organization as e
        on true
    union all
    select
        m.objecttypecode as table_name,
        m.attributename as column_name,
        m.attributevalue as code,
        m.value as label,
        m._deleted_at is not null as is_deleted,    -- Names old codes still, where nothing else does.
        case
            when m.langid = s.lcid then 2
            when m.langid = e.languagecode then 4
            when m.langid = 1033 then 6
        end as preference
    from raw.stringmap as m
    cross join staging.rule_settings as s
    left join raw.organization as e
        on true
    union all
    select
        l.table_name as table_name,
        l.column_name as column_name,
        l.code as code,
        case when s.language = 'en' then l.label_en else l.label_pt end as label,
        false as is_deleted,
        7 as preference
    from seeds.option_labels as l
    cross join staging.rule_settings as s
)

select
    c.table_name as table_name,
    c.column_name as column_name,
    c.code as code,
    c.label as label
from candidate as c
where
    c.preference is not null
    and trim(c.label) <> ''
    and c.code is not null
qualify row_number() over (
    partition by c.table_name, c.column_name, c.code order by c.preference, c.is_deleted, c.label
) = 1
