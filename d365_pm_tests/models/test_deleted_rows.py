"""Rows that the source has deleted since they were read: what still speaks, and what does not (reference: 4.3)."""

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, instant
from d365_pm_tests.models.stories import Story, story

NOTICED = "19 00:00"


@story
def test_a_deleted_case_leaves_the_log(desk: Desk) -> Story:
    desk.case()
    desk.resolve("11:00")
    desk.delete("c1", noticed=NOTICED)
    yield
    assert desk.run.log() == []


@story
def test_a_deleted_queue_item_still_resolves_the_case_of_its_audit_rows(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", "queue_n1")
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    # The creation, which would name the case, is older than the audit; the worker's row is all there is.
    creation = next(name for name, row in desk.rows["audit"].items() if row["objecttypecode"] == "queueitem")
    desk.delete(creation)
    desk.delete("item", noticed=NOTICED)
    yield
    picks = desk.run.activity("queue_item_picked_by_agent")
    assert picks.only("case_id", "event_time", "rule") == [("c1", at("10:20"), "P1")]


@story
def test_a_deleted_person_who_was_read_before_keeps_the_name(desk: Desk) -> Story:
    desk.row("systemuser", "dora", fullname="Dora Reis", accessmode=0)
    desk.case(by="dora")
    desk.delete("dora", noticed=NOTICED)
    yield
    assert desk.run.log().only("AgentName") == ["Dora Reis"]


@story
def test_of_a_deleted_resolution_only_the_audit_speaks(desk: Desk) -> Story:
    desk.case()
    resolution = desk.resolve("11:00")
    desk.delete(resolution, noticed=NOTICED)
    yield
    assert desk.run.activity("case_resolved").only("rule", "event_time") == [("R2", at("11:00"))]


def test_comparing_ids_does_not_move_the_as_of() -> None:
    desk = Desk()
    desk.loads = [
        *desk.loads,
        *({**row, "extracted_at": instant("25 00:00"), "kind": "reconciliation"} for row in desk.loads),
    ]
    desk.case()
    assert desk.run.log().only("LastDataUpdate") == [at("20 00:00")]


KEEP = {"switches": [{"key": "keep_deleted", "is_on": "true"}]}


def test_a_deleted_case_that_is_kept_has_the_events_it_had_and_no_verdict() -> None:
    desk = Desk(seeds=KEEP)
    desk.case()
    clock = desk.clock("k1", "10:00", item="resolution")
    mail = desk.email_out("10:30")
    resolution = desk.resolve("11:00")
    invitation = desk.invite("11:05")
    for name in ("c1", clock, mail, resolution, invitation):
        desk.delete(name, noticed=NOTICED)
    assert desk.run.events().only("ActivityCode", "EventTime", "Rule") == [
        ("case_created", at("10:00"), "CREATED"),
        ("sla_timer_started", at("10:00"), "S1"),
        ("solution_proposed_to_customer", at("10:30"), "SP2"),
        ("case_resolved", at("11:00"), "R1"),
        ("satisfaction_survey_sent", at("11:05"), "V1"),
    ]
    case = desk.run.cases().one()
    assert case["CaseOutcome"] == "Deleted"
    assert case["ServiceRequestCycleTime"] is None
    assert case["IsFirstContactResolution"] is None


def test_rows_deleted_from_a_living_case_are_not_kept() -> None:
    desk = Desk(seeds=KEEP)
    desk.case()
    desk.delete(desk.clock("k1", "10:00", item="resolution"), noticed=NOTICED)
    assert desk.run.events().only("ActivityCode") == ["case_created"]


def test_of_deleted_contacts_only_those_of_kept_cases_stay() -> None:
    desk = Desk(seeds=KEEP)
    for case in ("kept", "living"):
        desk.case(case)
        written = {"regardingobjectid": case, "createdon": "10:30", "modifiedon": "10:30"}
        desk.row("phonecall", f"call of {case}", directioncode=False, statuscode=4, **written)
        desk.row("adx_portalcomment", f"comment of {case}", **written)
        for name in ("call", "comment"):
            desk.delete(f"{name} of {case}", noticed=NOTICED)
        desk.delete(desk.email_in("10:40", case), noticed=NOTICED)
    desk.delete("kept", noticed=NOTICED)
    _add_what_is_no_contact(desk)
    contacts = desk.run.rows_of("staging.customer_contact").only("case_id", "contacted_at")
    assert sorted(contacts) == [("kept", at("10:30")), ("kept", at("10:30")), ("kept", at("10:40"))]


def _add_what_is_no_contact(desk: Desk) -> None:
    """Calls and comments about no case or with a key that is no GUID, and an e-mail of ours that was completed."""
    for table, columns in (("phonecall", {"directioncode": False, "statuscode": 4}), ("adx_portalcomment", {})):
        written = {"createdon": "10:50", "modifiedon": "10:50", **columns}
        desk.row(table, f"{table} of a company", regardingobjectid="acme", **written)
        desk.row(table, f"{table} of a file", regardingobjectid="living", **written)
        desk.rows[table][f"{table} of a file"]["activityid"] = "no guid"
    desk.email_out("10:50", "living", statuscode=2)
