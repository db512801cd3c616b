-- The last thing known to have happened to a case before an end that no audit row shows. One row per such case.
--
-- rule: CL4, CL5, lower bound (reference: event-log-semantics 3.3)
-- unique: case_id

with event as (
    select i.case_id as case_id, i.created_at as happened_at
    from staging.incident as i
    union all
    select r.case_id as case_id, r.resolved_at as happened_at
    from staging.case_resolution as r
    union all
    select r.case_id as case_id, r.reactivated_at as happened_at
    from staging.case_reactivation as r
    union all
    select c.case_id as case_id, c.changed_at as happened_at
    from staging.owner_change as c
    union all
    select c.case_id as case_id, c.changed_at as happened_at
    from staging.case_change as c
    inner join seeds.categorization_columns as k
        on c.column_name = k.column_name
    union all
    select e.case_id as case_id, e.escalated_at as happened_at
    from staging.escalation_sign as e
    union all
    select q.case_id as case_id, q.entered_at as happened_at
    from staging.queue_entry as q
    union all
    select p.case_id as case_id, p.picked_at as happened_at
    from staging.queue_pick as p
    union all
    select k.case_id as case_id, k.created_at as happened_at
    from staging.slakpiinstance as k
    where k.is_chain_root
    union all
    select l.case_id as case_id, l.linked_at as happened_at
    from staging.knowledge_link as l
    union all
    select q.case_id as case_id, q.requested_at as happened_at
    from staging.information_request as q
    union all
    select q.case_id as case_id, q.requested_at as happened_at
    from staging.unseen_request as q
    union all
    select p.case_id as case_id, p.proposed_at as happened_at
    from staging.solution_proposal as p
    union all
    select s.case_id as case_id, s.sent_at as happened_at
    from staging.survey_sending as s
)

select
    u.case_id as case_id,
    max(e.happened_at) as happened_at
from staging.unseen_closing as u
inner join event as e
    on
        u.case_id = e.case_id
        and u.closed_at >= e.happened_at
group by u.case_id
