"""SlaTargetResolutionTime and where it comes from (reference: event-log semantics 2.7)."""

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

CANCELED = 5


def target(desk: Desk) -> tuple[object, object]:
    case = desk.run.cases().one(CaseGuid="c1")
    return case["SlaTargetResolutionTime"], case["SlaTargetBasis"]


@story
def test_the_minutes_of_the_target_become_seconds(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", failuretime="07 10:00")
    yield
    assert target(desk) == (86_400, "item")


@story
def test_the_target_of_the_first_response_is_not_the_target(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="first_response", failuretime="11:00")
    yield
    assert target(desk) == (None, None)


@story
def test_without_an_item_the_clock_itself_tells(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", applicablefromvalue="10:00", failuretime="14:00", name="resolution")
    desk.update("c1", resolvebykpiid="k1")
    yield
    assert target(desk) == (14_400, "calendar")


@story
def test_without_an_item_the_first_clock_of_the_chain_tells(desk: Desk) -> Story:
    desk.row("slaitem", "empty_item", relatedfield="resolvebykpiid", slaid="gold")
    desk.case()
    desk.clock(
        "k1",
        "10:00",
        msdyn_slaitemid="empty_item",
        failuretime="14:00",
        status=CANCELED,
        terminalstatetime="11:00",
    )
    continued = {"msdyn_slaitemid": "empty_item", "msdyn_prevslakpiinstanceid": desk.guid("k1")}
    desk.clock("k2", "12:00", failuretime="19:00", **continued)
    yield
    assert desk.run.cases().one()["SlaTargetCalendarSeconds"] == 14_400


@story
def test_a_legacy_sla_is_measured_from_the_creation(desk: Desk) -> Story:
    desk.case(created="10:00", slainvokedid="gold", resolveby="13:00")
    yield
    assert target(desk) == (10_800, "legacy")


@story
def test_without_an_sla_there_is_no_target(desk: Desk) -> Story:
    desk.case()
    yield
    assert target(desk) == (None, None)


@story
def test_a_replaced_sla_leaves_the_target_of_the_clock_that_ended(desk: Desk) -> Story:
    desk.row("slaitem", "fast_item", failureafter=240, slaid="gold", msdyn_slakpiid="resolution_kpi")
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=CANCELED, terminalstatetime="11:00", failuretime="05 10:00")
    desk.clock("k2", "11:05", msdyn_slaitemid="fast_item", status=1, failuretime="15:05")
    yield
    assert target(desk) == (14_400, "item")


@story
def test_the_deadline_and_the_calendar_stand_beside(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", applicablefromvalue="09:00", failuretime="07 10:00")
    yield
    case = desk.run.cases().one()
    assert (case["SlaTargetDeadline"], case["SlaTargetCalendarSeconds"]) == (at("07 10:00"), 3 * 86_400 + 3_600)
