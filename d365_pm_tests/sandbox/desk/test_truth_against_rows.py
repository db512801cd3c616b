"""The noted events against the rows, read with the plainest reading of the reference's rules.

Nothing of the pipeline is used: every expectation is a few lines of Python over rows and audit texts.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from d365_pm.sandbox.desk import Desk
from d365_pm_tests.sandbox.desk.change import Change

Noted = Counter[tuple[str, datetime, str]]

_SENT = {647390002, 647390003, 647390006, 647390007, 647390009, 647390010, 647390011, 647390012}


def _rows(desk: Desk, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.tables[table].to_pylist()
    return rows


def _agents(desk: Desk) -> dict[str, str]:
    """How the log calls each user."""
    return {
        user["systemuserid"]: user["fullname"] if user["accessmode"] == 0 and not user["applicationid"] else "Sistema"
        for user in desk.tables["systemuser"].to_pylist()
    }


def _noted(truth: pl.DataFrame, activity: str) -> Noted:
    log = truth.filter(pl.col("ActivityCode") == activity)
    return Counter(zip(log["CaseGuid"], log["EventTime"], log["AgentName"], strict=True))


def _updates(recorded: list[Change], table: str, column: str) -> list[Change]:
    return [c for c in recorded if (c.table, c.column, c.operation) == (table, column, 2)]


def _case_of_item(recorded: list[Change]) -> dict[str, str]:
    return {
        c.record: c.new.removeprefix("incident,")
        for c in recorded
        if (c.table, c.column, c.operation) == ("queueitem", "objectid", 1) and c.new
    }


def test_created(desk: Desk, truth: pl.DataFrame) -> None:
    agents = _agents(desk)
    expected = Counter(
        (row["incidentid"], row["createdon"], agents[row["_createdby_value"]]) for row in _rows(desk, "incident")
    )
    assert _noted(truth, "case_created") == expected


def test_assigned(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    """Every change of owner, owners at birth who did not create the case, and every entry into a queue."""
    agents, item = _agents(desk), _case_of_item(recorded)
    cases = {row["incidentid"]: row for row in _rows(desk, "incident")}
    expected = Counter((c.record, c.at, agents[c.actor]) for c in _updates(recorded, "incident", "ownerid"))
    for birth in (c for c in recorded if (c.table, c.column, c.operation) == ("incident", "ownerid", 1)):
        row = cases[birth.record]
        if birth.new != f"systemuser,{row['_createdby_value']}":
            expected[birth.record, row["createdon"], agents[row["_createdby_value"]]] += 1
    for entry in (c for c in recorded if (c.table, c.column) == ("queueitem", "queueid") and c.new is not None):
        expected[item[entry.record], entry.at, agents[entry.actor]] += 1
    assert _noted(truth, "case_assigned") == expected


def test_picked(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    """A worker who put himself on the item, or who deleted it in the second in which he became the owner."""
    agents, item = _agents(desk), _case_of_item(recorded)
    owned = {(c.record, c.at, c.new) for c in _updates(recorded, "incident", "ownerid")}
    expected: Noted = Counter()
    for change in _updates(recorded, "queueitem", "workerid"):
        if change.new == f"systemuser,{change.actor}":
            expected[item[change.record], change.at, agents[change.actor]] += 1
    for gone in (c for c in recorded if (c.operation, c.column) == (3, "objectid")):
        if (item[gone.record], gone.at, f"systemuser,{gone.actor}") in owned:
            expected[item[gone.record], gone.at, agents[gone.actor]] += 1
    assert _noted(truth, "queue_item_picked_by_agent") == expected


@pytest.mark.parametrize(
    ("activity", "column", "old", "new"),
    [
        ("case_closed", "statecode", {"0", "1"}, {"2"}),
        ("case_reactivated", "statecode", {"1", "2"}, {"0"}),
        ("case_escalated", "isescalated", {"False"}, {"True"}),
        ("information_requested_from_customer", "statuscode", {"1", "2", "4"}, {"3"}),
    ],
)
def test_transitions(
    desk: Desk, truth: pl.DataFrame, recorded: list[Change], activity: str, column: str, old: set[str], new: set[str]
) -> None:
    agents = _agents(desk)
    expected = Counter(
        (c.record, c.at, agents[c.actor])
        for c in _updates(recorded, "incident", column)
        if c.old in old and c.new in new
    )
    assert expected
    assert _noted(truth, activity) == expected


def test_resolved(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    agents = _agents(desk)
    rows = _rows(desk, "incidentresolution")
    expected = Counter((r["_incidentid_value"], r["createdon"], agents[r["_createdby_value"]]) for r in rows)
    assert _noted(truth, "case_resolved") == expected
    audited = Counter((c.record, c.at) for c in _updates(recorded, "incident", "statecode") if c.new == "1")
    assert audited == Counter((case, at) for case, at, _ in expected.elements())


def test_an_undone_resolution_is_canceled_at_the_reactivation(desk: Desk, recorded: list[Change]) -> None:
    undone = Counter(
        (r["_incidentid_value"], r["modifiedon"], r["_modifiedby_value"])
        for r in _rows(desk, "incidentresolution")
        if (r["statecode"], r["statuscode"]) == (2, 3)
    )
    back = Counter(
        (c.record, c.at, c.actor) for c in _updates(recorded, "incident", "statecode") if (c.old, c.new) == ("1", "0")
    )
    assert undone == back


def test_timers(desk: Desk, truth: pl.DataFrame) -> None:
    """The first clock of each chain; one that forgot its predecessor follows a clock canceled within a minute."""
    rows = _rows(desk, "slakpiinstance")
    cancelled = {(r["_regarding_value"], r["name"], r["terminalstatetime"]) for r in rows if r["status"] == 5}
    expected = Counter(
        (r["_regarding_value"], r["createdon"], "Sistema")
        for r in rows
        if r["msdyn_prevslakpiinstanceid"] is None
        and (r["_regarding_value"], r["name"], r["createdon"]) not in cancelled
    )
    followers = [r for r in rows if (r["_regarding_value"], r["name"], r["createdon"]) in cancelled]
    assert any(r["msdyn_prevslakpiinstanceid"] is None for r in followers)
    assert _noted(truth, "sla_timer_started") == expected


def test_recategorised(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    """Changes from one category to another or to none, without corrections within a minute."""
    agents = _agents(desk)
    chains = defaultdict(list)
    for change in _updates(recorded, "incident", "subjectid"):
        chains[change.record].append(change)
    expected: Noted = Counter()
    dropped = 0
    for chain in chains.values():
        chain.sort(key=lambda c: c.at)
        slips = {
            c.audit
            for one, two in pairwise(chain)
            if one.old == two.new and one.actor == two.actor and two.at - one.at <= timedelta(seconds=60)
            for c in (one, two)
        }
        dropped += len(slips)
        for change in chain:
            if change.old is not None and change.audit not in slips:
                expected[change.record, change.at, agents[change.actor]] += 1
    assert dropped
    assert _noted(truth, "case_categorization_changed") == expected


def test_investigated(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    """Links made by people; the same family once per episode."""
    agents = _agents(desk)
    family = {a["knowledgearticleid"]: a["articlepublicnumber"] for a in _rows(desk, "knowledgearticle")}
    reopened = defaultdict(list)
    for change in _updates(recorded, "incident", "statecode"):
        if change.new == "0":
            reopened[change.record].append(change.at)
    seen = set()
    expected: Noted = Counter()
    for link in sorted(_rows(desk, "knowledgearticleincident"), key=lambda r: r["createdon"]):
        case, at, agent = link["_incidentid_value"], link["createdon"], agents[link["_createdby_value"]]
        key = (case, sum(r <= at for r in reopened[case]), family[link["_knowledgearticleid_value"]])
        if agent != "Sistema" and key not in seen:
            seen.add(key)
            expected[case, at, agent] += 1
    for link in _rows(desk, "msdyn_federatedarticleincident"):
        expected[link["_msdyn_incidentid_value"], link["createdon"], agents[link["_createdby_value"]]] += 1
    assert len(seen) < desk.tables["knowledgearticleincident"].num_rows
    assert _noted(truth, "agent_investigated_issue") == expected


def test_surveyed(desk: Desk, truth: pl.DataFrame) -> None:
    agents = _agents(desk)
    rows = _rows(desk, "msfp_surveyinvite")
    expected = Counter(
        (r["_regardingobjectid_value"], r["createdon"], agents[r["_createdby_value"]])
        for r in rows
        if r["msfp_invitestatus"] in _SENT
    )
    assert sum(expected.values()) < len(rows)
    assert _noted(truth, "satisfaction_survey_sent") == expected


def test_proposed(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    """The last agent's e-mail to the customer in an episode that was resolved, if no question came within ten minutes
    of it or after it."""
    agents = _agents(desk)
    episodes = _resolved_episodes(desk, recorded)
    asked = defaultdict(list)
    for change in _updates(recorded, "incident", "statuscode"):
        if change.new == "3":
            asked[change.record].append(change.at)
    internal = _internal_mails(desk)
    last: dict[tuple[str, int], dict[str, Any]] = {}
    for mail in sorted(
        (m for m in _rows(desk, "email") if m["directioncode"] and m["statuscode"] == 3),
        key=lambda m: m["senton"],
    ):
        case = mail["_regardingobjectid_value"]
        if mail["isworkflowcreated"] or mail["activityid"] in internal or agents[mail["_createdby_value"]] == "Sistema":
            continue
        for number, (begin, end) in enumerate(episodes[case]):
            near = any(abs(mail["senton"] - at) <= timedelta(minutes=10) for at in asked[case])
            if begin <= mail["senton"] <= end and not near:
                last[case, number] = mail
    expected = Counter(
        (case, mail["senton"], agents[mail["_createdby_value"]])
        for (case, number), mail in last.items()
        if not any(mail["senton"] < at <= episodes[case][number][1] for at in asked[case])
    )
    assert _noted(truth, "solution_proposed_to_customer") == expected


def _resolved_episodes(desk: Desk, recorded: list[Change]) -> dict[str, list[tuple[datetime, datetime]]]:
    """From creation or reactivation to the next resolution."""
    begun = {row["incidentid"]: row["createdon"] for row in _rows(desk, "incident")}
    episodes = defaultdict(list)
    for change in sorted(_updates(recorded, "incident", "statecode"), key=lambda c: c.at):
        if change.new == "0":
            begun[change.record] = change.at
        elif change.new == "1":
            episodes[change.record].append((begun[change.record], change.at))
    return episodes


def _internal_mails(desk: Desk) -> set[object]:
    outside = {
        party["_activityid_value"]
        for party in _rows(desk, "activityparty")
        if party["participationtypemask"] == 2 and party["_partyid_type"] in {"contact", "account"}
    }
    return {m["activityid"] for m in _rows(desk, "email") if m["directioncode"]} - outside
