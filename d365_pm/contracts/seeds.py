"""What every seed file of `dbt_like_sql/seeds` promises.

Belongs here: the columns, types, allowed words and keys of the seeds, which are the rules of an organisation as data.
Does not belong here: the form of a specification (`seed_spec.py`) and reading the files (`seed_files.py`).
Source: event-log semantics, section 10 (settings), 3 (activities), 4.7 (ranks) and 4.12 (roles of status codes).
"""

from d365_pm.contracts.seed_spec import SeedColumn, SeedSpec

ACTIVITY_CODES = frozenset(
    {
        "case_assigned",
        "case_created",
        "case_closed",
        "case_escalated",
        "case_resolved",
        "sla_timer_started",
        "agent_investigated_issue",
        "case_reactivated",
        "case_categorization_changed",
        "information_requested_from_customer",
        "queue_item_picked_by_agent",
        "satisfaction_survey_sent",
        "solution_proposed_to_customer",
    }
)
"""The activities of the template, by their language-neutral codes."""

EXTENDED_ACTIVITIES = frozenset(
    {
        "case_cancelled",
        "case_merged",
        "queue_entered",
        "queue_released",
        "sla_timer_restarted",
        "sla_paused",
        "sla_breached",
        "sla_succeeded",
        "first_response_sent",
        "email_sent",
        "email_received",
        "call_made",
        "task_completed",
        "survey_answered",
        "priority_changed",
        "status_changed",
        "case_on_hold",
        "case_deescalated",
        "note_added",
        "conversation_started",
        "conversation_ended",
    }
)
"""Activities beyond the template (3.14), each in the log only where `D365_PM_ACTIVITIES` names it."""

STATUS_ROLES = frozenset(
    {
        "in_progress",
        "waiting_customer",
        "on_hold",
        "researching",
        "solution_proposed",
        "resolved",
        "closed",
        "cancelled",
        "merged",
    }
)
"""What a status reason of a case can mean to the rules."""

_THRESHOLDS = frozenset(
    {
        "resolution_match_seconds",
        "sla_chain_seconds",
        "sla_cancel_seconds",
        "escalation_fold_seconds",
        "category_flip_flop_seconds",
        "email_window_seconds",
        "opening_contact_seconds",
        "knowledge_capture_seconds",
        "fcr_max_seconds",
        "fcr_maturity_seconds",
        "reopen_window_seconds",
        "bulk_change_threshold",
        "survey_match_seconds",
        "synthetic_close_days",
        "cascade_seconds",
    }
)
_SWITCHES = frozenset(
    {
        "emit_queue_assignment",
        "fold_pick_and_assign",
        "emit_pushed_pick",
        "emit_initial_categorization",
        "investigation_requires_human",
        "investigation_by_status",
        "all_proposals",
        "emit_assumed_owner",
        "emit_assumed_clock",
        "emit_assumed_request",
        "emit_assumed_reactivation",
        "keep_deleted",
        "emit_session_pick",
    }
)
REQUEST_TYPE = "service_request_type_column"
"""Key of the choice that names the column with the category of a case."""

STANDARD_REQUEST_TYPES = frozenset({"subjectid", "casetypecode"})
"""Columns with the category of a case that every environment has; any other is the organisation's own."""

_CHOICES = {
    REQUEST_TYPE: STANDARD_REQUEST_TYPES,
    "sla_breach_rule": frozenset({"native_first", "formula_only"}),
    "synthesize_close": frozenset({"none", "at_resolution", "after_days"}),
    "escalated_rule": frozenset({"flag_or_event", "flag_only"}),
}

_REMARK = SeedColumn("remark", required=False)


def _text(name: str, *allowed: str) -> SeedColumn:
    return SeedColumn(name, allowed=frozenset(allowed) or None)


def _whole(name: str, *, required: bool = True) -> SeedColumn:
    return SeedColumn(name, "whole", required=required)


_SPECS = (
    SeedSpec(
        "activities",
        (
            SeedColumn("activity_code", allowed=ACTIVITY_CODES | EXTENDED_ACTIVITIES),
            _text("label_pt"),
            _text("label_en"),
            _text("level", "recommended", "optional", "extended"),
            _text("event_type", "explicit", "inferred"),
            _whole("rank"),
            _whole("rank_team", required=False),
            _whole("rank_queue", required=False),
            SeedColumn("default_actor", required=False, allowed=frozenset({"system", "external"})),
        ),
        key=("activity_code",),
    ),
    SeedSpec("source_ranks", (_text("source_table"), _whole("rank")), key=("source_table",)),
    SeedSpec(
        "status_roles",
        (_whole("status_code"), SeedColumn("role", allowed=STATUS_ROLES), _REMARK),
        key=("status_code",),
    ),
    SeedSpec("on_hold_statuses", (_whole("status_code"), _REMARK), key=("status_code",)),
    SeedSpec("thresholds", (SeedColumn("key", allowed=_THRESHOLDS), _whole("value"), _REMARK), key=("key",)),
    SeedSpec(
        "switches",
        (SeedColumn("key", allowed=_SWITCHES), SeedColumn("is_on", "flag"), _REMARK),
        key=("key",),
    ),
    SeedSpec(
        "choices",
        (
            SeedColumn("key", allowed=frozenset(_CHOICES)),
            _text("value"),
            _REMARK,
        ),
        key=("key",),
        values_of=_CHOICES,
        column_keys=frozenset({REQUEST_TYPE}),
    ),
    SeedSpec(
        "escalation_targets",
        (_text("target_type", "team", "systemuser", "queue"), _text("target_id"), _REMARK),
        key=("target_type", "target_id"),
    ),
    SeedSpec(
        "escalation_columns",
        (_text("column_name"), _text("escalated_value"), _REMARK),
        key=("column_name", "escalated_value"),
    ),
    SeedSpec("categorization_columns", (_text("column_name"), _REMARK), key=("column_name",)),
    SeedSpec("system_users", (_text("user_id"), _REMARK), key=("user_id",)),
    SeedSpec("user_team_map", (_text("user_id"), _text("team_id"), _REMARK), key=("user_id",)),
    SeedSpec(
        "email_templates",
        (_text("template_id"), _text("meaning", "acknowledgement", "survey"), _REMARK),
        key=("template_id",),
    ),
    SeedSpec(
        "owner_team_sources",
        (_text("source", "owner", "last_team", "user_map", "membership", "business_unit"), _REMARK),
        key=("source",),
    ),
    SeedSpec("priority_ranks", (_whole("priority_code"), _whole("rank"), _REMARK), key=("priority_code",)),
    SeedSpec("survey_statuses", (_whole("status_code"), SeedColumn("is_sent", "flag"), _REMARK), key=("status_code",)),
    SeedSpec("fixed_labels", (_text("key", "system_agent"), _text("label_pt"), _text("label_en")), key=("key",)),
    SeedSpec(
        "option_labels",
        (_text("table_name"), _text("column_name"), _whole("code"), _text("label_pt"), _text("label_en")),
        key=("table_name", "column_name", "code"),
    ),
)

SEEDS: dict[str, SeedSpec] = {spec.name: spec for spec in _SPECS}
"""Every seed file, by its name without the ending."""
