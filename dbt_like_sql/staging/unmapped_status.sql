-- Status reasons of cases that no role tells the meaning of: the rules read nothing from them. One row per code.
--
-- rule: custom status codes (reference: event-log-semantics 4.12)
-- unique: status_code

with bearer as (
    select
        i.status_code as status_code,
        count(*) as cases
    from staging.incident as i
    group by i.status_code
),

met as (
    select
        c.new_status as status_code,
        count(*) as changes
    from staging.state_change as c
    group by c.new_status
),

code as (
    select o.code as status_code
    from raw.option_label as o
    where
        o.table_name = 'incident'
        and o.column_name = 'statuscode'
    union
    select b.status_code as status_code
    from bearer as b
    union
    select m.status_code as status_code
    from met as m
)

select
    c.status_code as status_code,
    coalesce(l.label, 'code:' || cast(c.status_code as varchar)) as label,
    coalesce(b.cases, 0) as cases,      -- Cases that have it now.
    coalesce(m.changes, 0) as changes   -- Audited changes to it.
from code as c
left join seeds.status_roles as r
    on c.status_code = r.status_code
left join staging.option_label as l
    on
        l.table_name = 'incident'
        and l.column_name = 'statuscode'
        and c.status_code = l.code
left join bearer as b
    on c.status_code = b.status_code
left join met as m
    on c.status_code = m.status_code
where
    c.status_code is not null
    and r.status_code is null
