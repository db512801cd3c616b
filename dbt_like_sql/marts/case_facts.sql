-- What the events of a case add up to: how often each step happened, and when. One row per case.
--
-- Bulk and cascaded changes are not work and count for nothing here.
--
-- rule: counts and first and last times (reference: event-log-semantics 2.13, 2.14, 2.16, 2.21)
-- unique: case_key
-- stored: step

with transition as (
    select
        e.case_key as case_key,
        e.activity_code as activity_code,
        e.event_time as event_time,
        lag(e.activity_code) over history as previous_code,
        lag(e.event_time) over history as previous_time
    from marts.event_position as e
    where
        e.activity_code in ('case_resolved', 'case_reactivated')
        or (e.activity_code = 'case_closed' and e.kind not in ('Closed', 'Synthetic'))
    window history as (partition by e.case_key order by e.seq_in_case)
),

alternation as (
    -- Two ends without a reactivation between them, or a reactivation of an open case: a transition is missing.
    select
        t.case_key as case_key,
        bool_or(
            case
                when t.activity_code = 'case_reactivated'
                    then coalesce(t.previous_code, 'case_reactivated') = 'case_reactivated'
                else coalesce(t.previous_code, 'case_reactivated') <> 'case_reactivated'
            end
        ) as has_anomaly,
        cast(
            sum(
                case
                    when t.activity_code = 'case_reactivated'
                        then (epoch_us(t.event_time) - epoch_us(t.previous_time)) // 1000000
                end
            ) as bigint
        ) as resolved_gap_seconds
    from transition as t
    group by t.case_key
),

tally as (
    select
        e.case_key as case_key,
        count(*) as events,
        min(e.event_time) filter (where e.activity_code = 'case_resolved') as first_resolved_at,
        max(e.event_time) filter (where e.activity_code = 'case_resolved') as last_resolved_at,
        count(*) filter (where e.activity_code = 'case_resolved') as resolutions,
        count(*) filter (where e.activity_code = 'case_reactivated') as reactivations,
        count(*) filter (where e.activity_code = 'case_reactivated' and e.kind = 'Resolved') as reopenings,
        count(*) filter (where e.activity_code = 'information_requested_from_customer') as information_requests,
        count(*) filter (where e.activity_code = 'case_categorization_changed') as recategorizations,
        count(*) filter (where e.activity_code = 'case_escalated') as escalations,
        count(*) filter (where e.activity_code = 'satisfaction_survey_sent') as surveys,
        count(*) filter (where e.rule = 'A1' and not e.is_bulk_change) as owner_changes
    from marts.event_position as e
    group by e.case_key
)

select
    t.case_key as case_key,                              -- Dense number of the case in this run.
    t.events as events,                                  -- Events in the log.
    t.first_resolved_at as first_resolved_at,            -- UTC instant of the first resolution.
    t.last_resolved_at as last_resolved_at,              -- UTC instant of the last resolution.
    t.resolutions as resolutions,                        -- Number of Case Resolved.
    t.reactivations as reactivations,                    -- Number of Case Reactivated.
    t.reopenings as reopenings,                          -- Number of Case Reactivated from Resolved.
    t.information_requests as information_requests,      -- Number of Information Requested from Customer.
    t.recategorizations as recategorizations,            -- Number of Case Categorization Changed.
    t.escalations as escalations,                        -- Number of Case Escalated.
    t.surveys as surveys,                                -- Number of Satisfaction Survey Sent.
    t.owner_changes as owner_changes,                    -- Number of changes of owner.
    coalesce(a.has_anomaly, false) as has_state_anomaly,  -- Resolutions and reactivations do not alternate.
    coalesce(a.resolved_gap_seconds, 0)
        as resolved_gap_seconds                          -- Seconds between ends and the reactivations that follow them.
from tally as t
left join alternation as a
    on t.case_key = a.case_key
