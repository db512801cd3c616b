"""SlaTargetResolutionTime and where it comes from (reference: event-log semantics 2.7)."""

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid

CANCELED = 5


def target(desk: Desk) -> tuple[object, object]:
    case = desk.run.cases().one(CaseGuid="c1")
    return case["SlaTargetResolutionTime"], case["SlaTargetBasis"]


def test_the_minutes_of_the_target_become_seconds(desk: Desk) -> None:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", failuretime="07 10:00")
    assert target(desk) == (86_400, "item")


def test_the_target_of_the_first_response_is_not_the_target(desk: Desk) -> None:
    desk.case()
    desk.clock("k1", "10:00", item="first_response", failuretime="11:00")
    assert target(desk) == (None, None)


def test_without_an_item_the_clock_itself_tells(desk: Desk) -> None:
    desk.case()
    desk.clock("k1", "10:00", applicablefromvalue="10:00", failuretime="14:00", name="resolution")
    desk.update("c1", resolvebykpiid="k1")
    assert target(desk) == (14_400, "calendar")


def test_without_an_item_the_first_clock_of_the_chain_tells(desk: Desk) -> None:
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
    desk.clock("k2", "12:00", msdyn_slaitemid="empty_item", failuretime="19:00", msdyn_prevslakpiinstanceid=guid("k1"))
    assert desk.run.cases().one()["SlaTargetCalendarSeconds"] == 14_400


def test_a_legacy_sla_is_measured_from_the_creation(desk: Desk) -> None:
    desk.case(created="10:00", slainvokedid="gold", resolveby="13:00")
    assert target(desk) == (10_800, "legacy")


def test_without_an_sla_there_is_no_target(desk: Desk) -> None:
    desk.case()
    assert target(desk) == (None, None)


def test_a_replaced_sla_leaves_the_target_of_the_clock_that_ended(desk: Desk) -> None:
    desk.row("slaitem", "fast_item", failureafter=240, slaid="gold", msdyn_slakpiid="resolution_kpi")
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=CANCELED, terminalstatetime="11:00", failuretime="05 10:00")
    desk.clock("k2", "11:05", msdyn_slaitemid="fast_item", status=1, failuretime="15:05")
    assert target(desk) == (14_400, "item")


def test_the_deadline_and_the_calendar_stand_beside(desk: Desk) -> None:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", applicablefromvalue="09:00", failuretime="07 10:00")
    case = desk.run.cases().one()
    assert (case["SlaTargetDeadline"], case["SlaTargetCalendarSeconds"]) == (at("07 10:00"), 3 * 86_400 + 3_600)
