-- Every threshold, switch and choice of the rules as one typed row, and the language of the labels.
--
-- A key that a seed file leaves out has the value that the reference recommends.
--
-- rule: configuration (reference: event-log-semantics 10)

with threshold as (
    select
        max(case when t.key = 'resolution_match_seconds' then t.value end) as resolution_match_seconds,
        max(case when t.key = 'sla_chain_seconds' then t.value end) as sla_chain_seconds,
        max(case when t.key = 'sla_cancel_seconds' then t.value end) as sla_cancel_seconds,
        max(case when t.key = 'escalation_fold_seconds' then t.value end) as escalation_fold_seconds,
        max(case when t.key = 'category_flip_flop_seconds' then t.value end) as category_flip_flop_seconds,
        max(case when t.key = 'email_window_seconds' then t.value end) as email_window_seconds,
        max(case when t.key = 'opening_contact_seconds' then t.value end) as opening_contact_seconds,
        max(case when t.key = 'knowledge_capture_seconds' then t.value end) as knowledge_capture_seconds,
        max(case when t.key = 'fcr_max_seconds' then t.value end) as fcr_max_seconds,
        max(case when t.key = 'fcr_maturity_seconds' then t.value end) as fcr_maturity_seconds,
        max(case when t.key = 'reopen_window_seconds' then t.value end) as reopen_window_seconds,
        max(case when t.key = 'bulk_change_threshold' then t.value end) as bulk_change_threshold,
        max(case when t.key = 'survey_match_seconds' then t.value end) as survey_match_seconds,
        max(case when t.key = 'synthetic_close_days' then t.value end) as synthetic_close_days,
        max(case when t.key = 'cascade_seconds' then t.value end) as cascade_seconds
    from seeds.thresholds as t
),

switch as (
    select
        max(case when s.key = 'emit_queue_assignment' then cast(s.is_on as integer) end) as emit_queue_assignment,
        max(case when s.key = 'fold_pick_and_assign' then cast(s.is_on as integer) end) as fold_pick_and_assign,
        max(case when s.key = 'emit_pushed_pick' then cast(s.is_on as integer) end) as emit_pushed_pick,
        max(case when s.key = 'emit_initial_categorization' then cast(s.is_on as integer) end) as emit_initial_category,
        max(case when s.key = 'investigation_requires_human' then cast(s.is_on as integer) end) as human_investigation,
        max(case when s.key = 'investigation_by_status' then cast(s.is_on as integer) end) as investigation_by_status,
        max(case when s.key = 'all_proposals' then cast(s.is_on as integer) end) as all_proposals,
        max(case when s.key = 'emit_assumed_owner' then cast(s.is_on as integer) end) as emit_assumed_owner,
        max(case when s.key = 'emit_assumed_clock' then cast(s.is_on as integer) end) as emit_assumed_clock,
        max(case when s.key = 'emit_assumed_request' then cast(s.is_on as integer) end) as emit_assumed_request,
        max(case when s.key = 'emit_assumed_reactivation' then cast(s.is_on as integer) end)
            as emit_assumed_reactivation,
        max(case when s.key = 'keep_deleted' then cast(s.is_on as integer) end) as keep_deleted,
        max(case when s.key = 'emit_session_pick' then cast(s.is_on as integer) end) as emit_session_pick
    from seeds.switches as s
),

choice as (
    select
        max(case when c.key = 'service_request_type_column' then c.value end) as service_request_type_column,
        max(case when c.key = 'sla_breach_rule' then c.value end) as sla_breach_rule,
        max(case when c.key = 'synthesize_close' then c.value end) as synthesize_close,
        max(case when c.key = 'escalated_rule' then c.value end) as escalated_rule
    from seeds.choices as c
)

select
    l.language as language,                                                     -- pt-BR or en.
    l.lcid as lcid,                                                             -- Code of that language in Dataverse.
    l.time_zone as time_zone,                                                   -- IANA zone in which people read times.
    cast(coalesce(t.resolution_match_seconds, 60) as bigint) as resolution_match_seconds,
    cast(coalesce(t.sla_chain_seconds, 60) as bigint) as sla_chain_seconds,
    cast(coalesce(t.sla_cancel_seconds, 60) as bigint) as sla_cancel_seconds,
    cast(coalesce(t.escalation_fold_seconds, 600) as bigint) as escalation_fold_seconds,
    cast(coalesce(t.category_flip_flop_seconds, 60) as bigint) as category_flip_flop_seconds,
    cast(coalesce(t.email_window_seconds, 600) as bigint) as email_window_seconds,
    cast(coalesce(t.opening_contact_seconds, 600) as bigint) as opening_contact_seconds,
    cast(coalesce(t.knowledge_capture_seconds, 120) as bigint) as knowledge_capture_seconds,
    cast(coalesce(t.fcr_max_seconds, 86400) as bigint) as fcr_max_seconds,
    cast(coalesce(t.fcr_maturity_seconds, 604800) as bigint) as fcr_maturity_seconds,
    cast(coalesce(t.reopen_window_seconds, 2592000) as bigint) as reopen_window_seconds,
    cast(coalesce(t.bulk_change_threshold, 20) as bigint) as bulk_change_threshold,
    cast(coalesce(t.survey_match_seconds, 300) as bigint) as survey_match_seconds,
    cast(coalesce(t.synthetic_close_days, 30) as bigint) as synthetic_close_days,
    cast(coalesce(t.cascade_seconds, 5) as bigint) as cascade_seconds,
    coalesce(s.emit_queue_assignment, 1) = 1 as emit_queue_assignment,
    coalesce(s.fold_pick_and_assign, 0) = 1 as fold_pick_and_assign,
    coalesce(s.emit_pushed_pick, 0) = 1 as emit_pushed_pick,
    coalesce(s.emit_initial_category, 0) = 1 as emit_initial_categorization,
    coalesce(s.human_investigation, 1) = 1 as investigation_requires_human,
    coalesce(s.investigation_by_status, 0) = 1 as investigation_by_status,
    coalesce(s.all_proposals, 0) = 1 as all_proposals,
    coalesce(s.emit_assumed_owner, 0) = 1 as emit_assumed_owner,
    coalesce(s.emit_assumed_clock, 0) = 1 as emit_assumed_clock,
    coalesce(s.emit_assumed_request, 0) = 1 as emit_assumed_request,
    coalesce(s.emit_assumed_reactivation, 0) = 1 as emit_assumed_reactivation,
    coalesce(s.keep_deleted, 0) = 1 as keep_deleted,
    coalesce(s.emit_session_pick, 0) = 1 as emit_session_pick,
    coalesce(c.service_request_type_column, 'subjectid') as service_request_type_column,
    coalesce(c.sla_breach_rule, 'native_first') as sla_breach_rule,
    coalesce(c.synthesize_close, 'none') as synthesize_close,
    coalesce(c.escalated_rule, 'flag_or_event') as escalated_rule
from seeds.settings as l
cross join threshold as t
cross join switch as s
cross join choice as c
