"""What is inferred where the audit was blind, row by row and to the second (reference: 3.3, 3.8, 3.10).

Auditing is off from the 6th to the 8th of March, unless a test says otherwise.
"""

from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.test_audit_interrupted import interrupted
from d365_pm_tests.models.test_partly_audited import switch
from d365_pm_tests.models.test_without_audit_requested import WAITING_PAUSES

OFF, ON = "06 00:00", "08 00:00"


def resolution(desk: Desk, case: str, when: str, **columns: Any) -> str:
    """The row of a resolution, without an audit row of the case."""
    written = {"createdon": when, "modifiedon": when, "createdby": "alice", "statecode": 1, "statuscode": 2}
    name = f"{case} {when}"
    return desk.row("incidentresolution", name, **(written | {"incidentid": case, "resolutiontypecode": 5} | columns))


# Moments of the resolutions of a case, and the stretches after them in which it may have come back unseen.
STRETCHES: dict[str, tuple[list[str], dict[str, tuple[str, str | None]]]] = {
    "before": (["05 10:00", "05 12:00"], {"05 12:00": (OFF, ON)}),
    "up to the switch": (["05 10:00", "06 00:00"], {"06 00:00": (OFF, ON)}),
    "into it": (["05 10:00", "06 00:01"], {"05 10:00": (OFF, "06 00:01"), "06 00:01": ("06 00:01", ON)}),
    "across it": (["05 10:00", "09 10:00"], {"05 10:00": (OFF, ON)}),
    "within it": (["06 10:00", "07 10:00"], {"06 10:00": ("06 10:00", "07 10:00"), "07 10:00": ("07 10:00", ON)}),
    "out of it": (["07 23:59", "09 10:00"], {"07 23:59": ("07 23:59", ON)}),
    "from the switch": (["08 00:00", "09 10:00"], {}),
    "after it": (["09 10:00", "10 10:00"], {}),
    "once": (["07 10:00"], {"07 10:00": ("07 10:00", ON)}),
}


def test_a_stretch_after_a_resolution_is_as_long_as_the_audit_was_blind() -> None:
    desk = interrupted()
    for case, (moments, _) in STRETCHES.items():
        desk.case(case, "04 10:00")
        for moment in moments:
            resolution(desk, case, moment)
    rows = desk.run.rows_of("staging.resolution_gap")
    columns = (
        "case_id",
        "resolution_id",
        "resolved_at",
        "next_resolution_id",
        "next_resolved_at",
        "earliest_at",
        "latest_at",
    )
    wanted = []
    for case, (moments, stretches) in STRETCHES.items():
        following = dict(zip(moments, [*moments[1:], None], strict=True))
        for moment, (earliest, latest) in stretches.items():
            after = following[moment]
            own = (case, f"{case} {moment}", at(moment), after and f"{case} {after}", after and at(after))
            wanted.append((*own, at(earliest), latest and at(latest)))
    assert sorted(rows.only(*columns), key=str) == sorted(wanted, key=str)
    assert set(rows.only("next_source_table")) == {"incidentresolution", None}


def test_a_stretch_has_no_audited_reactivation() -> None:
    desk = interrupted()
    moments = {
        "before": "04 23:59",
        "at its start": "05 10:00",
        "in it": "06 10:00",
        "at its end": "09 10:00",
        "after": "09 10:01",
    }
    for case, moment in moments.items():
        desk.case(case, "04 10:00")
        for resolved in ("05 10:00", "09 10:00", "09 11:00"):
            resolution(desk, case, resolved)
        desk.audit(case, moment, {"statecode": (1, 0), "statuscode": (5, 1)})
    desk.case("cancelled", "04 10:00")
    resolution(desk, "cancelled", "05 10:00")
    desk.audit("cancelled", "06 10:00", {"statecode": (0, 2), "statuscode": (1, 6)})
    found = set(desk.run.rows_of("staging.resolution_gap").only("case_id", "resolved_at"))
    assert found == {("before", at("05 10:00")), ("after", at("05 10:00")), ("cancelled", at("05 10:00"))}


def test_two_interruptions_are_one_stretch_from_the_first_to_the_last() -> None:
    desk = Desk(audit_from=None)
    for moment, action in ((OFF, 110), ("07 00:00", 105), (ON, 110), ("09 00:00", 105)):
        switch(desk, moment, action)
    for case, moments in {
        "both": ("05 10:00", "10 10:00"),
        "open": ("05 10:00",),
        "second": ("08 10:00", "10 10:00"),
    }.items():
        desk.case(case, "04 10:00")
        for moment in moments:
            resolution(desk, case, moment)
    rows = desk.run.rows_of("staging.resolution_gap")
    blind = desk.run.rows_of("staging.audit_blind_spot").where(column_name="statecode", case_id="both")
    ends = (min(blind.only("blind_from")), max(blind.only("blind_until")))
    assert rows.one(case_id="both")["earliest_at"] == ends[0]
    assert rows.one(case_id="both")["latest_at"] == ends[1]
    assert rows.one(case_id="second")["earliest_at"] == at("08 10:00")


SIGNS = {
    "nothing": ([], None),
    "a clock": ([("clock", "13:00")], ("slakpiinstance", "createdon", "13:00")),
    "a mail": ([("mail", "13:00")], ("email", "senton", "13:00")),
    "an entry": ([("entry", "13:00")], ("queueitem", "enteredon", "13:00")),
    "a post": ([("post", "13:00")], ("post", "createdon", "13:00")),
    "the earliest": (
        [("mail", "13:30"), ("clock", "13:10"), ("post", "13:20")],
        ("slakpiinstance", "createdon", "13:10"),
    ),
    "a second after": ([("mail", "12:00:01")], ("email", "senton", "12:00:01")),
    "in the second": ([("mail", "12:00:00")], None),
    "a second before the next": ([("mail", "13:59:59")], ("email", "senton", "13:59:59")),
    "in the second of the next": ([("mail", "14:00:00")], None),
    "a post of the resolution": ([("post", "12:01:00")], None),
    "a post after a minute": ([("post", "12:01:01")], ("post", "createdon", "12:01:01")),
    "a post of the next": ([("post", "13:59:00")], None),
    "a post before it": ([("post", "13:58:59")], ("post", "createdon", "13:58:59")),
    "somebody's post": ([("own post", "13:00")], None),
    "an automatic mail": ([("flow", "13:00")], None),
    "a mail of a machine": ([("robot", "13:00")], None),
    "a draft": ([("draft", "13:00")], None),
    "an answer": ([("answer", "13:00")], None),
    "a survey": ([("survey", "13:00")], None),
}


def _sign(desk: Desk, case: str, kind: str, when: str) -> None:
    name = f"{kind} of {case}"
    post = {"regardingobjectid": case, "createdon": when}
    doing = {
        "clock": lambda: desk.clock(name, when, case, item="resolution"),
        "mail": lambda: desk.email_out(when, case),
        "entry": lambda: desk.enqueue(when, case=case, name=name),
        "post": lambda: desk.row("post", name, source=1, **post),
        "own post": lambda: desk.row("post", name, source=2, **post),
        "flow": lambda: desk.email_out(when, case, isworkflowcreated=True),
        "robot": lambda: desk.email_out(when, case, by="robot"),
        "draft": lambda: desk.email_out(when, case, statecode=0, statuscode=1),
        "answer": lambda: desk.email_in(when, case),
        "survey": lambda: desk.email_out(when, case, templateid=("template", "survey")),
    }
    doing[kind]()


def test_the_first_sign_of_life_between_two_resolutions_tells_when_the_case_came_back() -> None:
    desk = Desk(audit_from=NEVER, seeds={"email_templates": [{"template_id": guid("survey"), "meaning": "survey"}]})
    for case, (signs, _) in SIGNS.items():
        desk.case(case, statecode=1, statuscode=5)
        for moment in ("12:00", "14:00"):
            resolution(desk, case, moment)
        for kind, when in signs:
            _sign(desk, case, kind, when)
    rows = desk.run.rows_of("staging.sign_of_life")
    found = {row["resolution_id"]: (row["source_table"], row["source_column"], row["seen_at"]) for row in rows}
    wanted = {case: sign for case, (_, sign) in SIGNS.items() if sign}
    assert found == {f"{case} 12:00": (table, column, at(when)) for case, (table, column, when) in wanted.items()}
    told = desk.run.rows_of("staging.unseen_reactivation")
    assert {row["case_id"]: row["rule"] for row in told} == {
        case: "RE4" if sign else None for case, (_, sign) in SIGNS.items()
    }
    assert dict(desk.run.rows_of("staging.inferred_reactivation").only("case_id", "reactivations")) == {
        case: 1 for case, (_, sign) in SIGNS.items() if not sign
    }


TOUCHED = {
    "in the second": ("12:00:00", 2, None),
    "a second after": ("12:00:01", 2, "RE3"),
    "a second before the next": ("13:59:59", 2, "RE3"),
    "in the second of the next": ("14:00:00", 2, None),
    "completed": ("13:00:00", 1, None),
}


def test_an_undone_resolution_was_touched_last_by_the_reactivation() -> None:
    desk = Desk(audit_from=NEVER, seeds={"switches": [{"key": "emit_assumed_reactivation", "is_on": "true"}]})
    for case, (touched, code, _) in TOUCHED.items():
        desk.case(case, statecode=1, statuscode=5)
        resolution(desk, case, "12:00", modifiedon=touched, statecode=code, modifiedby="bob")
        resolution(desk, case, "14:00")
    columns = ("case_id", "rule", "reactivated_at", "actor_id", "source_row_id", "source_column", "confidence")
    bounds = ("time_lower", "time_upper", "source_table")
    wanted = []
    for case, (touched, _, rule) in TOUCHED.items():
        own = (at(touched), "bob", f"{case} 12:00", "modifiedon", "C")
        assumed = (at("13:59:59"), None, f"{case} 14:00", "createdon", "D")
        told = (rule, *own) if rule else ("RE5", *assumed)
        wanted.append((case, *told, at("12:00"), at("14:00"), "incidentresolution"))
    assert sorted(desk.run.rows_of("staging.unseen_reactivation").only(*columns, *bounds), key=str) == sorted(
        wanted, key=str
    )


def test_an_assumed_reactivation_lies_where_the_audit_was_blind() -> None:
    desk = interrupted(seeds={"switches": [{"key": "emit_assumed_reactivation", "is_on": "true"}]})
    for case, moments in {
        "across": ("05 10:00", "09 10:00"),
        "in its first second": ("05 10:00", "06 00:00:01"),
        "at once": ("07 10:00:00", "07 10:00:01"),
    }.items():
        desk.case(case, "04 10:00")
        for moment in moments:
            resolution(desk, case, moment)
    rows = desk.run.rows_of("staging.unseen_reactivation").where(rule="RE5")
    assert dict(rows.only("case_id", "reactivated_at")) == {
        "across": at("07 23:59:59"),
        "in its first second": at("06 00:00:00"),
        "at once": at("07 10:00:00"),
    }


def test_a_case_that_is_open_after_its_last_resolution_came_back() -> None:
    desk = Desk(audit_from=NEVER)
    for case, code, status in (("open", 0, 1), ("resolved", 1, 5), ("cancelled", 2, 6)):
        desk.case(case, statecode=code, statuscode=status)
        resolution(desk, case, "12:00")
    rows = desk.run.rows_of("staging.unseen_reactivation")
    assert rows.only("case_id", "rule", "reactivated_at", "time_lower", "time_upper") == [
        ("open", None, None, at("12:00"), None)
    ]


ENDS: dict[str, tuple[dict[str, Any], tuple[str, str, str, str] | None]] = {
    "open": ({}, None),
    "cancelled": ({"statecode": 2, "statuscode": 6}, ("CL4", "Cancelled", "12:00", "bob")),
    "merged by status": ({"statecode": 2, "statuscode": 2000}, ("CL4", "Merged", "12:00", "bob")),
    "merged by survivor": ({"statecode": 2, "statuscode": 6, "masterid": "open"}, ("CL4", "Merged", "12:00", "bob")),
    "closed": ({"statecode": 1, "statuscode": 7}, ("CL5", "Closed", "12:00", "bob")),
    "closed while open": ({"statecode": 0, "statuscode": 7}, ("CL5", "Closed", "12:00", "bob")),
    "cancelled and closed": ({"statecode": 2, "statuscode": 7}, ("CL5", "Closed", "12:00", "bob")),
    "resolved": ({"statecode": 1, "statuscode": 5}, None),
}


@pytest.mark.parametrize("resolved", [None, "11:00", "13:00"])
def test_an_end_that_nobody_saw_is_as_old_as_the_last_touch(resolved: str | None) -> None:
    desk = Desk(audit_from=NEVER, seeds={"status_roles": [{"status_code": "7", "role": "closed"}]})
    for case, (columns, _) in ENDS.items():
        desk.case(case)
        desk.update(case, **columns, modifiedon="12:00", modifiedby="bob")
        if resolved:
            resolution(desk, case, "10:30")
            resolution(desk, case, resolved)
    wanted = []
    for case, (columns, end) in ENDS.items():
        if end:
            rule, kind, when, actor = end
            # A closing comes no earlier than the resolution that it follows.
            when = "13:00" if resolved == "13:00" and rule == "CL5" else when
            wanted.append((case, rule, kind, at(when), actor, columns["statuscode"]))
    columns = ("case_id", "rule", "close_kind", "closed_at", "actor_id", "status_code")
    assert sorted(desk.run.rows_of("staging.unseen_closing").only(*columns)) == sorted(wanted)


def test_a_present_value_is_as_old_as_the_audit_was_blind() -> None:
    desk = interrupted()
    touched = {"before": "05 10:00", "during": "07 10:00", "after": "09 10:00"}
    for case, moment in touched.items():
        desk.case(case, "04 10:00")
        if case == "after":
            # Nobody saw its birth either, so that no values fail to chain; auditing was on when it was touched.
            desk.rows["audit"].popitem()
        desk.update(case, statecode=2, statuscode=6, modifiedon=moment)
    desk.case("told", "04 10:00")
    desk.cancel("07 10:00", "told")
    desk.case("told of the state alone", "04 10:00")
    desk.change("told of the state alone", "05 10:00", statecode=(0, 2))
    desk.update("told of the state alone", statuscode=6, modifiedon="07 11:00")
    rows = desk.run.rows_of("staging.untold_value")
    columns = ("case_id", "column_name", "value", "changed_before", "modified_at")
    assert sorted(rows.only(*columns)) == sorted(
        [
            (case, column, value, at(before), at(touched.get(case, "07 11:00")))
            for case, before in (("before", "05 10:00"), ("during", "07 10:00"), ("after", "08 00:00"))
            for column, value in (("statecode", 2), ("statuscode", 6))
        ]
        + [("told of the state alone", "statuscode", 6, at("07 11:00"), at("07 11:00"))]
    )


@pytest.mark.parametrize("assumes", [False, True])
def test_requests_that_no_status_tells(assumes: bool) -> None:
    switches = [{"key": "emit_assumed_request", "is_on": str(assumes).lower()}]
    desk = Desk(audit_from=NEVER, seeds=WAITING_PAUSES | {"switches": switches})
    holds = {
        "before birth": "09:59:59",
        "at birth": "10:00:00",
        "at the last touch": "12:00:00",
        "after it": "12:00:01",
        "unknown": None,
    }
    for case, held in holds.items():
        desk.case(case, statuscode=3)
        desk.update(case, modifiedon="12:00", lastonholdtime=held)
    desk.case("on hold", statuscode=2)
    desk.update("on hold", modifiedon="12:00", lastonholdtime="11:00")
    desk.case("paused")
    for name, when in (("#2 clock", "11:00"), ("#1 clock", "11:00"), ("#3 clock", "11:20")):
        desk.clock(name, "10:00", "paused", item="resolution", status=3, pausedon=when)
    rows = desk.run.rows_of("staging.unseen_request")
    columns = (
        "case_id",
        "requested_at",
        "rule",
        "source_table",
        "source_row_id",
        "source_column",
        "status_code",
        "confidence",
    )
    wanted: list[tuple[Any, ...]] = [
        ("paused", at("11:00"), "Q4", "slakpiinstance", "#1 clock", "pausedon", None, "C"),
        ("paused", at("11:20"), "Q4", "slakpiinstance", "#3 clock", "pausedon", None, "C"),
    ]
    roles = {"on hold": 2} if WAITING_PAUSES.get("status_roles") else {}
    for case, held in holds.items():
        is_known = case in ("at birth", "at the last touch")
        if is_known or assumes:
            moment, column, kind = (held, "lastonholdtime", "C") if is_known else ("12:00", "modifiedon", "D")
            wanted.append((case, at(moment or "12:00"), "Q3", "incident", case, column, 3, kind))
    found = sorted(rows.only(*columns), key=str)
    assert [row for row in found if row[0] != "on hold"] == sorted(wanted, key=str)
    assert bool(rows.where(case_id="on hold")) == bool(roles)
    assumed = rows.where(confidence="D").only("time_lower", "time_upper")
    assert set(assumed) == ({(at("10:00"), at("12:00"))} if assumes else set())


@pytest.mark.parametrize(
    ("held", "rules"),
    [
        ("10:49:59", {"Q3", "Q4"}),
        ("10:50:00", {"Q3"}),
        ("11:00:00", {"Q3"}),
        ("11:10:00", {"Q3"}),
        ("11:10:01", {"Q3", "Q4"}),
    ],
)
def test_evidence_within_ten_minutes_of_better_evidence_tells_the_same_request(held: str, rules: set[str]) -> None:
    desk = Desk(audit_from=NEVER, seeds=WAITING_PAUSES)
    for case, when in (("c1", held), ("c2", None)):
        desk.case(case, statuscode=3)
        desk.update(case, modifiedon="12:00", lastonholdtime=when)
        desk.clock(f"clock of {case}", "10:00", case, item="resolution", status=3, pausedon="11:00:00")
    rows = desk.run.rows_of("staging.unseen_request")
    assert set(rows.where(case_id="c1").only("rule")) == rules
    assert rows.where(case_id="c2").only("rule") == ["Q4"]


@pytest.mark.parametrize(
    ("paused", "is_told"),
    [("05 23:59:59", False), ("06 00:00:00", True), ("07 23:59:59", True), ("08 00:00:00", False)],
)
def test_a_pause_tells_of_a_request_where_the_audit_was_blind(paused: str, is_told: bool) -> None:
    desk = interrupted(seeds=WAITING_PAUSES)
    desk.case("c1", "04 10:00")
    desk.clock("clock", "04 10:00", "c1", item="resolution", status=3, pausedon=paused)
    assert bool(desk.run.rows_of("staging.unseen_request")) is is_told


def test_a_pause_tells_of_a_request_in_the_case_whose_own_audit_was_blind() -> None:
    """Both clocks paused in one second; the row of the change to waiting is missing in one case alone."""
    desk = Desk(seeds=WAITING_PAUSES)
    for case in ("c1", "c2"):
        desk.case(case)
        desk.clock(f"clock of {case}", "10:00", case, item="resolution", status=3, pausedon="11:00")
    desk.change("c1", "10:30", statuscode=(1, 4))
    desk.change("c1", "11:30", statuscode=(3, 1))
    columns = ("case_id", "requested_at", "rule", "source_row_id")
    assert desk.run.rows_of("staging.unseen_request").only(*columns) == [("c1", at("11:00"), "Q4", "clock of c1")]
