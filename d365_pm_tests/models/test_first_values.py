"""First channel, priority and category, and satisfaction, case by case (reference: 2.6, 2.11, 2.12, 2.18)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk

COLUMNS = ("ChannelCode", "ChannelBasis", "InitialPriority", "PriorityChangeCount", "InitialServiceRequestType")
NOTHING: dict[str, Any] = {"caseorigincode": None, "prioritycode": None, "subjectid": None}


@pytest.fixture(scope="module")
def audited() -> Desk:
    desk = Desk()
    desk.case("plain", subjectid="network")
    desk.case("changed", subjectid="network")
    desk.change("changed", "11:00", caseorigincode=(2, 1), prioritycode=(2, 1), subjectid=("network", "billing"))
    desk.change("changed", "12:00", caseorigincode=(1, 3), prioritycode=(1, 3), subjectid=("billing", "technical"))
    desk.case("unseen birth", audited=False, subjectid="network")
    desk.case("unseen birth, changed", audited=False, subjectid="network")
    desk.change(
        "unseen birth, changed", "11:00", caseorigincode=(2, 1), prioritycode=(2, 1), subjectid=("network", "billing")
    )
    desk.case("empty", **NOTHING)
    desk.case("filled later", audited=False, **NOTHING)
    desk.change("filled later", "11:00", caseorigincode=(None, 1), prioritycode=(None, 1), subjectid=(None, "billing"))
    desk.case("emptied", subjectid="network")
    desk.change("emptied", "11:00", caseorigincode=(2, None), prioritycode=(2, None), subjectid=("network", None))
    desk.case("broken", subjectid="network")
    desk.audit("broken", "11:00", {"prioritycode": (2, 1), "subjectid": ("network", "billing")})
    desk.case("unlabelled", caseorigincode=41, prioritycode=42)
    return desk


WANTED = {
    "plain": (2, "creation", "Normal", 0, "Rede"),
    "changed": (2, "creation", "Normal", 2, "Rede"),
    "unseen birth": (2, "creation", "Normal", 0, "Rede"),
    "unseen birth, changed": (2, "creation", "Normal", 1, "Rede"),
    "empty": (None, None, None, 0, None),
    # The first channel is not known, so that the present one stands in; a first priority that was empty is none.
    "filled later": (1, "current", None, 1, None),
    "emptied": (2, "creation", "Normal", 1, "Rede"),
    "broken": (2, "creation", "Normal", None, "Rede"),
    "unlabelled": (41, "creation", "code:42", 0, None),
}


def test_first_values_are_those_of_the_creation(audited: Desk) -> None:
    found = {case["CaseGuid"]: tuple(case[column] for column in COLUMNS) for case in audited.run.cases()}
    assert found == WANTED


def test_first_values_without_an_audit_are_unknown() -> None:
    desk = Desk(audit_from=NEVER)
    desk.case("plain", subjectid="network")
    desk.case("empty", **NOTHING)
    found = {case["CaseGuid"]: tuple(case[column] for column in COLUMNS) for case in desk.run.cases()}
    assert found == {"plain": (2, "current", None, None, None), "empty": (None, None, None, None, None)}


CSAT = ("CustomerSatisfactionScore", "CsatSource", "CsatRaw", "CsatFirst", "CsatResponseCount", "CsatRespondedAt")


@pytest.mark.parametrize(("code", "score"), [(None, None), (0, None), (1, 1), (3, 3), (5, 5), (6, None)])
def test_what_an_agent_noted_counts_where_the_customer_said_nothing(code: int | None, score: int | None) -> None:
    desk = Desk()
    for case in ("silent", "answered"):
        desk.case(case, customersatisfactioncode=code)
    desk.respond("15:00", ("csat", 2, 2.4), case="answered")
    desk.respond("16:00", ("csat", 4, 4.5), case="answered")
    cases = desk.run.cases()
    silent = cases.one(CaseGuid="silent")
    source = "agent_entered" if score else None
    assert [silent[column] for column in CSAT] == [score, source, score, None, 0, None]
    answered = cases.one(CaseGuid="answered")
    assert [answered[column] for column in CSAT[:2]] == [5, "customer_voice"]
    assert (float(answered["CsatRaw"]), answered["CsatFirst"], answered["CsatResponseCount"]) == (4.5, 2, 2)
