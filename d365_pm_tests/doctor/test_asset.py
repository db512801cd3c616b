"""The asset `doctor`: it shows the report, and never fails for what it finds."""

from typing import Any

import dagster as dg
import pytest

from d365_pm.assets.preflight import build_doctor_asset, report_metadata
from d365_pm.doctor.report import as_json, judge
from d365_pm.sandbox.serving import running_server
from d365_pm.sandbox.switches import Switches
from d365_pm.settings import Settings
from d365_pm_tests.doctor.environment import audit_off, healthy


def shown(settings: Settings) -> dict[str, Any]:
    result = dg.materialize([build_doctor_asset(settings)])
    assert result.success
    [event] = result.asset_materializations_for_node("doctor")
    return dict(event.metadata)


def test_without_an_environment_the_asset_says_so():
    metadata = shown(Settings(_env_file=None))

    assert metadata["exit_status"].value == 1
    assert "D365_URL" in metadata["findings"].records[0].data["finding"]


@pytest.mark.slow
def test_the_asset_examines_the_configured_environment():
    missing = frozenset({"msfp_surveyinvite", "msfp_surveyresponse"})
    with running_server({}, Switches(missing_tables=missing)) as sandbox:
        given = {name.removeprefix("D365_").lower(): value for name, value in sandbox.env.items()}
        metadata = shown(Settings(_env_file=None, **given))
    forecast = {row.data["name"]: row.data["forecast"] for row in metadata["activities"].records}

    assert forecast["satisfaction_survey_sent"] == "impossible"
    assert len(forecast) == 13
    assert len(metadata["attributes"].records) == 21


def test_the_metadata_hold_the_whole_report():
    report = judge(audit_off())
    metadata = report_metadata(report)

    assert metadata["report"].value == as_json(report)
    assert metadata["exit_status"].value == 2
    assert metadata["findings_loss"].value == sum(finding.severity == "loss" for finding in report.findings)


def test_a_report_without_problems_is_shown_too():
    metadata = report_metadata(judge(healthy()))

    assert metadata["exit_status"].value == 0
    assert {row.data["forecast"] for row in metadata["attributes"].records} == {"complete"}
