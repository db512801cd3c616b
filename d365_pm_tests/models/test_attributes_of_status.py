"""StatusReason (reference: event-log semantics 2.8, 1.3)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import Story, story


def reasons(desk: Desk) -> list[tuple[object, ...]]:
    return desk.run.events().only("ActivityCode", "StatusReason")


@story
def test_each_event_shows_the_status_in_force_just_after_it(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "10:30", ownerid=("alice", "bob"))
    desk.status("11:00", 3)
    desk.change("c1", "11:30", ownerid=("bob", "carol"))
    desk.status("12:00", 1)
    desk.resolve("13:00")
    yield
    assert reasons(desk) == [
        ("case_created", "Em Progresso"),
        ("case_assigned", "Em Progresso"),
        ("information_requested_from_customer", "Aguardando Cliente"),
        ("case_assigned", "Aguardando Cliente"),
        ("case_resolved", "Problema Resolvido"),
    ]


@story
def test_the_history_tells_the_status_of_every_event(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "10:30", ownerid=("alice", "bob"))
    desk.status("11:00", 3)
    desk.resolve("12:00")
    yield
    assert desk.run.events().only("StatusReasonBasis") == ["audit"] * 4


@story
def test_a_status_that_came_after_the_last_event_is_not_carried_back_to_it(desk: Desk) -> Story:
    desk.case(statuscode=None)
    desk.change("c1", "11:00", statuscode=(None, 2))
    yield
    event = desk.run.events().one()
    assert (event["AuditCoverage"], event["StatusReason"], event["StatusReasonBasis"]) == ("full", None, None)


@story
def test_the_status_of_today_is_kept_with_the_case(desk: Desk) -> Story:
    desk.case()
    desk.resolve("13:00", status=1000)
    yield
    assert desk.run.cases().one()["CurrentStatusReason"] == "Informação Fornecida"


@story
def test_a_status_that_never_changed_was_always_so(desk: Desk) -> Story:
    desk.case(statuscode=4)
    desk.change("c1", "10:30", ownerid=("alice", "bob"))
    yield
    assert reasons(desk) == [("case_created", "Pesquisando"), ("case_assigned", "Pesquisando")]


@story
def test_before_its_first_change_the_status_was_its_old_value(desk: Desk) -> Story:
    desk.case("earlier", "09:00")
    desk.case(statuscode=2, audited=False)
    desk.status("11:00", 1)
    yield
    assert desk.run.events().where(CaseGuid="c1").only("StatusReason") == ["Em Espera"]


@story
def test_a_reactivation_shows_the_status_it_leads_to(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    yield
    assert reasons(desk)[-2:] == [("case_resolved", "Problema Resolvido"), ("case_reactivated", "Em Progresso")]


@pytest.mark.parametrize(("status", "label"), [(6, "Cancelado"), (2000, "Mesclado")], ids=["cancelled", "merged"])
@story
def test_a_closing_shows_why(desk: Desk, status: int, label: str) -> Story:
    desk.case()
    desk.cancel("12:00", status=status)
    yield
    assert reasons(desk)[-1] == ("case_closed", label)


@story
def test_in_a_gap_of_the_history_there_is_no_status(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.audit("c1", "13:00", {"statuscode": (2, 1)})
    desk.update("c1", statuscode=1)
    desk.link_article("12:00")
    desk.change("c1", "14:00", ownerid=("alice", "bob"))
    yield
    investigated = desk.run.events().one(ActivityCode="agent_investigated_issue")
    assert (investigated["StatusReason"], investigated["AuditCoverage"]) == (None, "partial")


@story
def test_a_custom_status_keeps_its_code_without_a_label(desk: Desk) -> Story:
    desk.case(statuscode=100000001)
    yield
    assert reasons(desk) == [("case_created", "code:100000001")]


def test_a_custom_status_has_the_label_of_its_organisation() -> None:
    desk = Desk(labels={("incident", "statuscode", 100000001): ("Aguardando Fornecedor", "Waiting for Supplier")})
    desk.case(statuscode=100000001)
    assert reasons(desk) == [("case_created", "Aguardando Fornecedor")]
