"""The report as JSON and on a terminal."""

import json
import re
from pathlib import Path

from rich.console import Console

from d365_pm.doctor.facts import Facts, Unanswered
from d365_pm.doctor.rendering import print_report
from d365_pm.doctor.report import as_json, judge
from d365_pm_tests.doctor.environment import NOW, audit_off, healthy, with_table, without_audit_of


def printed(facts: Facts) -> str:
    console = Console(width=200, record=True, force_terminal=False, quiet=False, file=None)
    with console.capture() as capture:
        print_report(console, judge(facts))
    return capture.get()


def test_the_form_for_machines_has_these_keys():
    report = as_json(judge(audit_off()))

    assert set(report) == {
        "form",
        "status",
        "exit_status",
        "environment",
        "findings",
        "activities",
        "attributes",
        "load",
    }
    assert set(report["findings"][0]) == {"check", "severity", "finding", "remedy"}
    assert set(report["activities"][0]) == {"name", "verdict", "since", "reasons", "remedies", "losses", "rules"}
    assert (report["status"], report["exit_status"]) == ("losses", 2)
    assert json.loads(json.dumps(report)) == report


def test_the_keys_for_machines_are_documented():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    report = as_json(judge(healthy()))
    keys = {*report, *report["findings"][0], *report["activities"][0], *report["load"]}

    assert [key for key in sorted(keys) if f"`{key}`" not in readme] == []


def test_each_activity_tells_the_state_of_its_rules():
    facts = without_audit_of(healthy(), "incident", "ownerid")
    [assigned] = [each for each in as_json(judge(facts))["activities"] if each["name"] == "case_assigned"]

    assert {rule["rule"]: rule["state"] for rule in assigned["rules"]} == {
        "A1 A2": "blocked",
        "A5": "whole",
        "A3": "whole",
        "A4": "whole",
    }


def test_what_could_not_be_asked_leaves_the_forecast_empty():
    report = as_json(judge(Facts(asked_at=NOW, failure=Unanswered("connection", "No."))))

    assert (report["activities"], report["attributes"], report["load"]) == ([], [], None)
    assert report["exit_status"] == 1


def test_problems_stand_before_the_forecast_and_the_verdict_at_the_end():
    text = printed(audit_off())
    places = [text.index(words) for words in ("What to change", "As it should be", "Forecast: activities", "Full load")]

    assert places == sorted(places)
    assert "works with losses" in text.splitlines()[-1]


def test_brackets_of_a_sentence_are_no_markup():
    facts = healthy(unanswered=(Unanswered("[bold]version", "[red]no[/red]"),))

    assert "[bold]version could not be found out: [red]no[/red]" in printed(facts)


def test_an_activity_shows_since_when_it_is_whole():
    facts = healthy()
    began = NOW.replace(month=6, day=1)
    facts = with_table(facts, "incident", oldest=NOW.replace(month=1))
    audit = facts.audit.__class__({"incident": began, "queueitem": NOW.replace(month=1)}, (), True)
    text = printed(healthy(tables=facts.tables, audit=audit))

    assert re.search(r"case_closed +│ partial: whole since 2026-06-01", text)
