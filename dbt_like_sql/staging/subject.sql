-- The category tree, each node with the path from the root, because titles of leaves repeat. One row per subject.
--
-- Deleted subjects stay: old events and cases go on naming them.
--
-- rule: service request type (reference: event-log-semantics 2.12)
-- unique: subject_id

with recursive node as (
    select
        try_cast(s.subjectid as uuid) as subject_id,
        s.title as title,
        s.title as path,
        1 as depth
    from raw.subject as s
    left join raw.subject as p
        on s._parentsubject_value = p.subjectid
    where p.subjectid is null
    union all
    select
        try_cast(s.subjectid as uuid) as subject_id,
        s.title as title,
        n.path || ' / ' || s.title as path,
        n.depth + 1 as depth
    from raw.subject as s
    inner join node as n
        on try_cast(s._parentsubject_value as uuid) = n.subject_id
    where n.depth < 32
)

select
    try_cast(s.subjectid as uuid) as subject_id,
    s.title as title,
    coalesce(n.path, s.title) as path
from raw.subject as s
left join node as n
    on try_cast(s.subjectid as uuid) = n.subject_id
