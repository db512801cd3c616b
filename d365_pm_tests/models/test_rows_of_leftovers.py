"""Closings that are made up, and rows that nobody can use, one by one (reference: 3.3, 4.13, 4.15)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.raw_desk import DELETE

DAYS = 3
# What happened to a case by moments; the resolution that a closing is made up for, if one is.
LIVES: dict[str, tuple[list[tuple[str, str]], str | None]] = {
    "resolved": ([("resolve", "04 12:00")], "04 12:00"),
    "resolved again": ([("resolve", "04 12:00"), ("reactivate", "05 12:00"), ("resolve", "06 12:00")], "06 12:00"),
    "in one second": ([("resolve", "04 12:00"), ("reactivate", "05 12:00"), ("resolve", "05 12:00")], "05 12:00"),
    "open again": ([("resolve", "04 12:00"), ("reactivate", "05 12:00")], None),
    "cancelled": ([("resolve", "04 12:00"), ("reactivate", "05 12:00"), ("cancel", "06 12:00")], None),
    "closed": ([("resolve", "04 12:00"), ("close", "05 12:00")], None),
    "closed at once": ([("resolve", "04 12:00"), ("close", "04 12:00")], None),
    "closed before": (
        [("resolve", "04 12:00"), ("close", "05 12:00"), ("reactivate", "06 12:00"), ("resolve", "07 12:00")],
        "07 12:00",
    ),
    "just in time": ([("resolve", "17 00:00:00")], "17 00:00:00"),
    "too late": ([("resolve", "17 00:00:01")], "17 00:00:01"),
    "came back unseen": ([("resolve", "04 12:00"), ("reactivate", "05 12:00"), ("lose", "")], None),
    "never": ([], None),
}


def _live(desk: Desk, case: str) -> None:
    desk.case(case, "04 10:00")
    for deed, when in LIVES[case][0]:
        if deed == "close":
            desk.status(when, 7, case)
        elif deed == "lose":
            desk.update(case, statecode=1, statuscode=5)
        else:
            getattr(desk, deed)(when, case)


@pytest.mark.parametrize("choice", ["none", "at_resolution", "after_days"])
def test_a_closing_is_made_up_where_nobody_closed_and_nothing_came_after(choice: str) -> None:
    desk = Desk(
        seeds={
            "choices": [{"key": "synthesize_close", "value": choice}],
            "thresholds": [{"key": "synthetic_close_days", "value": str(DAYS)}],
            "status_roles": [{"status_code": "7", "role": "closed"}],
        }
    )
    for case in LIVES:
        _live(desk, case)
    wanted = []
    for case, (_, resolved) in LIVES.items():
        if resolved and choice == "at_resolution":
            wanted.append((case, "CL6", at(resolved)))
        if resolved and choice == "after_days" and case != "too late":
            day, _, time = resolved.partition(" ")
            wanted.append((case, "CL7", at(f"{int(day) + DAYS:02} {time}")))
    rows = desk.run.rows_of("staging.synthetic_closing")
    assert sorted(rows.only("case_id", "rule", "closed_at")) == sorted(wanted)


@pytest.mark.parametrize(("choice", "rule"), [("at_resolution", "CL6"), ("after_days", "CL7")])
def test_a_closing_that_is_made_up_says_so(choice: str, rule: str) -> None:
    desk = Desk(
        seeds={
            "choices": [{"key": "synthesize_close", "value": choice}],
            "thresholds": [{"key": "synthetic_close_days", "value": str(DAYS)}],
        }
    )
    desk.case()
    desk.resolve("04 12:00")
    event = desk.run.activity("case_closed").one()
    found = [event[name] for name in ("rule", "kind", "actor_id", "confidence", "evidence_class", "source_table")]
    assert found == [rule, "Synthetic", None, "D", "synthetic", "incident"]
    assert (event["source_row_id"], event["source_column"], event["status_code"]) == ("c1", "statecode", None)


UNREAD = "its case was not read"
NAMELESS = "names no case, or names it by an id that is no GUID"


def _orphans(desk: Desk) -> dict[tuple[str, str], str]:
    """Rows that name a case which nobody read, by table and row."""
    gone: Any = ("incident", "gone")
    dated: dict[str, Any] = {"createdon": "11:00", "modifiedon": "11:00"}
    desk.row("incidentresolution", "resolution", incidentid=gone, statecode=1, **dated)
    desk.row("queueitem", "item", objectid=gone, queueid="queue_n1", **dated)
    desk.row("knowledgearticleincident", "link", incidentid=gone, knowledgearticleid="article", **dated)
    mail = desk.email_in("11:00", gone)
    desk.row("slakpiinstance", "clock", regarding=gone, status=0, **dated)
    desk.row("slakpiinstance", "nameless clock", status=0, **dated)
    desk.row("phonecall", "call", regardingobjectid=gone, statuscode=4, directioncode=False, **dated)
    invitation = desk.invite("11:00", gone)
    answer = desk.respond("11:00", case=gone)
    for name in ("#2 audit", "#1 audit"):
        desk.row("audit", name, **_audit(gone))
    orphans = {
        "incidentresolution": "resolution",
        "queueitem": "item",
        "knowledgearticleincident": "link",
        "email": mail,
        "slakpiinstance": "clock",
        "msfp_surveyinvite": invitation,
        "msfp_surveyresponse": answer,
        "audit": "#1 audit",
        "activitypointer": "call",
    }
    return dict.fromkeys(orphans.items(), UNREAD) | {("slakpiinstance", "nameless clock"): NAMELESS}


def _audit(record: Any, operation: int = 2) -> dict[str, Any]:
    changed = '{"changedAttributes":[{"logicalName":"prioritycode","oldValue":"2","newValue":"1"}]}'
    row = {"createdon": "11:00", "operation": operation, "action": operation, "userid": "bob", "changedata": changed}
    return row | {"objecttypecode": "incident", "objectid": record}


def test_rows_that_nobody_can_use_are_listed_each_with_its_reason() -> None:
    desk = Desk()
    wanted = _orphans(desk)
    desk.case("alive")
    desk.case("deleted")
    for case in ("alive", "deleted"):
        desk.resolve("12:00", case)
        desk.clock(f"clock of {case}", "10:00", case)
        desk.enqueue("10:05", case=case, name=f"item of {case}")
    desk.delete("deleted", noticed="13:00")
    dated: dict[str, Any] = {"createdon": "11:00", "modifiedon": "11:00"}
    removed: Any = ("incident", "removed")
    desk.row("slakpiinstance", "clock of a mail", regarding=("email", "gone"), status=0, **dated)
    desk.row("slakpiinstance", "deleted clock", regarding=("incident", "gone"), status=0, **dated)
    desk.delete("deleted clock", noticed="13:00")
    desk.respond("11:00", case=("account", "gone"))  # type: ignore[arg-type]
    desk.delete(desk.respond("11:00", case=("incident", "gone")), noticed="13:00")  # type: ignore[arg-type]
    desk.row("audit", "change of one removed", **_audit(removed))
    desk.row("audit", "its removal", **_audit(removed, DELETE))
    rows = desk.run.rows_of("staging.unusable_row")
    found = {(row["table_name"], row["row_id"]): row["reason"] for row in rows}
    assert found == wanted
