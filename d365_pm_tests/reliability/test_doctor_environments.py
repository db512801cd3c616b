"""`d365-pm doctor` on five environments: each truth with its remedy, and a forecast that the log then keeps.

Through the command line, TLS and the real client. The log of each environment is then built from what it gives, so that
the forecast is judged by events and not by its own rules.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from d365_pm.assets.build import read_project, run_layer
from d365_pm.assets.extraction import extract
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.cli import app
from d365_pm.contracts.seeds import ACTIVITY_CODES
from d365_pm.dataverse import PrivilegeError
from d365_pm.errors import D365PMError
from d365_pm.sandbox.desk import generate
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm.settings import Settings

pytestmark = pytest.mark.slow

Report = dict[str, Any]
Events = dict[str, set[tuple[str, datetime, str]]]
"""Case, moment and rule of every event, by activity."""

END = datetime(2026, 11, 20, 18, tzinfo=UTC)
SURVEYS = frozenset({"msfp_surveyinvite", "msfp_surveyresponse", "msfp_satisfactionmetric"})
ENVIRONMENTS = {
    "healthy": Switches(),
    "audit off": Switches(audit_off=True),
    "one column not audited": Switches(unaudited_columns=frozenset({"incident.ownerid"})),
    "no audit privilege": Switches(missing_privileges=frozenset({"prvReadAuditSummary"})),
    "no Customer Voice": Switches(missing_tables=SURVEYS),
}
NEED_AUDIT = {
    "case_assigned",
    "case_closed",
    "case_escalated",
    "case_reactivated",
    "case_categorization_changed",
    "information_requested_from_customer",
    "queue_item_picked_by_agent",
    "solution_proposed_to_customer",
}
"""Activities that depend on auditing: all but the five of event-log semantics 1.3."""
NEED_AUDIT_TOO = {
    "Channel",
    "StatusReason",
    "AgentName",
    "IsFirstContactResolution",
    "IsRework",
    "OwnerTeam",
    "IsEscalated",
}
"""Attributes whose history or absence only the audit proves (section 2)."""
LOST = {
    "healthy": set(),
    "audit off": NEED_AUDIT | NEED_AUDIT_TOO,
    "one column not audited": {"case_assigned", "queue_item_picked_by_agent", "IsRework", "OwnerTeam"},
    "no audit privilege": NEED_AUDIT | NEED_AUDIT_TOO,
    "no Customer Voice": {"satisfaction_survey_sent", "CustomerSatisfactionScore"},
}
IMPOSSIBLE = {
    "healthy": set(),
    "audit off": {"case_categorization_changed"},
    "one column not audited": set(),
    "no audit privilege": {"case_categorization_changed"},
    "no Customer Voice": {"satisfaction_survey_sent"},
}
TRUTHS = {
    "audit off": ("audit.organization", "Start Auditing (organization.isauditenabled = true)"),
    "one column not audited": ("audit.column", "Columns → ownerid → Advanced options: tick Enable auditing"),
    "no audit privilege": ("audit.privilege", "tab Miscellaneous"),
    "no Customer Voice": ("table", "Install Dynamics 365 Customer Voice"),
}


@dataclass(frozen=True)
class Examined:
    """An environment that the doctor has seen, with its log, or why there is none."""

    report: Report
    exit_status: int
    events: Events | None
    failure: D365PMError | None = None

    @property
    def outlooks(self) -> dict[str, Report]:
        return {each["name"]: each for each in (*self.report["activities"], *self.report["attributes"])}

    def named(self, *verdicts: str) -> set[str]:
        return {name for name, each in self.outlooks.items() if each["verdict"] in verdicts}


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Examined]:
    """Each environment by name, examined and loaded once, when a test first asks for it."""
    tables = generate(cases=40, seed=5, end=END, days=20).tables

    @cache
    def examine(name: str) -> Examined:
        folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
        with running_server(tables, ENVIRONMENTS[name]) as sandbox:
            report, status = doctor(sandbox, folder)
            try:
                return Examined(report, status, build_log(sandbox, folder))
            except D365PMError as error:
                return Examined(report, status, None, error)

    return examine


def doctor(sandbox: RunningSandbox, folder: Path) -> tuple[Report, int]:
    """What the command line prints and leaves with."""
    environment = {**sandbox.env, "D365_PM_DATA_DIR": str(folder)}
    result = CliRunner().invoke(app, ["doctor", "--json"], env=environment)
    return json.loads(result.stdout), result.exit_code


def build_log(sandbox: RunningSandbox, folder: Path) -> Events:
    given = {name.removeprefix("D365_").lower(): value for name, value in sandbox.env.items()}
    settings = Settings(_env_file=None, D365_PM_DATA_DIR=folder, D365_PM_THREADS=1, **given)

    async def load() -> None:
        async for _ in extract(settings, list(RAW_TABLES), None):
            pass

    asyncio.run(load())
    project = read_project()
    for layer in project.layers:
        build = run_layer(settings, project, [model for model in project.models if model.layer == layer])
        assert build.is_kept
    return read_events(settings.warehouse)


def read_events(warehouse: Path) -> Events:
    events: Events = defaultdict(set)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        query = "select ActivityCode, CaseGuid, EventTime, Rule from marts.events"
        for activity, case, moment, rule in connection.execute(query).fetchall():
            events[activity].add((case, moment, rule))
    return events


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_exit_status_tells_healthy_losses_and_unusable_apart(examined: Callable[[str], Examined], name: str):
    wanted = {"healthy": (0, "healthy"), "no audit privilege": (1, "unusable")}.get(name, (2, "losses"))

    assert (examined(name).exit_status, examined(name).report["status"]) == wanted
    assert [each for each in examined(name).report["findings"] if each["check"] == "unanswered"] == []


@pytest.mark.parametrize("name", TRUTHS)
def test_the_truth_is_told_with_its_remedy(examined: Callable[[str], Examined], name: str):
    check, remedy = TRUTHS[name]
    losses = [each for each in examined(name).report["findings"] if each["severity"] in {"fatal", "loss"}]

    assert losses
    assert {each["check"] for each in losses} == {check}
    assert all(remedy in each["remedy"] for each in losses)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_forecast_names_what_is_lost_and_nothing_else(examined: Callable[[str], Examined], name: str):
    environment = examined(name)

    assert environment.named("partial", "partial_since", "impossible") == LOST[name]
    assert environment.named("impossible") == IMPOSSIBLE[name]
    assert all(environment.outlooks[subject]["remedies"] for subject in LOST[name])


@pytest.mark.parametrize("name", [name for name in ENVIRONMENTS if name != "no audit privilege"])
def test_the_log_keeps_the_forecast(examined: Callable[[str], Examined], name: str):
    """A complete activity has the events of the healthy environment, an impossible one none, a blocked rule none."""
    environment, events, healthy = examined(name), examined(name).events, examined("healthy").events
    assert events is not None
    assert healthy is not None

    for activity in environment.named("complete") & ACTIVITY_CODES:
        assert events[activity] == healthy[activity], activity
    for activity in environment.named("impossible") & ACTIVITY_CODES:
        assert events[activity] == set(), activity
    for activity in ACTIVITY_CODES:
        used = {rule for _, _, rule in events[activity]}
        assert used <= _usable_rules(environment.outlooks[activity]), activity


def test_where_the_doctor_says_unusable_a_load_stops(examined: Callable[[str], Examined]):
    environment = examined("no audit privilege")

    assert environment.events is None
    assert isinstance(environment.failure, PrivilegeError)


def test_with_the_audit_off_nearly_every_activity_that_needs_it_is_another(examined: Callable[[str], Examined]):
    """The comparison with the log can fail: its two sides really differ where the forecast says so."""
    healthy, off = examined("healthy").events, examined("audit off").events
    assert healthy is not None
    assert off is not None

    assert all(healthy[activity] for activity in ACTIVITY_CODES)
    assert sum(off[activity] != healthy[activity] for activity in NEED_AUDIT) >= len(NEED_AUDIT) - 1


def test_auditing_that_began_later_is_told_with_its_day(tmp_path: Path):
    began = datetime(2026, 11, 10, 9, 30, tzinfo=UTC)
    desk = generate(cases=20, seed=5, end=END, days=20)
    with running_server(desk.tables, Switches(audit_since=began)) as sandbox:
        report, status = doctor(sandbox, tmp_path)
    [closed] = [each for each in report["activities"] if each["name"] == "case_closed"]

    assert (status, closed["verdict"], closed["since"]) == (2, "partial_since", "2026-11-10T09:30:00Z")


def test_a_secured_column_that_comes_empty_is_told(tmp_path: Path):
    tables = generate(cases=20, seed=5, end=END, days=20).tables
    with running_server(tables, Switches(secured_columns=frozenset({"incident.productid"}))) as sandbox:
        report, status = doctor(sandbox, tmp_path)
    [finding] = [each for each in report["findings"] if each["severity"] == "loss"]
    [product] = [each for each in report["attributes"] if each["name"] == "ProductInvolved"]

    assert (status, product["verdict"]) == (2, "impossible")
    assert "Column security profiles" in finding["remedy"]
    assert "incident.productid" in finding["finding"]


def test_a_role_below_the_organisation_is_told(tmp_path: Path):
    tables = generate(cases=20, seed=5, end=END, days=20).tables
    with running_server(tables, Switches(read_depths={"slakpiinstance": "Local"})) as sandbox:
        report, status = doctor(sandbox, tmp_path)
    [finding] = [each for each in report["findings"] if each["severity"] == "loss"]

    assert (status, finding["check"]) == (2, "privilege")
    assert "business unit" in finding["finding"]


def _usable_rules(outlook: Report) -> set[str]:
    return {rule for way in outlook["rules"] if way["state"] != "blocked" for rule in way["rule"].split()}
