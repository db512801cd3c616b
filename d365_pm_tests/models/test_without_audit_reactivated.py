"""Case Reactivated without audit: rules RE3 to RE6 (reference: event-log semantics 3.8)."""

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

ENVIRONMENT = {"audit_from": NEVER}
CODE = "case_reactivated"
COLUMNS = ("rule", "event_time", "confidence", "evidence_class")


def assuming() -> Desk:
    """A desk without audit where moments may be assumed."""
    return Desk(audit_from=NEVER, seeds={"switches": [{"key": "emit_assumed_reactivation", "is_on": "true"}]})


def twice_resolved(desk: Desk) -> Desk:
    """A case that was resolved at 12:00 and at 14:00; its first resolution row was never touched."""
    desk.case()
    desk.resolve("12:00")
    desk.resolve("14:00")
    return desk


@story
def test_re3_the_undone_resolution_tells_when(desk: Desk) -> Story:
    desk.case()
    resolution = desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.update(resolution, modifiedby="bob")
    desk.resolve("14:00")
    yield
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in (*COLUMNS, "actor_id")] == ["RE3", at("13:00"), "C", "inferred", "bob"]
    assert (event["source_row_id"], event["source_column"]) == (resolution, "modifiedon")
    assert (event["time_lower"], event["time_upper"]) == (at("12:00"), at("14:00"))


@story
def test_re3_also_after_the_last_resolution(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    yield
    assert desk.run.activity(CODE).only("rule", "event_time") == [("RE3", at("13:00"))]
    assert desk.run.cases().one()["InferredReactivations"] == 0


@story
def test_re3_not_from_a_row_touched_after_the_next_resolution(desk: Desk) -> Story:
    twice_resolved(desk)
    desk.update("resolution 1", statecode=2, modifiedon="15:00")
    yield
    assert desk.run.activity(CODE) == []


@story
def test_re3_not_from_a_row_untouched_since_its_creation(desk: Desk) -> Story:
    twice_resolved(desk)
    desk.update("resolution 1", statecode=2)
    yield
    assert desk.run.activity(CODE) == []


@story
def test_re4_an_email_between_two_resolutions_is_a_sign_of_life(desk: Desk) -> Story:
    twice_resolved(desk)
    mail = desk.email_out("13:30")
    desk.email_out("13:45")
    yield
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in (*COLUMNS, "actor_id")] == ["RE4", at("13:30"), "C", "inferred", None]
    assert (event["source_table"], event["source_row_id"], event["source_column"]) == ("email", mail, "senton")
    assert (event["time_lower"], event["time_upper"]) == (at("12:00"), at("14:00"))


@story
def test_re4_the_earliest_sign_counts(desk: Desk) -> Story:
    twice_resolved(desk)
    desk.email_out("13:30")
    desk.clock("new clock", "13:10", item="resolution")
    desk.enqueue("13:20")
    yield
    assert desk.run.activity(CODE).only("rule", "event_time", "source_table") == [
        ("RE4", at("13:10"), "slakpiinstance")
    ]


def test_re4_of_two_mails_of_one_second_the_one_that_sorts_first_is_named() -> None:
    desk = Desk(audit_from=NEVER)
    wanted = set()
    for number in range(4):
        case = desk.case(f"case {number}")
        for moment in ("12:00", "14:00"):
            desk.resolve(moment, case)
        wanted.add((case, min((desk.email_out("13:00", case) for _ in range(3)), key=desk.guid)))
    assert set(desk.run.activity(CODE).only("case_id", "source_row_id")) == wanted


@story
def test_re4_entering_a_queue_is_a_sign_of_life(desk: Desk) -> Story:
    twice_resolved(desk)
    item = desk.enqueue("13:20")
    yield
    event = desk.run.activity(CODE).one()
    assert (event["source_table"], event["source_row_id"], event["source_column"]) == ("queueitem", item, "enteredon")


@story
def test_re4_mail_that_goes_out_by_itself_is_no_sign(desk: Desk) -> Story:
    twice_resolved(desk)
    desk.email_out("12:01", by="robot")
    desk.email_out("12:02", isworkflowcreated=True)
    desk.email_in("12:30")
    yield
    assert desk.run.activity(CODE) == []


@story
def test_re4_one_per_gap(desk: Desk) -> Story:
    twice_resolved(desk)
    desk.resolve("16:00")
    for moment in ("13:00", "13:30", "15:00"):
        desk.email_out(moment)
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("13:00"), at("15:00")]


@story
def test_the_best_rule_wins_in_a_gap(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.email_out("12:30")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    yield
    assert desk.run.activity(CODE).only("rule", "event_time") == [("RE3", at("13:00"))]


@story
def test_re5_is_off_and_leaves_a_count(desk: Desk) -> Story:
    twice_resolved(desk)
    desk.resolve("16:00")
    yield
    assert desk.run.activity(CODE) == []
    case = desk.run.cases().one()
    assert (case["InferredReactivations"], case["IsRework"], case["StateOrderAnomaly"]) == (2, True, True)
    assert case["ActiveTime"] is None


def test_re5_switched_on_is_a_second_before_the_next_resolution() -> None:
    desk = twice_resolved(assuming())
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in COLUMNS] == ["RE5", at("13:59:59"), "D", "synthetic"]
    assert (event["time_lower"], event["time_upper"]) == (at("12:00"), at("14:00"))
    assert desk.run.cases().one()["InferredReactivations"] == 0


def test_re5_switched_on_yields_to_better_evidence() -> None:
    desk = twice_resolved(assuming())
    desk.email_out("13:30")
    assert desk.run.activity(CODE).only("rule") == ["RE4"]


@story
def test_re6_an_open_case_with_a_resolution_came_back(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.update("c1", statecode=0, statuscode=1, modifiedon="13:00")
    desk.email_out("13:30")
    yield
    assert desk.run.activity(CODE) == []
    case = desk.run.cases().one()
    assert (case["InferredReactivations"], case["IsRework"]) == (1, True)


@story
def test_a_case_resolved_once_did_not_come_back(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.email_out("13:30")
    yield
    assert desk.run.activity(CODE) == []
    assert desk.run.cases().one()["InferredReactivations"] == 0


def test_where_the_state_is_audited_nothing_is_inferred() -> None:
    desk = Desk()
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    assert desk.run.activity(CODE).only("rule") == ["RE1"]
    assert desk.run.cases().one()["InferredReactivations"] == 0


@pytest.mark.parametrize(
    ("when", "source", "found"),
    [("13:10", 1, [("RE4", "13:10")]), ("13:10", 2, []), ("12:00:30", 1, []), ("13:59:30", 1, [])],
    ids=["by the platform", "by a person", "of the resolution", "of the next resolution"],
)
@story
def test_re4_a_post_of_the_platform_is_a_sign_of_life(
    desk: Desk, when: str, source: int, found: list[tuple[str, str]]
) -> Story:
    twice_resolved(desk)
    desk.row("post", "post", regardingobjectid="c1", source=source, createdon=when)
    yield
    assert desk.run.activity(CODE).only("rule", "event_time") == [(rule, at(moment)) for rule, moment in found]


@pytest.mark.parametrize("moment", ["12:00", "14:00"], ids=["of the resolution", "of the next resolution"])
@story
def test_re4_what_happens_in_the_second_of_a_resolution_is_no_sign_of_life(desk: Desk, moment: str) -> Story:
    twice_resolved(desk)
    desk.email_out(moment)
    yield
    assert desk.run.activity(CODE) == []


@story
def test_re4_mail_of_which_nobody_knows_whether_a_workflow_made_it_is_a_sign(desk: Desk) -> Story:
    twice_resolved(desk)
    desk.email_out("13:30", isworkflowcreated=None)
    yield
    assert desk.run.activity(CODE).only("rule", "event_time") == [("RE4", at("13:30"))]
