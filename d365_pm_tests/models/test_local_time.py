"""Local times of events (reference: event-log semantics 4.8)."""

from d365_pm_tests.models.desk import Desk


def test_brazil_before_and_after_the_end_of_daylight_saving() -> None:
    desk = Desk(time_zone="America/Sao_Paulo")
    desk.case("summer", "2019-01-07T01:30:00Z", audited=False)
    desk.case("now", "2024-03-04T02:30:00Z", audited=False)
    desk.run.events()
    rows = desk.run.rows_of("marts.local_time")
    found = {row["CaseGuid"]: (row["LocalWeekday"], row["LocalHour"], str(row["LocalDate"])) for row in rows}
    # UTC-2 in the summer of 2019, a Sunday evening; UTC-3 since, also a Sunday evening.
    assert found == {"summer": (7, 23, "2019-01-06"), "now": (7, 23, "2024-03-03")}


def test_without_a_zone_local_is_utc() -> None:
    desk = Desk()
    desk.case("c1", "2024-03-04T02:30:00Z")
    desk.run.events()
    assert desk.run.rows_of("marts.local_time").one()["LocalHour"] == 2
