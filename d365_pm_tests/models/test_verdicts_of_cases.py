"""What decides a case's verdicts, one thing at a time and two, under every coverage (reference: 2.13, 2.14, 2.16, 4.2).

`run.cases()` works the verdicts out anew from the case's row, its events and its coverage; here are cases that differ
in one thing at a time, so that each thing is seen to matter.
"""

from itertools import combinations
from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import instant

STATUS = ("incident.statecode", "incident.statuscode")
ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "all is audited": {},
    "nothing is audited": {"audit_from": NEVER},
    "no status is audited": {"unaudited": STATUS},
    "no owner is audited": {"unaudited": ["incident.ownerid"]},
    "no flag is audited": {"unaudited": ["incident.isescalated"]},
    "no category is audited": {"unaudited": ["incident.subjectid"]},
    "two of four are audited": {"unaudited": ["incident.ownerid", "incident.isescalated"]},
    "the other two are audited": {"unaudited": [*STATUS, "incident.subjectid"]},
    "the flag alone decides": {"seeds": {"choices": [{"key": "escalated_rule", "value": "flag_only"}]}},
    "the formula decides": {"seeds": {"choices": [{"key": "sla_breach_rule", "value": "formula_only"}]}},
}
IN_PAIRS = ("all is audited", "nothing is audited")
DEEDS = ("asked", "contacted", "escalated", "flagged before", "slow", "reopened", "late")


def _live(desk: Desk, case: str, deeds: set[str], *, audited: bool) -> None:
    """One case that is resolved within an hour, but for its deeds."""
    day = "12" if "late" in deeds else "13"
    end = "14" if "slow" in deeds else day
    desk.case(case, f"{day} 10:00", subjectid="billing", audited=audited)
    desk.clock(f"{case} clock", f"{day} 10:00", case, item="resolution", status=4, succeededon=f"{day} 10:59")
    desk.update(f"{case} clock", failuretime=f"{day} 11:00")
    if "asked" in deeds:
        desk.status(f"{day} 10:10", 3, case)
        desk.status(f"{day} 10:20", 1, case)
    if "contacted" in deeds:
        desk.email_in(f"{day} 10:30", case)
    if "escalated" in deeds:
        desk.change(case, f"{day} 10:40", isescalated=(False, True))
    if "flagged before" in deeds:
        desk.update(case, escalatedon=f"{day} 09:00")
    desk.resolve(f"{end} 11:00", case)
    if "reopened" in deeds:
        desk.reactivate(f"{end} 12:00", case)
        desk.resolve(f"{end} 13:00", case)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_each_deed_alone_and_with_another_one(name: str) -> None:
    # On the 20th at 11:00 what was resolved on the 13th has matured; a second before it only the day before has.
    environment = ENVIRONMENTS[name]
    desk = Desk(as_of="20 10:59:59", **environment)
    lives = [set(), *({deed} for deed in DEEDS)]
    lives += [{one, other} for one, other in combinations(DEEDS, 2)] if name in IN_PAIRS else []
    for number, deeds in enumerate(lives):
        _live(desk, f"case {number}", deeds, audited="unaudited" not in environment)
    assert len(desk.run.cases()) == len(lives)


@pytest.mark.parametrize(("as_of", "verdict"), [("20 10:59:59", None), ("20 11:00:00", True), ("20 11:00:01", True)])
def test_a_verdict_matures_to_the_second(as_of: str, verdict: bool | None) -> None:
    desk = Desk(as_of=as_of)
    _live(desk, "plain", set(), audited=True)
    assert desk.run.cases().one()["IsFirstContactResolution"] is verdict


@pytest.mark.parametrize(("resolved", "verdict"), [("05 10:00:00", True), ("05 10:00:01", False)])
def test_a_day_is_not_too_long(resolved: str, verdict: bool) -> None:
    desk = Desk()
    desk.case("c1", "04 10:00")
    desk.resolve(resolved)
    assert desk.run.cases().one()["IsFirstContactResolution"] is verdict


@pytest.mark.parametrize("table", ["email", "phonecall", "annotation"])
def test_contacts_are_testable_where_their_tables_could_be_read(table: str) -> None:
    desk = Desk()
    missing = next((row for row in desk.loads if row["table_name"] == table), None)
    if missing is None:
        missing = {**desk.loads[0], "table_name": table}
        desk.loads.append(missing)
    missing["is_missing"] = True
    # It was there once, with more rows, before it was taken away.
    desk.loads.append({**missing, "extracted_at": instant("19 00:00"), "is_missing": False, "row_count": 9})
    desk.case()
    desk.resolve("11:00")
    case = desk.run.cases().one()
    wanted = (True, None) if table == "annotation" else (None, "contacted_again")
    assert desk.run.rows_of("staging.table_presence") == [{"has_contacts": table == "annotation"}]
    assert (case["IsFirstContactResolution"], case["FcrEvidence"]) == wanted


def test_the_last_of_two_readings_of_one_instant_tells_whether_a_table_is_there() -> None:
    desk = Desk()
    email = next(row for row in desk.loads if row["table_name"] == "email")
    desk.loads.append({**email, "is_missing": True, "row_count": 0})
    assert desk.run.rows_of("staging.table_presence") == [{"has_contacts": True}]


OUTCOMES = {
    "open": ({}, "Open"),
    "resolved": ({"statecode": 1, "statuscode": 5}, "Resolved"),
    "cancelled": ({"statecode": 2, "statuscode": 6}, "Cancelled"),
    "merged": ({"statecode": 2, "statuscode": 2000}, "Merged"),
    "cancelled into another": ({"statecode": 2, "statuscode": 6, "masterid": "open"}, "Merged"),
    "marked as merged": ({"statecode": 0, "statuscode": 2000}, "Merged"),
    "open with a survivor": ({"statecode": 0, "statuscode": 1, "masterid": "open"}, "Open"),
    "closed": ({"statecode": 1, "statuscode": 7}, "Closed"),
    "cancelled and closed": ({"statecode": 2, "statuscode": 7}, "Closed"),
    "no role": ({"statecode": 1, "statuscode": 8}, "Resolved"),
}


def test_the_outcome_follows_state_and_status_reason() -> None:
    desk = Desk(seeds={"status_roles": [{"status_code": "7", "role": "closed"}]})
    for name, (columns, _) in OUTCOMES.items():
        desk.case(name)
        if columns.get("statecode") == 1:
            desk.resolve("11:00", name)
        desk.update(name, **columns)
    found = dict(desk.run.cases().only("CaseGuid", "CaseOutcome"))
    assert found == {name: outcome for name, (_, outcome) in OUTCOMES.items()}
