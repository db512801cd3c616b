"""Activities beyond the template (reference: event-log semantics 3.14), each over a case that has all of them."""

from collections.abc import Iterator

import pytest

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.raw_desk import UPSERT


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A case with a long life, and two that end otherwise than by a resolution."""
    desk = Desk(activities=EXTENDED_ACTIVITIES)
    _long_life(desk)
    desk.case("c2")
    desk.cancel("10:30", "c2")
    desk.case("c3", audited=False)
    desk.update("c3", masterid="c1")
    desk.cancel("10:40", "c3", status=2000)
    yield desk


def _long_life(desk: Desk) -> None:
    desk.case("c1", "10:00", by="robot", ownerid="team_n1")
    desk.email_in("09:59", "c1", emailsender="jane")
    desk.enqueue("10:00:05", "queue_n1", "c1")
    desk.change("item", "10:10", by="bob", workerid=(None, "bob"))
    desk.change("item", "10:20", by="bob", workerid=("bob", None))
    desk.change("c1", "10:30", by="bob", prioritycode=(2, 1))
    desk.status("10:40", 2, by="bob")
    desk.status("10:50", 1, by="bob")
    desk.change("c1", "11:00", by="bob", isescalated=(False, True))
    desk.change("c1", "11:10", by="bob", isescalated=(True, False))
    desk.change("c1", "11:20", by="bob", firstresponsesent=(False, True))
    desk.clock("k1", "10:00:10", "c1", item="resolution", status=5, pausedon="10:40", terminalstatetime="10:50")
    desk.clock("k2", "10:50", "c1", item="resolution", status=4, succeededon="13:00", failuretime="14:00")
    desk.clock("k3", "10:00:20", "c1", item="first_response", status=1, failuretime="11:00:20")
    desk.email_out("11:30", "c1", by="bob")
    desk.email_out("12:00", "c1", by="bob")
    _activity(desk, "phonecall", "call", "12:10", statuscode=2, directioncode=True)
    _activity(desk, "phonecall", "open call", "12:11", statuscode=1, directioncode=True)
    _activity(desk, "phonecall", "their call", "12:12", statuscode=4, directioncode=False)
    _activity(desk, "task", "task", "12:20", modifiedon="12:45", modifiedby="carol", statecode=1, statuscode=5)
    _activity(desk, "task", "open task", "12:21", statecode=0, statuscode=2)
    desk.row("annotation", "note", objectid="c1", createdon="12:30", createdby="carol", modifiedon="12:30")
    desk.row("annotation", "other note", objectid="acme", createdon="12:31", createdby="carol", modifiedon="12:31")
    talk = {"createdon": "12:32", "modifiedon": "12:40", "msdyn_startedon": "12:32", "msdyn_closedon": "12:40"}
    desk.row("msdyn_ocliveworkitem", "chat", msdyn_issueid="c1", msdyn_activeagentid="bob", **talk)
    desk.row("msdyn_ocliveworkitem", "shell", regardingobjectid="c1", **talk)
    desk.resolve("13:00", "c1", by="bob")
    desk.invite("13:05", "c1")
    desk.respond("15:00", ("csat", 4, 4), case="c1")


def _activity(desk: Desk, table: str, name: str, when: str, **columns: object) -> None:
    desk.row(table, name, regardingobjectid="c1", createdon=when, createdby="bob", **({"modifiedon": when} | columns))


WANTED = {
    "case_cancelled": [("c2", "10:30", "CL1", "A", "alice")],
    "case_merged": [("c3", "10:40", "CL2", "A", "alice")],
    "queue_entered": [("c1", "10:00:05", "A3", "A", "robot")],
    "queue_released": [("c1", "10:20", "QR1", "A", "bob")],
    "sla_timer_restarted": [("c1", "10:50", "SLA1", "A", None)],
    "sla_paused": [("c1", "10:40", "SLA2", "B", None)],
    "sla_breached": [("c1", "11:00:20", "SLA3", "A", None)],
    "sla_succeeded": [("c1", "13:00", "SLA4", "A", None)],
    "first_response_sent": [("c1", "11:20", "FR1", "A", "bob")],
    # The mail of 12:00 is the last one before the resolution: a proposal.
    "email_sent": [("c1", "11:30", "EM1", "A", "bob")],
    "email_received": [("c1", "09:59", "EM2", "A", None)],
    "call_made": [("c1", "12:10", "PH1", "C", "bob")],
    "task_completed": [("c1", "12:45", "TA1", "C", "carol")],
    "survey_answered": [("c1", "15:00", "SV1", "A", None)],
    "priority_changed": [("c1", "10:30", "PR1", "A", "bob")],
    "case_on_hold": [("c1", "10:40", "OH1", "A", "bob")],
    "note_added": [("c1", "12:30", "NO1", "A", "carol")],
    "conversation_started": [("c1", "12:32", "CO1", "A", None)],
    "conversation_ended": [("c1", "12:40", "CO2", "A", "bob")],
    "case_deescalated": [("c1", "11:10", "DE1", "A", "bob")],
}


@pytest.mark.parametrize("code", sorted(WANTED))
def test_an_extended_activity_is_told_by_its_own_evidence(desk: Desk, code: str) -> None:
    found = desk.run.events().where(ActivityCode=code).only("CaseGuid", "EventTime", "Rule", "Confidence", "AgentId")
    assert found == [(case, at(when), *rest) for case, when, *rest in WANTED[code]]


def test_every_change_of_status_reason_is_told_with_both_labels(desk: Desk) -> None:
    found = desk.run.events().where(ActivityCode="status_changed", CaseGuid="c1")
    assert found.only("EventTime", "ValueFrom", "ValueTo", "StatusReason") == [
        (at("10:40"), "Em Progresso", "Em Espera", "Em Espera"),
        (at("10:50"), "Em Espera", "Em Progresso", "Em Progresso"),
        (at("13:00"), "Em Progresso", "Problema Resolvido", "Problema Resolvido"),
    ]


def test_every_extended_activity_occurs(desk: Desk) -> None:
    assert set(desk.run.events().only("ActivityCode")) >= EXTENDED_ACTIVITIES


def test_a_change_of_priority_has_both_labels(desk: Desk) -> None:
    event = desk.run.events().one(ActivityCode="priority_changed")
    assert (event["ValueFrom"], event["ValueTo"]) == ("Normal", "Alto")


def test_the_customer_acts_where_the_activity_is_always_the_customers(desk: Desk) -> None:
    events = desk.run.events()
    received, answered = (events.one(ActivityCode=code) for code in ("email_received", "survey_answered"))
    assert (received["ActorType"], received["AgentName"], received["BeforeCreation"]) == ("external", "Jane Doe", True)
    assert (answered["ActorType"], answered["AgentName"]) == ("external", None)


def test_a_clock_that_the_platform_moves_is_the_systems(desk: Desk) -> None:
    event = desk.run.events().one(ActivityCode="sla_breached")
    assert (event["AgentName"], event["ActorType"], event["SlaKpi"]) == ("Sistema", "system", "first_response")


def test_a_task_is_done_between_its_two_dates(desk: Desk) -> None:
    event = desk.run.events().one(ActivityCode="task_completed")
    assert (event["TimeLower"], event["TimeUpper"]) == (at("12:20"), at("12:45"))
    assert event["EvidenceClass"] == "inferred"


def test_the_template_has_the_same_events_and_verdicts_whatever_is_switched_on(desk: Desk) -> None:
    plain = Desk()
    _long_life(plain)
    own = ["ActivityCode", "EventTime", "EventId", "Rule", "AgentName", "StatusReason", "OwnerTeam", "Queue"]
    wanted = plain.run.events().only(*own)
    found = [
        event for event in desk.run.events().where(CaseGuid="c1") if event["ActivityCode"] not in EXTENDED_ACTIVITIES
    ]
    assert [tuple(event[column] for column in own) for event in found] == wanted
    verdicts = ["IsRework", "IsFirstContactResolution", "IsEscalated", "ServiceRequestCycleTime", "CaseOutcome"]
    assert desk.run.cases().where(CaseGuid="c1").only(*verdicts) == plain.run.cases().only(*verdicts)


def test_without_an_audit_the_clock_tells_of_the_first_response() -> None:
    desk = Desk(activities={"first_response_sent"}, audit_from="9999-12-31T00:00:00Z")
    desk.case()
    desk.clock("k1", "10:00", item="first_response", status=4, succeededon="10:45", failuretime="11:00")
    event = desk.run.activity("first_response_sent").one()
    assert (event["event_time"], event["rule"], event["confidence"]) == (at("10:45"), "FR2", "B")


def test_a_case_cancelled_without_an_audit_has_bounds() -> None:
    desk = Desk(activities={"case_cancelled"}, unaudited={"incident.statecode", "incident.statuscode"})
    desk.case(audited=False)
    desk.update("c1", statecode=2, statuscode=6, modifiedon="12:00")
    event = desk.run.activity("case_cancelled").one()
    assert (event["rule"], event["evidence_class"], event["time_lower"], event["time_upper"]) == (
        "CL4",
        "inferred",
        at("10:00"),
        at("12:00"),
    )


def test_a_change_between_two_on_hold_reasons_is_one_wait() -> None:
    desk = Desk(
        activities={"case_on_hold"},
        seeds={"status_roles": [{"status_code": "7", "role": "on_hold"}]},
        labels={("incident", "statuscode", 7): ("Parado", "Parked")},
    )
    desk.case()
    desk.status("11:00", 2)
    desk.status("11:30", 7)
    desk.status("12:00", 1)
    desk.status("12:30", 7)
    assert desk.run.activity("case_on_hold").only("event_time") == [at("11:00"), at("12:30")]


def test_an_email_with_a_meaning_is_not_told_again_as_an_email_sent() -> None:
    desk = Desk(
        activities={"email_sent"},
        seeds={"status_roles": [{"status_code": "8", "role": "solution_proposed"}]},
    )
    desk.case()
    for moment, code in (("11:00", 8), ("12:00", 1), ("13:00", 3), ("14:00", 1)):
        desk.status(moment, code)
        desk.email_out(f"{moment}:30")
    desk.link_article("15:00", issenttocustomer=True)
    desk.email_out("15:00:30")
    desk.email_out("16:00")
    desk.resolve("17:00")
    sent = desk.run.activity("email_sent").only("event_time")
    assert sent == [at("12:00:30"), at("14:00:30")]


def test_cases_merged_without_an_audit_have_bounds_of_their_own() -> None:
    desk = Desk(activities={"case_merged"}, unaudited={"incident.statecode", "incident.statuscode"})
    desk.case("survivor")
    for case, created, closed in (("c1", "09:00", "12:00"), ("c2", "10:00", "11:00")):
        desk.case(case, created, audited=False)
        desk.update(case, statecode=2, statuscode=2000, modifiedon=closed, masterid="survivor")
    columns = ("case_id", "rule", "event_time", "time_lower", "time_upper", "related_id")
    assert desk.run.activity("case_merged").only(*columns) == [
        ("c2", "CL4", at("11:00"), at("10:00"), at("11:00"), "survivor"),
        ("c1", "CL4", at("12:00"), at("09:00"), at("12:00"), "survivor"),
    ]


def test_an_email_arrives_when_it_was_sent_or_else_when_it_was_noted() -> None:
    desk = Desk(activities={"email_received"})
    desk.case()
    desk.email_in("10:10", emailsender="jane")
    desk.email_in("10:20", senton=None, emailsender="acme")
    desk.email_in("10:30", statuscode=2, emailsender="bob")
    desk.email_in("10:40", statuscode=None)
    desk.email_in("10:50", statuscode=1)
    desk.email_in("11:00", statuscode=5)
    desk.email_out("11:10")
    assert desk.run.activity("email_received").only("event_time", "source_column", "external_actor_id") == [
        (at("10:10"), "senton", "jane"),
        (at("10:20"), "createdon", None),
        (at("10:30"), "senton", None),
        (at("10:40"), "senton", None),
    ]


def test_the_first_response_is_the_first_mark_or_else_the_first_clock_that_was_met() -> None:
    desk = Desk(activities={"first_response_sent"})
    desk.case("c1")
    desk.clock("k1", "10:00", "c1", item="first_response", status=4, succeededon="10:45")
    desk.clock("k2", "10:01", "c1", item="first_response", status=4, succeededon="10:30")
    desk.clock("k3", "10:00", "c1", item="first_response", status=1, succeededon="10:05")
    desk.clock("k4", "10:00", "c1", item="first_response", status=4)
    desk.clock("k5", "10:00", "c1", item="resolution", status=4, succeededon="10:10")
    desk.case("c2")
    desk.clock("k6", "10:00", "c2", item="first_response", status=4, succeededon="10:20")
    desk.change("c2", "11:00", by="bob", audit={"through": "robot"}, firstresponsesent=(False, True))
    desk.change("c2", "11:10", firstresponsesent=(True, False))
    desk.change("c2", "11:20", firstresponsesent=(False, True))
    desk.case("c3")
    desk.change("c3", "11:30", firstresponsesent=(True, False), isescalated=(False, True))
    desk.audit("c3", "11:40", {"firstresponsesent": (True, True)})
    desk.case("c4")
    desk.change("c4", "11:50", firstresponsesent=(None, False))
    desk.change("c4", "12:00", audit={"operation": UPSERT}, firstresponsesent=(None, True))
    columns = ("case_id", "rule", "event_time", "actor_id", "acted_through_id", "source_row_id", "confidence")
    met, *marked = desk.run.activity("first_response_sent").only(*columns)
    assert met == ("c1", "FR2", at("10:30"), None, None, "k2", "B")
    assert [mark[:5] for mark in marked] == [
        ("c2", "FR1", at("11:00"), "bob", "robot"),
        ("c4", "FR1", at("12:00"), "alice", None),
    ]


def test_a_status_reason_without_a_label_is_told_by_its_code() -> None:
    desk = Desk(activities={"status_changed"})
    desk.case()
    desk.status("11:00", 77)
    desk.status("12:00", 1)
    desk.change("c1", "13:00", statecode=(0, 1))
    assert desk.run.events().where(ActivityCode="status_changed").only("EventTime", "ValueFrom", "ValueTo") == [
        (at("11:00"), "Em Progresso", "code:77"),
        (at("12:00"), "code:77", "Em Progresso"),
    ]
