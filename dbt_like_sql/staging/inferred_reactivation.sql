-- How often a case must have come back without anything telling when. One row per such case.
--
-- rule: RE5, RE6 (reference: event-log-semantics 3.8)
-- unique: case_id

select
    u.case_id as case_id,
    count(*) as reactivations
from staging.unseen_reactivation as u
where u.rule is null
group by u.case_id
