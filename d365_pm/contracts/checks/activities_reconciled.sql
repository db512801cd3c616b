-- Every row of the thirteen activities is an event of the log, unless its time or its case's creation is impossible.
--
-- table: marts.events
-- section: 4.17
-- severity: error
-- keys: ActivityCode

with made as (
    select a.activity_code, a.case_id, a.event_time from activities.agent_investigated_issue as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.case_assigned as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.case_categorization_changed as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.case_closed as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.case_created as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.case_escalated as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.case_reactivated as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.case_resolved as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.information_requested_from_customer as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.queue_item_picked_by_agent as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.satisfaction_survey_sent as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.sla_timer_started as a
    union all
    select a.activity_code, a.case_id, a.event_time from activities.solution_proposed_to_customer as a
),

expected as (
    select
        m.activity_code as activity_code,
        count(*) as activities
    from made as m
    cross join staging.as_of as o
    inner join marts.cases as c
        on m.case_id = try_cast(c.CaseGuid as uuid)
    where m.event_time between timestamptz '2003-01-01 00:00:00+00' and o.as_of
    group by m.activity_code
),

told as (
    select
        e.ActivityCode as activity_code,
        count(*) as events
    from marts.events as e
    inner join marts.cases as c
        on e.CaseGuid = c.CaseGuid
    inner join staging.activity as a
        on
            e.ActivityCode = a.activity_code
            and a.is_template
    group by e.ActivityCode
)

select
    coalesce(x.activity_code, t.activity_code) as ActivityCode,
    coalesce(x.activities, 0) as activities,
    coalesce(t.events, 0) as events,
    'events are missing or too many' as reason
from expected as x
full join told as t
    on x.activity_code = t.activity_code
where coalesce(x.activities, 0) <> coalesce(t.events, 0)
