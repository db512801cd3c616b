"""Assignments, picks, escalations, old clocks without audit: A4 to A6, P4, E4, S2 (reference: 3.1, 3.4, 3.6, 3.11)."""

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.stories import Story, story

ENVIRONMENT = {"audit_from": NEVER}
PICKED = "queue_item_picked_by_agent"
PICK = ("rule", "event_time", "kind", "confidence", "evidence_class")
ASSIGNED = ("rule", "event_time", "actor_id", "assigned_to_id", "confidence")


def assuming(switch: str) -> Desk:
    """A desk without audit where one rule of class D is switched on."""
    return Desk(audit_from=NEVER, seeds={"switches": [{"key": switch, "is_on": "true"}]})


@story
def test_a4_the_present_stay_in_a_queue(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("11:00", "queue_n1", by="robot")
    yield
    assert desk.run.activity("case_assigned").only(*ASSIGNED) == [("A4", at("11:00"), "robot", "queue_n1", "B")]


@story
def test_a5_and_p4_the_worker_who_owns_the_case(desk: Desk) -> Story:
    desk.case(by="robot", ownerid="bob")
    desk.enqueue("11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="11:30")
    yield
    assigned = desk.run.activity("case_assigned").only(*ASSIGNED)
    assert assigned[1:] == [("A5", at("11:30"), None, "bob", "B")]
    assert desk.run.activity("queue_item_picked_by_agent").only("rule", "event_time", "kind") == [
        ("P4", at("11:30"), None)
    ]


@story
def test_a5_not_for_a_worker_who_does_not_own_the_case(desk: Desk) -> Story:
    desk.case(by="robot", ownerid="bob")
    desk.enqueue("11:00")
    desk.update("item", workerid="alice", workeridmodifiedon="11:30")
    yield
    assert desk.run.activity("case_assigned").only("rule") == ["A4"]


@story
def test_p4_is_a_pick_where_the_worker_was_the_last_to_touch_the_item(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="11:30", modifiedon="11:30", modifiedby="bob")
    yield
    assert desk.run.activity(PICKED).only(*PICK) == [("P4", at("11:30"), "self", "B", "explicit")]


@story
def test_p4_is_none_where_somebody_else_set_the_worker_last(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="11:30", modifiedon="11:30", modifiedby="carol")
    yield
    assert desk.run.activity(PICKED) == []


@story
def test_p4_is_inferred_where_the_item_was_touched_after_its_worker(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="11:30", modifiedon="12:00", modifiedby="carol")
    yield
    assert desk.run.activity(PICKED).only(*PICK) == [("P4", at("11:30"), None, "C", "inferred")]


@story
def test_p4_not_for_a_team(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("11:00")
    desk.update("item", workerid="team_n1", workeridmodifiedon="11:30")
    yield
    assert desk.run.activity("queue_item_picked_by_agent") == []


@story
def test_a6_is_off(desk: Desk) -> Story:
    desk.case(by="robot", ownerid="bob")
    yield
    assert desk.run.activity("case_assigned") == []


def test_a6_switched_on_dates_the_owner_at_creation() -> None:
    desk = assuming("emit_assumed_owner")
    desk.case(by="robot", ownerid="bob")
    desk.update("c1", modifiedon="15:00")
    event = desk.run.activity("case_assigned").one()
    assert [event[column] for column in ASSIGNED] == ["A6", at("10:00"), None, "bob", "D"]
    assert (event["evidence_class"], event["assignment_kind"]) == ("synthetic", "user")


def test_a6_not_for_the_creator_nor_beside_other_evidence() -> None:
    desk = assuming("emit_assumed_owner")
    desk.case("own")
    desk.case("queued", by="robot", ownerid="bob")
    desk.enqueue("11:00", case="queued")
    assert desk.run.activity("case_assigned").only("case_id", "rule") == [("queued", "A4")]


def test_a6_not_where_the_owner_is_audited() -> None:
    desk = Desk(seeds={"switches": [{"key": "emit_assumed_owner", "is_on": "true"}]})
    desk.case(by="robot", ownerid="bob")
    assert desk.run.activity("case_assigned").only("rule") == ["A2"]


@story
def test_e4_the_flag_and_its_date(desk: Desk) -> Story:
    desk.case(isescalated=True, escalatedon="12:00")
    yield
    assert desk.run.activity("case_escalated").only("rule", "event_time", "actor_id", "confidence") == [
        ("E4", at("12:00"), None, "B")
    ]


@story
def test_e4_not_without_the_flag(desk: Desk) -> Story:
    desk.case(escalatedon="12:00")
    yield
    assert desk.run.activity("case_escalated") == []


def test_e4_beside_a_queue_entered_at_another_time() -> None:
    desk = Desk(
        audit_from=NEVER,
        seeds={"escalation_targets": [{"target_type": "queue", "target_id": guid("queue_n2")}]},
    )
    desk.case(isescalated=True, escalatedon="15:00")
    desk.enqueue("11:00", "queue_n2")
    assert desk.run.activity("case_escalated").only("rule", "event_time") == [("E3", at("11:00")), ("E4", at("15:00"))]


@story
def test_s2_is_off(desk: Desk) -> Story:
    desk.case(slainvokedid="gold", resolveby="05 10:00")
    yield
    assert desk.run.activity("sla_timer_started") == []


def test_s2_switched_on_starts_a_clock_per_deadline() -> None:
    desk = assuming("emit_assumed_clock")
    desk.case(slainvokedid="gold", responseby="11:00", resolveby="05 10:00")
    columns = ("rule", "event_time", "sla_kpi", "source_column", "confidence", "evidence_class")
    assert sorted(desk.run.activity("sla_timer_started").only(*columns)) == [
        ("S2", at("10:00"), "first_response", "responseby", "D", "synthetic"),
        ("S2", at("10:00"), "resolution", "resolveby", "D", "synthetic"),
    ]


def test_s2_a_clock_started_between_the_birth_of_its_case_and_its_deadline() -> None:
    """A deadline before the case, as an import leaves it, says nothing of when its clock started."""
    desk = assuming("emit_assumed_clock")
    desk.case(slainvokedid="gold", responseby="09:00", resolveby="05 10:00")
    columns = ("sla_kpi", "time_lower", "time_upper")
    assert sorted(desk.run.activity("sla_timer_started").only(*columns)) == [
        ("first_response", at("10:00"), at("10:00")),
        ("resolution", at("10:00"), at("05 10:00")),
    ]


def test_s2_not_beside_a_clock_of_its_own_nor_without_a_deadline() -> None:
    desk = assuming("emit_assumed_clock")
    desk.case("clocked", slainvokedid="gold", resolveby="05 10:00")
    desk.clock("clock", "10:05", "clocked", item="resolution")
    desk.case("free", resolveby="05 10:00")
    desk.case("timeless", slainvokedid="gold")
    assert desk.run.activity("sla_timer_started").only("case_id", "rule") == [("clocked", "S1")]


@story
def test_a5_not_for_a_worker_who_created_the_case(desk: Desk) -> Story:
    desk.case(by="bob")
    desk.enqueue("11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="11:30")
    yield
    assert desk.run.activity("case_assigned").only("rule") == ["A4"]
