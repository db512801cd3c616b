"""Which rows make an extended activity and which do not, condition by condition (reference: 3.14, 4.3)."""

from typing import Any

import pytest

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.raw_desk import CREATE, DELETE
from d365_pm_tests.models.stories import Story, story
from d365_pm_tests.models.test_partly_audited import switch

ENVIRONMENT = {
    "activities": EXTENDED_ACTIVITIES,
    "seeds": {"status_roles": [{"status_code": "7", "role": "on_hold"}]},
}


def activity(desk: Desk, table: str, name: str, when: str = "11:00", **columns: Any) -> None:
    """An activity of the case with every column that its event needs, but for those given."""
    written = {"regardingobjectid": "c1", "createdon": when, "modifiedon": when}
    written |= {"createdby": "bob"} if table in ("phonecall", "task") else {}
    desk.row(table, name, **(written | columns))


@story
def test_a_call_is_ours_and_made(desk: Desk) -> Story:
    desk.case()
    for name, columns in {
        "made": {"statuscode": 2, "directioncode": True},
        "received": {"statuscode": 2, "directioncode": False},
        "of nobody": {"statuscode": 2, "directioncode": None},
        "open": {"statuscode": 1, "directioncode": True},
        "cancelled": {"statuscode": 3, "directioncode": True},
        "to an account": {"statuscode": 2, "directioncode": True, "regardingobjectid": ("account", "c1")},
    }.items():
        activity(desk, "phonecall", name, **columns)
    yield
    assert desk.run.activity("call_made").only("source_row_id", "actor_id") == [("made", "bob")]


@story
def test_a_task_is_done_by_whoever_touched_it_last(desk: Desk) -> Story:
    desk.case()
    for name, columns in {
        "done": {"statecode": 1, "modifiedon": "11:30", "modifiedby": "carol"},
        "open": {"statecode": 0},
        "cancelled": {"statecode": 2},
        "of an account": {"statecode": 1, "regardingobjectid": ("account", "c1")},
    }.items():
        activity(desk, "task", name, **columns)
    yield
    found = desk.run.activity("task_completed").only(
        "source_row_id", "event_time", "actor_id", "time_lower", "time_upper"
    )
    assert found == [("done", at("11:30"), "carol", at("11:00"), at("11:30"))]


@story
def test_a_note_is_on_the_case(desk: Desk) -> Story:
    desk.case()
    for name, target in (("note", "c1"), ("other", ("account", "c1"))):
        desk.row("annotation", name, objectid=target, createdon="11:00", createdby="bob", modifiedon="11:30")
    yield
    assert desk.run.activity("note_added").only("source_row_id", "event_time", "actor_id") == [
        ("note", at("11:00"), "bob")
    ]


@story
def test_a_conversation_starts_with_an_agent_or_else_with_the_customer(desk: Desk) -> Story:
    desk.case()
    moments = {
        "answered": {"msdyn_initiatedon": "11:00", "msdyn_startedon": "11:01", "msdyn_closedon": "11:30"},
        "waiting": {"msdyn_initiatedon": "12:00", "msdyn_startedon": None, "msdyn_closedon": None},
        "unknown": {"msdyn_initiatedon": None, "msdyn_startedon": None, "msdyn_closedon": "13:00"},
    }
    for name, columns in moments.items():
        activity(desk, "msdyn_ocliveworkitem", name, msdyn_issueid="c1", msdyn_activeagentid="bob", **columns)
    activity(desk, "msdyn_ocliveworkitem", "shell", **moments["answered"])
    yield
    started = desk.run.activity("conversation_started").only("source_row_id", "event_time", "source_column")
    ended = desk.run.activity("conversation_ended").only("source_row_id", "event_time", "actor_id")
    assert started == [("answered", at("11:01"), "msdyn_startedon"), ("waiting", at("12:00"), "msdyn_initiatedon")]
    assert ended == [("answered", at("11:30"), "bob"), ("unknown", at("13:00"), "bob")]


CLOCKS = {
    "running": {"status": 0, "failuretime": "15:00"},
    "failed": {"status": 1, "failuretime": "12:00", "succeededon": "12:30"},
    "failed without a deadline": {"status": 1},
    "met": {"status": 4, "failuretime": "12:00", "succeededon": "11:30"},
    "met at an unknown time": {"status": 4, "failuretime": "12:00"},
    "cancelled": {"status": 5, "failuretime": "12:00", "succeededon": "11:40"},
    "paused": {"status": 3, "failuretime": "12:00", "pausedon": "11:10"},
    "going on": {"status": 0, "msdyn_prevslakpiinstanceid": guid("earlier")},
}


@story
def test_a_clock_breaks_is_met_pauses_or_goes_on(desk: Desk) -> Story:
    for name, columns in CLOCKS.items():
        desk.case(name)
        desk.clock(f"clock {name}", "10:00", name, item="resolution", **columns)
    yield
    told = {
        code: desk.run.activity(code).only("case_id", "event_time", "sla_kpi")
        for code in ("sla_breached", "sla_succeeded", "sla_paused", "sla_timer_restarted")
    }
    assert told == {
        "sla_breached": [("failed", at("12:00"), "resolution")],
        "sla_succeeded": [("met", at("11:30"), "resolution")],
        "sla_paused": [("paused", at("11:10"), "resolution")],
        "sla_timer_restarted": [("going on", at("10:00"), "resolution")],
    }
    started = desk.run.activity("sla_timer_started").only("case_id")
    assert sorted(started) == sorted(set(CLOCKS) - {"going on"})


@story
def test_an_item_is_released_when_its_worker_goes(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05")
    desk.change("item", "10:10", by="bob", workerid=(None, "bob"))
    desk.change("item", "10:20", by="carol", workerid=("bob", "carol"))
    desk.change("item", "10:30", by="carol", queueid=("queue_n1", "queue_n2"), audit={"through": "robot"})
    desk.change("item", "10:40", by="alice", workerid=("carol", None), audit={"through": "robot"})
    desk.change("item", "10:50", by="carol", workerid=(None, "team_n2"))
    desk.change("item", "10:55", by="carol", queueid=("queue_n2", None))
    desk.audit("item", "11:00", {"workerid": ("team_n2", None)}, by="carol", operation=DELETE, action=DELETE)
    desk.audit("item", "10:05", {"workerid": ("carol", None)}, by="carol", operation=CREATE, action=CREATE)
    yield
    columns = ("event_time", "actor_id", "acted_through_id", "source_column")
    assert desk.run.activity("queue_released").only(*columns) == [(at("10:40"), "alice", "robot", "workerid")]
    assert desk.run.activity("queue_entered").only("event_time", "queue_id", "assigned_to_type") == [
        (at("10:05"), "queue_n1", "queue"),
        (at("10:30"), "queue_n2", "queue"),
    ]


@pytest.mark.parametrize(("yes", "no"), [("true", "false"), ("1", "0"), ("True", "False")])
@story
def test_a_flag_has_several_words(desk: Desk, yes: str, no: str) -> Story:
    desk.case()
    desk.audit("c1", "11:00", {"isescalated": (no, yes)}, by="bob")
    desk.audit("c1", "11:30", {"isescalated": (yes, no)}, by="carol")
    desk.audit("c1", "11:40", {"firstresponsesent": (no, yes)}, by="carol")
    yield
    assert desk.run.activity("first_response_sent").only("event_time", "actor_id") == [(at("11:40"), "carol")]
    assert desk.run.activity("case_escalated").only("event_time", "actor_id") == [(at("11:00"), "bob")]
    assert desk.run.activity("case_deescalated").only("event_time", "actor_id") == [(at("11:30"), "carol")]


@story
def test_a_flag_that_was_never_set_is_not_taken_back(desk: Desk) -> Story:
    desk.case("c1", isescalated=None)
    desk.audit("c1", "11:00", {"isescalated": (None, False)})
    desk.audit("c1", "11:10", {"isescalated": (False, True), "statuscode": (1, 2)})
    desk.audit("c1", "11:20", {"isescalated": (True, None)})
    desk.case("c2")
    desk.audit("c2", "10:00", {"isescalated": (True, False)}, operation=CREATE)
    yield
    assert desk.run.activity("case_deescalated").only("event_time") == []


@story
def test_a_hold_begins_where_the_case_was_not_on_hold(desk: Desk) -> Story:
    desk.case()
    for moment, code in (("11:00", 2), ("11:10", 7), ("11:20", 99), ("11:30", 2), ("11:40", 3)):
        desk.status(moment, code)
    yield
    assert desk.run.activity("case_on_hold").only("event_time", "status_code") == [(at("11:00"), 2), (at("11:30"), 2)]


@story
def test_a_priority_changes_from_one_to_another(desk: Desk) -> Story:
    desk.case(prioritycode=None)
    desk.change("c1", "11:00", prioritycode=(None, 2), statuscode=(1, 3))
    desk.change("c1", "11:10", prioritycode=(2, 1))
    desk.change("c1", "11:20", prioritycode=(1, 4711))
    desk.change("c1", "11:30", prioritycode=(4711, 3))
    desk.change("c1", "11:40", prioritycode=(3, None))
    yield
    assert desk.run.activity("priority_changed").only("event_time", "detail_from", "detail_to") == [
        (at("11:10"), "Normal", "Alto"),
        (at("11:20"), "Alto", "code:4711"),
        (at("11:30"), "code:4711", "Baixo"),
    ]


@story
def test_a_status_reason_changes_whatever_it_means(desk: Desk) -> Story:
    desk.case(statuscode=None)
    desk.change("c1", "11:00", statuscode=(None, 4711))
    desk.change("c1", "11:10", statuscode=(4711, 3), statecode=(0, 0))
    desk.change("c1", "11:20", statecode=(0, 1))
    desk.change("c1", "11:30", statuscode=(3, None))
    yield
    assert desk.run.activity("status_changed").only("event_time", "detail_from", "detail_to", "status_code") == [
        (at("11:00"), None, "code:4711", 4711),
        (at("11:10"), "code:4711", "Aguardando Cliente", 3),
    ]


@story
def test_an_answer_belongs_to_its_case_or_to_that_of_its_invitation(desk: Desk) -> Story:
    desk.case()
    invited = desk.invite("11:00")
    for name, columns in {
        "regarding": {"regardingobjectid": "c1"},
        "by invitation": {"regardingobjectid": None, "msfp_surveyinviteid": invited},
        "of an account": {"regardingobjectid": "acme"},
        "both": {"regardingobjectid": "c1", "msfp_surveyinviteid": invited},
        "of an account, by invitation": {"regardingobjectid": "acme", "msfp_surveyinviteid": invited},
    }.items():
        desk.row("msfp_surveyresponse", name, createdon="12:00", modifiedon="12:30", createdby="voice", **columns)
    yield
    answered = desk.run.activity("survey_answered")
    assert set(answered.only("source_row_id", "related_id")) == {
        ("regarding", None),
        ("by invitation", invited),
        ("both", invited),
        ("of an account, by invitation", invited),
    }
    assert set(answered.only("event_time")) == {at("12:00")}


@story
def test_merged_and_cancelled_cases_are_told_apart(desk: Desk) -> Story:
    desk.case("survivor")
    for case, status, master in (("merged", 2000, "survivor"), ("cancelled", 6, None)):
        desk.case(case)
        desk.cancel("12:00", case, status=status, by="bob")
        desk.update(case, masterid=master)
    yield
    columns = ("case_id", "rule", "actor_id", "related_id", "status_code", "time_lower", "time_upper")
    assert desk.run.activity("case_merged").only(*columns) == [("merged", "CL2", "bob", "survivor", 2000, None, None)]
    cancelled = [column for column in columns if column != "related_id"]
    assert desk.run.activity("case_cancelled").only(*cancelled) == [("cancelled", "CL1", "bob", 6, None, None)]


def _deletable(desk: Desk, case: str, suffix: str) -> list[str]:
    """One row of each table whose rows make extended activities of a case; returns their names."""
    dated = {"createdon": "11:00", "modifiedon": "11:00"}
    common = dated | {"createdby": "bob"}
    names = {table: f"{table} {suffix}" for table in ("phonecall", "task", "annotation", "msdyn_ocliveworkitem")}
    desk.row("phonecall", names["phonecall"], regardingobjectid=case, statuscode=2, directioncode=True, **common)
    desk.row("task", names["task"], regardingobjectid=case, statecode=1, **common)
    desk.row("annotation", names["annotation"], objectid=case, **common)
    talk = {"msdyn_issueid": case, "msdyn_startedon": "11:00", "msdyn_closedon": "11:10"}
    desk.row("msdyn_ocliveworkitem", names["msdyn_ocliveworkitem"], **talk, **dated)
    return [*names.values(), desk.respond("11:00", case=case), desk.email_in("11:00", case), desk.invite("11:00", case)]


CODES = ("call_made", "task_completed", "note_added", "conversation_started", "conversation_ended", "survey_answered")
CODES += ("email_received", "satisfaction_survey_sent")


@pytest.mark.parametrize("keeps", [False, True], ids=["deleted cases leave", "deleted cases stay"])
def test_rows_leave_with_their_deletion_unless_their_case_is_kept(keeps: bool) -> None:
    switches = [{"key": "keep_deleted", "is_on": str(keeps).lower()}]
    desk = Desk(activities=EXTENDED_ACTIVITIES, seeds={"switches": switches})
    for case in ("alive", "gone"):
        desk.case(case)
        for suffix in ("kept", "deleted"):
            for name in _deletable(desk, case, f"{case} {suffix}"):
                if suffix == "deleted" or case == "gone":
                    desk.delete(name, noticed="12:00")
    desk.delete("gone", noticed="12:00")
    for code in CODES:
        found = sorted(desk.run.activity(code).only("case_id"))
        assert found == (["alive", "gone", "gone"] if keeps else ["alive"]), code


@pytest.mark.parametrize(("code", "status"), [("case_cancelled", 6), ("case_merged", 2000)])
def test_only_an_end_that_nobody_saw_has_bounds_and_those_of_its_own_case(code: str, status: int) -> None:
    desk = Desk(activities={code})
    switch(desk, "06 00:00", 110)
    switch(desk, "08 00:00", 105)
    for case, linked, ended in (("c1", "06 10:00", "07 10:00"), ("c2", "06 11:00", "07 11:00")):
        desk.case(case, "04 10:00")
        desk.cancel("05 10:00", case, status=status)
        desk.reactivate("05 11:00", case)
        desk.link_article(linked, case)
        desk.update(case, statecode=2, statuscode=status, modifiedon=ended)
    columns = ("case_id", "rule", "event_time", "time_lower", "time_upper")
    assert sorted(desk.run.activity(code).only(*columns), key=str) == [
        ("c1", "CL1" if status == 6 else "CL2", at("05 10:00"), None, None),
        ("c1", "CL4", at("07 10:00"), at("06 10:00"), at("07 10:00")),
        ("c2", "CL1" if status == 6 else "CL2", at("05 10:00"), None, None),
        ("c2", "CL4", at("07 11:00"), at("06 11:00"), at("07 11:00")),
    ]


def test_signs_of_escalation_join_those_of_their_own_case() -> None:
    desk = Desk()
    for case, moments in {"c1": ("11:00", "11:35"), "c2": ("11:00", "11:30", "11:38")}.items():
        desk.case(case)
        for moment in moments:
            desk.audit(case, moment, {"isescalated": (False, True)}, by="bob")
    assert sorted(desk.run.activity("case_escalated").only("case_id", "event_time")) == [
        ("c1", at("11:00")),
        ("c1", at("11:35")),
        ("c2", at("11:00")),
        ("c2", at("11:30")),
    ]
