-- No event was left out of the log because it lies after the last update or before the product existed.
--
-- table: marts.events
-- section: 4.17
-- severity: warning
-- keys: SourceTable, SourceRowId, ActivityCode

with made as (
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.agent_investigated_issue as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.case_assigned as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.case_categorization_changed as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.case_closed as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.case_escalated as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.case_reactivated as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.case_resolved as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.information_requested_from_customer as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.queue_item_picked_by_agent as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.satisfaction_survey_sent as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.sla_timer_started as a
    union all
    select a.source_table, a.source_row_id, a.activity_code, a.case_id, a.rule, a.event_time from activities.solution_proposed_to_customer as a
)

select
    m.source_table as SourceTable,
    m.source_row_id as SourceRowId,
    m.activity_code as ActivityCode,
    m.case_id as CaseGuid,
    m.rule as Rule,
    m.event_time as EventTime,
    case when m.event_time > o.as_of then 'after the last update' else 'before 2003, or without a time' end as reason
from made as m
cross join staging.as_of as o
where not coalesce(m.event_time between timestamptz '2003-01-01 00:00:00+00' and o.as_of, false)
