-- The knowledge articles of a case in the order of their first link. One row per case with articles.
--
-- rule: knowledge article (reference: event-log-semantics 2.17)
-- unique: case_id

with link as (
    select
        l.case_id as case_id,
        l.link_id as link_id,
        l.public_number as public_number,
        l.usage_code as usage_code,
        l.linked_at as linked_at
    from staging.knowledge_link as l
    cross join staging.as_of as a
    where
        l.public_number is not null
        and l.linked_at <= a.as_of
),

article as (
    select
        l.case_id as case_id,
        l.public_number as public_number,
        min(l.linked_at) as first_linked_at
    from link as l
    group by l.case_id, l.public_number
),

listed as (
    select
        a.case_id as case_id,
        string_agg(a.public_number, '|' order by a.first_linked_at, a.public_number) as public_numbers,
        count(*) as articles
    from article as a
    group by a.case_id
),

resolution as (
    select
        r.case_id as case_id,
        max(r.resolved_at) as resolved_at
    from staging.case_resolution as r
    group by r.case_id
),

decisive as (
    -- The latest article marked as the solution, else the last one linked before the final resolution.
    select
        l.case_id as case_id,
        l.public_number as public_number
    from link as l
    left join resolution as r
        on l.case_id = r.case_id
    where
        l.usage_code = 2
        or r.resolved_at is null
        or l.linked_at <= r.resolved_at
    qualify
        row_number() over (
            partition by l.case_id
            order by coalesce(l.usage_code = 2, false) desc, l.linked_at desc, l.link_id desc
        ) = 1
)

select
    l.case_id as case_id,
    l.public_numbers as public_numbers,
    l.articles as articles,
    d.public_number as decisive_number
from listed as l
left join decisive as d
    on l.case_id = d.case_id
