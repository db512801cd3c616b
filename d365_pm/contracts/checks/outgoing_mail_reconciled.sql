-- Every outgoing e-mail of a case has one meaning, and every discarded one a reason: used and discarded make up all read.
--
-- table: staging.email_meaning
-- section: 3.15
-- severity: error
-- keys: email_id

with known as (
    select m.email_id as email_id
    from staging.email as m
    inner join staging.incident as i
        on m.case_id = i.case_id
    where m.is_outgoing
),

judged as (
    select
        m.email_id as email_id,
        count(*) as meanings,
        bool_or((m.meaning = 'discarded') <> (m.discarded_because is not null) or m.meaning is null) as is_unreasoned
    from staging.email_meaning as m
    group by m.email_id
)

select
    coalesce(k.email_id, j.email_id) as email_id,
    coalesce(j.meanings, 0) as meanings,
    case
        when j.email_id is null then 'read, without a meaning'
        when k.email_id is null then 'a meaning of no e-mail that was read'
        when j.meanings > 1 then 'several meanings'
        else 'discarded without a reason'
    end as reason
from known as k
full join judged as j
    on k.email_id = j.email_id
where
    k.email_id is null
    or j.email_id is null
    or j.meanings > 1
    or j.is_unreasoned
