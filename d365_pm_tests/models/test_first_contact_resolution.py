"""IsFirstContactResolution: its six conditions and when it is not known (reference: event-log semantics 2.13)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import instant
from d365_pm_tests.models.stories import Story, story


def is_first_contact(desk: Desk) -> object:
    return desk.run.cases().one(CaseGuid="c1")["IsFirstContactResolution"]


@story
def test_a_quick_resolution_without_detours_is_one(desk: Desk) -> Story:
    desk.case()
    desk.email_out("11:00")
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is True


@story
def test_condition_1_a_reactivation_refutes_it(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("12:10")
    desk.resolve("12:20")
    yield
    assert is_first_contact(desk) is False


@story
def test_condition_2_a_request_for_information_refutes_it(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.status("11:10", 1)
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is False


@pytest.mark.parametrize(
    ("received", "verdict"),
    [("10:00", True), ("10:09", True), ("10:11", False), ("12:01", True)],
    ids=["with the creation", "9 min after", "11 min after", "after the resolution"],
)
@story
def test_condition_3_a_second_email_of_the_customer_refutes_it(desk: Desk, received: str, verdict: bool) -> Story:
    desk.case(created="10:00")
    desk.email_in(received)
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is verdict


@pytest.mark.parametrize(("is_outgoing", "verdict"), [(False, False), (True, True)], ids=["from them", "from us"])
@story
def test_condition_3_a_call_of_the_customer_refutes_it(desk: Desk, is_outgoing: bool, verdict: bool) -> Story:
    desk.case(created="10:00")
    desk.row(
        "phonecall",
        "call",
        regardingobjectid="c1",
        directioncode=is_outgoing,
        createdon="11:00",
        modifiedon="11:00",
        statecode=1,
        statuscode=2 if is_outgoing else 4,
    )
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is verdict


@story
def test_condition_4_an_escalation_refutes_it(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is False


@pytest.mark.parametrize(
    ("resolved", "verdict"), [("05 10:00:00", True), ("05 10:00:01", False)], ids=["in a day", "a second longer"]
)
@story
def test_condition_5_a_long_cycle_refutes_it(desk: Desk, resolved: str, verdict: bool) -> Story:
    desk.case(created="04 10:00:00")
    desk.resolve(resolved)
    yield
    assert is_first_contact(desk) is verdict


@pytest.mark.parametrize(
    ("as_of", "verdict"), [("11 12:00:00", True), ("11 11:59:59", None)], ids=["after seven days", "a second before"]
)
def test_condition_6_only_time_confirms_it(as_of: str, verdict: bool | None) -> None:
    desk = Desk(as_of=as_of)
    desk.case()
    desk.resolve("04 12:00:00")
    assert is_first_contact(desk) is verdict


def test_a_refuted_one_needs_no_time() -> None:
    desk = Desk(as_of="05 00:00")
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.resolve("12:00")
    assert is_first_contact(desk) is False


@story
def test_an_open_case_is_neither(desk: Desk) -> Story:
    desk.case()
    yield
    assert is_first_contact(desk) is None


@story
def test_a_reactivated_case_that_is_still_open_is_neither(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    yield
    assert is_first_contact(desk) is None


@pytest.mark.parametrize("status", [6, 2000], ids=["cancelled", "merged"])
@story
def test_a_case_that_came_to_nothing_is_neither(desk: Desk, status: int) -> Story:
    desk.case()
    desk.cancel("12:00", status=status)
    yield
    assert is_first_contact(desk) is None


@story
def test_the_reasons_against_it_are_published(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.change("c1", "11:30", isescalated=(False, True))
    desk.status("11:40", 1)
    desk.resolve("12:00")
    yield
    reasons = desk.run.cases().one()["FcrFailReasons"]
    assert reasons is not None
    assert len(reasons if isinstance(reasons, list) else reasons.split("|")) == 2


@pytest.mark.parametrize(
    ("noted", "sent", "verdict"),
    [("10:30", "10:09", True), ("13:00", "11:00", False), ("10:30", None, False), ("10:09", None, True)],
    ids=["sent with the creation", "sent before the resolution", "noted before it", "noted with the creation"],
)
@story
def test_condition_3_an_email_of_the_customer_counts_when_it_was_sent_or_else_noted(
    desk: Desk, noted: str, sent: str | None, verdict: bool
) -> Story:
    desk.case(created="10:00")
    desk.email_in(noted, senton=sent)
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is verdict


@pytest.mark.parametrize(
    ("status", "is_contact"),
    [(None, True), (1, False), (2, True), (4, True), (5, False)],
    ids=["unknown", "draft", "completed", "received", "cancelled"],
)
@story
def test_condition_3_only_an_email_that_arrived_is_a_contact(desk: Desk, status: int | None, is_contact: bool) -> Story:
    desk.case(created="10:00")
    desk.email_in("11:00", statuscode=status)
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is not is_contact


FROM_THEM = {"phonecall": {"directioncode": False, "statuscode": 4}, "adx_portalcomment": {}}


def contact(desk: Desk, table: str, **columns: Any) -> str:
    """A call or a portal comment of the customer."""
    written = {"regardingobjectid": "c1", "createdon": "11:00", "modifiedon": "11:00"} | FROM_THEM[table]
    return desk.row(table, table, **(written | columns))


@pytest.mark.parametrize(
    ("table", "columns", "is_contact"),
    [
        pytest.param("phonecall", {}, True, id="a call"),
        pytest.param("phonecall", {"statuscode": 3}, False, id="a cancelled call"),
        pytest.param("phonecall", {"regardingobjectid": "acme"}, False, id="a call about no case"),
        pytest.param("adx_portalcomment", {}, True, id="a comment without direction"),
        pytest.param("adx_portalcomment", {"adx_portalcommentdirectioncode": 1}, True, id="a comment"),
        pytest.param("adx_portalcomment", {"adx_portalcommentdirectioncode": 2}, False, id="a comment of ours"),
        pytest.param("adx_portalcomment", {"regardingobjectid": "acme"}, False, id="a comment about no case"),
    ],
)
@story
def test_condition_3_calls_and_portal_comments_of_the_customer_are_contacts(
    desk: Desk, table: str, columns: dict[str, object], is_contact: bool
) -> Story:
    desk.case(created="10:00")
    contact(desk, table, **columns)
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is not is_contact


@pytest.mark.parametrize("table", FROM_THEM)
@story
def test_condition_3_a_deleted_contact_says_nothing(desk: Desk, table: str) -> Story:
    desk.case(created="10:00")
    desk.delete(contact(desk, table), noticed="19 00:00")
    desk.resolve("12:00")
    yield
    assert is_first_contact(desk) is True


@pytest.mark.parametrize(
    ("table", "verdict"), [("email", None), ("phonecall", None), ("msfp_surveyinvite", True)], ids=lambda value: value
)
def test_condition_3_cannot_be_tested_where_a_table_of_contacts_is_missing(table: str, verdict: bool | None) -> None:
    desk = Desk()
    for load in desk.loads:
        load["is_missing"] = load["table_name"] == table
    desk.case()
    desk.resolve("12:00")
    case = desk.run.cases().one()
    assert (case["IsFirstContactResolution"], case["FcrEvidence"]) == (verdict, None if verdict else "contacted_again")


@pytest.mark.parametrize("is_missing_now", [True, False])
def test_condition_3_the_newest_reading_tells_whether_a_table_is_missing(is_missing_now: bool) -> None:
    desk = Desk()
    before = [{**load, "extracted_at": instant("19 00:00"), "is_missing": not is_missing_now} for load in desk.loads]
    now = [{**load, "is_missing": is_missing_now} for load in desk.loads]
    desk.loads = [*before, *now]
    desk.case()
    desk.resolve("12:00")
    assert is_first_contact(desk) is (None if is_missing_now else True)
