"""The configuration as one typed row: what section 10 recommends where a file is silent, and every key for itself."""

from typing import Any

from d365_pm_tests.models.desk import Desk

THRESHOLDS = {
    "resolution_match_seconds": 60,
    "sla_chain_seconds": 60,
    "sla_cancel_seconds": 60,
    "escalation_fold_seconds": 600,
    "category_flip_flop_seconds": 60,
    "email_window_seconds": 600,
    "opening_contact_seconds": 600,
    "knowledge_capture_seconds": 120,
    "fcr_max_seconds": 86_400,
    "fcr_maturity_seconds": 7 * 86_400,
    "reopen_window_seconds": 30 * 86_400,
    "bulk_change_threshold": 20,
    "survey_match_seconds": 300,
    "synthetic_close_days": 30,
    "cascade_seconds": 5,
}
SWITCHES = {
    "emit_queue_assignment": True,
    "fold_pick_and_assign": False,
    "emit_pushed_pick": False,
    "emit_initial_categorization": False,
    "investigation_requires_human": True,
    "investigation_by_status": False,
    "all_proposals": False,
    "emit_assumed_owner": False,
    "emit_assumed_clock": False,
    "emit_assumed_request": False,
    "emit_assumed_reactivation": False,
    "keep_deleted": False,
    "emit_session_pick": False,
}
CHOICES = {
    "service_request_type_column": ("subjectid", "casetypecode"),
    "sla_breach_rule": ("native_first", "formula_only"),
    "synthesize_close": ("none", "after_days"),
    "escalated_rule": ("flag_or_event", "flag_only"),
}
LANGUAGE = {"language": "en", "lcid": 1033, "time_zone": "America/Sao_Paulo"}
RECOMMENDED: dict[str, Any] = THRESHOLDS | SWITCHES | {key: value for key, (value, _) in CHOICES.items()}


def settings(seeds: dict[str, Any]) -> dict[str, Any]:
    """The row of a desk with these seeds."""
    desk = Desk(seeds=seeds, language="en", time_zone="America/Sao_Paulo")
    return desk.run.rows_of("staging.rule_settings").one()


def test_files_without_a_line_leave_what_is_recommended() -> None:
    silent = {"thresholds": None, "switches": None, "choices": None}
    assert settings(silent) == RECOMMENDED | LANGUAGE


def test_the_shipped_files_say_what_is_recommended() -> None:
    assert settings({}) == RECOMMENDED | LANGUAGE


def test_every_key_has_the_value_of_its_own_line() -> None:
    numbers = {key: 1_000 + place for place, key in enumerate(THRESHOLDS)}
    turned = {key: not is_on for key, is_on in SWITCHES.items()}
    words = {key: other for key, (_, other) in CHOICES.items()}
    seeds = {
        "thresholds": [{"key": key, "value": str(value)} for key, value in numbers.items()],
        "switches": [{"key": key, "is_on": str(is_on).lower()} for key, is_on in turned.items()],
        "choices": [{"key": key, "value": value} for key, value in words.items()],
    }
    assert settings(seeds) == numbers | turned | words | LANGUAGE
