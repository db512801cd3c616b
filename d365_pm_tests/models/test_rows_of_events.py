"""Order and evidence of events, row by row: ties of states, absurd times, what stands for a fact (3.9, 3.10, 4.7)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at

STATES = {"resolve": "case_resolved", "reactivate": "case_reactivated", "cancel": "case_closed"}
# What happened to a case before noon, and at noon in one second; the places that 4.7 gives to what happened at noon.
TIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "one end": ((), ("resolve",)),
    "one return": (("resolve",), ("reactivate",)),
    "end and return": ((), ("resolve", "reactivate")),
    "return and end": (("resolve",), ("reactivate", "resolve")),
    "after a return": (("resolve", "reactivate"), ("resolve", "reactivate")),
    "end, return, other end": ((), ("resolve", "reactivate", "cancel")),
    "out of a cancellation": (("cancel",), ("reactivate", "resolve")),
    "twice": ((), ("resolve", "reactivate", "resolve", "reactivate")),
    "back twice": (("resolve",), ("reactivate", "resolve", "reactivate", "resolve")),
}


@pytest.fixture(scope="module")
def tied() -> Desk:
    desk = Desk()
    for case, (before, at_noon) in TIES.items():
        desk.case(case)
        for number, deed in enumerate(before):
            getattr(desk, deed)(f"11:{number:02}", case)
        for deed in at_noon:
            getattr(desk, deed)("12:00", case)
    return desk


def test_states_of_one_second_have_places_where_they_lead_out_and_back(tied: Desk) -> None:
    rows = tied.run.rows_of("marts.state_repair")
    case_of = {
        row["source_row_id"]: row["case_id"]
        for code in STATES.values()
        for row in tied.run.activity(code).where(event_time=at("12:00"))
    }
    found: dict[str, dict[int, str]] = {}
    for row in rows:
        found.setdefault(case_of[row["source_row_id"]], {})[row["position"]] = row["activity_code"]
    assert found == {
        case: {place: STATES[deed] for place, deed in enumerate(at_noon, start=1)}
        for case, (_, at_noon) in TIES.items()
        if len(at_noon) > 1
    }


def test_states_of_one_second_follow_each_other_in_the_log(tied: Desk) -> None:
    events = tied.run.events().where(EventTime=at("12:00"))
    for case, (_, at_noon) in TIES.items():
        assert events.where(CaseGuid=case).only("ActivityCode") == [STATES[deed] for deed in at_noon], case
    assert set(tied.run.cases().only("StateOrderAnomaly")) == {False}


BORDERS = {
    "before the product": ("2002-12-31T23:59:59Z", False),
    "the first second": ("2003-01-01T00:00:00Z", True),
    "the last second": ("20 00:00:00", True),
    "after the reading": ("20 00:00:01", False),
}


@pytest.mark.parametrize("border", BORDERS)
def test_events_outside_of_all_possible_times_leave_the_log(border: str) -> None:
    moment, is_possible = BORDERS[border]
    desk = Desk()
    desk.case("c1")
    desk.link_article(moment, "c1")
    desk.case("c2", moment)
    desk.link_article("11:00", "c2")
    events = desk.run.events()
    assert ("agent_investigated_issue" in events.where(CaseGuid="c1").only("ActivityCode")) is is_possible
    assert len(events.where(CaseGuid="c2")) == (2 if is_possible else 0)
    of_log = ["c1", "c2"] if is_possible else ["c1"]
    assert sorted(desk.run.cases().only("CaseGuid")) == of_log
    assert sorted(desk.run.rows_of("marts.case_outcome").only("case_id")) == of_log


def test_of_two_mails_about_one_request_the_same_one_is_named_in_every_run() -> None:
    desk = Desk()
    desk.case("c1")
    desk.case("c2")
    desk.status("11:00", 3, "c1")
    desk.status("11:00", 3, "c2")
    mails = [desk.email_out(moment, "c1") for moment in ("10:55", "11:01", "11:05")]
    other = desk.email_out("11:00", "c2")
    columns = ("case_id", "related_id", "detail_from", "detail_to", "status_code", "rule")
    requested = desk.run.activity("information_requested_from_customer")
    assert sorted(requested.only(*columns)) == [
        ("c1", min(mails, key=desk.guid), "1", "3", 3, "Q1"),
        ("c2", other, "1", "3", 3, "Q1"),
    ]


# Changes of two category columns of a case: minute, user, old and new subject, old and new type.
Change = tuple[str, str, tuple[str | None, str | None] | None, tuple[int | None, int | None] | None]
CATEGORIES: dict[str, tuple[list[Change], list[tuple[Any, ...]]]] = {
    "both at once": (
        [("11:00", "bob", ("network", "billing"), (1, 2))],
        [("11:00", "changed", "casetypecode|subjectid", "1|network", "2|billing")],
    ),
    "one cleared": (
        [("11:00", "bob", ("network", "billing"), (1, None))],
        [("11:00", "cleared", "casetypecode|subjectid", "1|network", "|billing")],
    ),
    "cleared": ([("11:00", "bob", ("network", None), None)], [("11:00", "cleared", "subjectid", "network", None)]),
    "set back in a minute": (
        [("11:00:00", "bob", ("network", "billing"), None), ("11:01:00", "bob", ("billing", "network"), None)],
        [],
    ),
    "set back later": (
        [("11:00:00", "bob", ("network", "billing"), None), ("11:01:01", "bob", ("billing", "network"), None)],
        [
            ("11:00:00", "changed", "subjectid", "network", "billing"),
            ("11:01:01", "changed", "subjectid", "billing", "network"),
        ],
    ),
    "set back by another": (
        [("11:00:00", "bob", ("network", "billing"), None), ("11:00:30", "carol", ("billing", "network"), None)],
        [
            ("11:00:00", "changed", "subjectid", "network", "billing"),
            ("11:00:30", "changed", "subjectid", "billing", "network"),
        ],
    ),
    "set to a third": (
        [("11:00:00", "bob", ("network", "billing"), None), ("11:00:30", "bob", ("billing", "technical"), None)],
        [
            ("11:00:00", "changed", "subjectid", "network", "billing"),
            ("11:00:30", "changed", "subjectid", "billing", "technical"),
        ],
    ),
    "to and fro and to": (
        [
            ("11:00:00", "bob", ("network", "billing"), None),
            ("11:00:10", "bob", ("billing", "network"), None),
            ("11:00:20", "bob", ("network", "billing"), None),
        ],
        [("11:00:20", "changed", "subjectid", "network", "billing")],
    ),
    "another column between": (
        [
            ("11:00:00", "bob", ("network", "billing"), None),
            ("11:00:10", "bob", None, (1, 2)),
            ("11:00:20", "bob", ("billing", "network"), None),
        ],
        [("11:00:10", "changed", "casetypecode", "1", "2")],
    ),
    "first of both": ([("11:00", "bob", (None, "billing"), (None, 2))], []),
    "first of one": ([("11:00", "bob", (None, "billing"), (1, 2))], [("11:00", "changed", "casetypecode", "1", "2")]),
}


def _categories(*, initial: bool) -> Desk:
    switches = [{"key": "emit_initial_categorization", "is_on": str(initial).lower()}]
    desk = Desk(seeds={"categorization_columns": [{"column_name": "casetypecode"}], "switches": switches})
    for case, (changes, _) in CATEGORIES.items():
        desk.case(case, subjectid="network", casetypecode=1)
        for when, by, subject, kind in changes:
            columns = {"subjectid": subject, "casetypecode": kind}
            desk.change(
                case, when, by=by, audit={"through": "robot"}, **{key: pair for key, pair in columns.items() if pair}
            )
    return desk


def _told(desk: Desk, case: str) -> list[tuple[Any, ...]]:
    events = desk.run.activity("case_categorization_changed").where(case_id=case)
    assert set(events.only("acted_through_id")) <= {"robot"}
    words = {desk.guid(name): name for name in ("network", "billing", "technical")}
    rows = []
    for event in events:
        values = [
            event[side] and "|".join(words.get(word, word) for word in event[side].split("|"))
            for side in ("detail_from", "detail_to")
        ]
        rows.append((event["event_time"], event["kind"], event["source_column"], *values))
    return rows


def test_categories_change_together_and_are_set_back() -> None:
    desk = _categories(initial=False)
    for case, (_, wanted) in CATEGORIES.items():
        assert _told(desk, case) == [(at(when), *rest) for when, *rest in wanted], case


def test_first_categories_are_told_where_they_are_switched_on() -> None:
    desk = _categories(initial=True)
    assert _told(desk, "first of both") == [(at("11:00"), "initial", "casetypecode|subjectid", "|", "2|billing")]
    assert _told(desk, "first of one") == [(at("11:00"), "changed", "casetypecode|subjectid", "1|", "2|billing")]


PRESENT = {
    "ownerid": ("bob", "OwnerAuditCoverage"),
    "statecode": (1, "StatusAuditCoverage"),
    "statuscode": (4, "StatusAuditCoverage"),
    "isescalated": (True, "EscalationAuditCoverage"),
    "subjectid": ("billing", "CategoryAuditCoverage"),
    "prioritycode": (1, None),
}
COVERAGES = {"OwnerAuditCoverage", "StatusAuditCoverage", "EscalationAuditCoverage", "CategoryAuditCoverage"}


def test_a_present_value_that_no_audit_row_brought_breaks_the_chain_of_its_column() -> None:
    desk = Desk()
    for column, (value, _) in PRESENT.items():
        desk.case(f"case of {column}", subjectid="network")
        desk.update(f"case of {column}", **{column: value})
    rows = {row["case_id"]: row["priority"] for row in desk.run.rows_of("staging.audit_coverage")}
    for case in desk.run.cases():
        column = case["CaseGuid"].removeprefix("case of ")
        group = PRESENT[column][1]
        assert {name for name in COVERAGES if case[name] == "partial"} == ({group} if group else set()), column
        assert rows[case["CaseGuid"]] == ("partial" if column == "prioritycode" else "full")


def test_a_pick_hides_the_owner_change_that_it_brought_and_no_other_one() -> None:
    desk = Desk(seeds={"switches": [{"key": "fold_pick_and_assign", "is_on": "true"}]})
    for case in ("c1", "c2", "c3"):
        desk.case(case)
        desk.enqueue("10:05", case=case, name=f"item of {case}")
    desk.change("item of c1", "10:20", by="bob", workerid=(None, "bob"))
    desk.change("c1", "10:10", ownerid=("alice", "bob"))
    for moment, old, new in (("10:20", "bob", "carol"), ("10:20", "carol", "bob"), ("10:30", "bob", "alice")):
        desk.change("c1", moment, by="bob", ownerid=(old, new))
    desk.change("c1", "10:40", by="bob", ownerid=("alice", "bob"))
    desk.change("c2", "10:20", by="bob", ownerid=("alice", "bob"))
    desk.change("item of c3", "10:20", by="carol", workerid=(None, "bob"))
    desk.change("c3", "10:20", by="carol", ownerid=("alice", "bob"))
    changes = desk.run.activity("case_assigned").where(rule="A1").only("case_id", "event_time", "assigned_to_id")
    assert sorted(changes) == [
        ("c1", at("10:10"), "bob"),
        ("c1", at("10:20"), "carol"),
        ("c1", at("10:30"), "alice"),
        ("c1", at("10:40"), "bob"),
        ("c2", at("10:20"), "bob"),
        ("c3", at("10:20"), "bob"),
    ]


def test_a_resolution_that_only_the_state_tells_is_inferred() -> None:
    desk = Desk(audit_from=NEVER)
    for case, moment in (("c1", "11:00"), ("c2", None)):
        desk.case(case)
        desk.update(case, statecode=1, statuscode=5, deactivatedon=moment, modifiedon="12:00")
    columns = ("case_id", "event_time", "rule", "source_column", "evidence_class", "confidence")
    assert desk.run.activity("case_resolved").only(*columns) == [
        ("c1", at("11:00"), "R3", "deactivatedon", "inferred", "B"),
        ("c2", at("12:00"), "R3", "modifiedon", "inferred", "C"),
    ]
