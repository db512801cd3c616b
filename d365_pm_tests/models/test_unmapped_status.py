"""Status reasons without a role are reported by name, never ignored (reference: event-log semantics 4.12)."""

from d365_pm_tests.models.desk import Desk

COLUMNS = ("status_code", "label", "cases", "changes")


def test_an_uncustomised_environment_has_none() -> None:
    desk = Desk()
    desk.case()
    desk.status("11:00", 3)
    assert desk.run.rows_of("staging.unmapped_status") == []


def test_codes_of_the_environment_of_its_cases_and_of_their_history() -> None:
    desk = Desk(labels={("incident", "statuscode", 8): ("Terceirizado", "Outsourced")})
    desk.case()
    desk.status("11:00", 8)
    desk.status("12:00", 9)
    desk.status("13:00", 10)
    assert desk.run.rows_of("staging.unmapped_status").only(*COLUMNS) == [
        (8, "Terceirizado", 0, 1),
        (9, "code:9", 0, 1),
        (10, "code:10", 1, 1),
    ]


def test_a_role_takes_a_code_off_the_list() -> None:
    desk = Desk(
        labels={("incident", "statuscode", 8): ("Terceirizado", "Outsourced")},
        seeds={"status_roles": [{"status_code": "8", "role": "on_hold"}]},
    )
    desk.case()
    desk.status("11:00", 8)
    assert desk.run.rows_of("staging.unmapped_status") == []
