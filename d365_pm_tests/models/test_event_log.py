"""The event log itself: its 21 columns, their types and its language (reference: 2.0, 2.2, 2.4, 3; invariant 13)."""

from functools import cache
from hashlib import md5

import pytest

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.names import guid
from d365_pm_tests.models.stories import Story, story

COLUMNS = {
    "ServiceRequest": "VARCHAR",
    "ActivityName": "VARCHAR",
    "EventTime": "TIMESTAMP WITH TIME ZONE",
    "SourceSystem": "VARCHAR",
    "LastDataUpdate": "TIMESTAMP WITH TIME ZONE",
    "Channel": "VARCHAR",
    "SlaTargetResolutionTime": "BIGINT",
    "StatusReason": "VARCHAR",
    "AgentName": "VARCHAR",
    "CustomerName": "VARCHAR",
    "Priority": "VARCHAR",
    "ServiceRequestType": "VARCHAR",
    "IsFirstContactResolution": "BOOLEAN",
    "IsRework": "BOOLEAN",
    "OwnerTeam": "VARCHAR",
    "IsEscalated": "BOOLEAN",
    "KnowledgeArticleId": "VARCHAR",
    "CustomerSatisfactionScore": "INTEGER",
    "ProductInvolved": "VARCHAR",
    "IsSlaBreached": "BOOLEAN",
    "ServiceRequestCycleTime": "BIGINT",
}
ACTIVITIES = {
    "case_assigned": ("Caso Atribuído", "Case Assigned"),
    "case_created": ("Caso Criado", "Case Created"),
    "case_closed": ("Caso Encerrado", "Case Closed"),
    "case_escalated": ("Caso Escalado", "Case Escalated"),
    "case_resolved": ("Caso Resolvido", "Case Resolved"),
    "sla_timer_started": ("Timer do SLA iniciado", "SLA Timer Started"),
    "agent_investigated_issue": ("Agente Investigou o Problema", "Agent Investigated Issue"),
    "case_reactivated": ("Caso Reativado", "Case Reactivated"),
    "case_categorization_changed": ("Categorização do Caso Alterada", "Case Categorization Changed"),
    "information_requested_from_customer": (
        "Informação Solicitada ao Cliente",
        "Information Requested from Customer",
    ),
    "queue_item_picked_by_agent": ("Item da fila retirado pelo agente", "Queue Item Picked by Agent"),
    "satisfaction_survey_sent": ("Pesquisa de satisfação enviada", "Satisfaction Survey Sent"),
    "solution_proposed_to_customer": ("Solução proposta ao cliente", "Solution Proposed to Customer"),
}
LABEL_COLUMNS = {
    "ActivityName",
    "Channel",
    "StatusReason",
    "CurrentStatusReason",
    "AgentName",
    "Priority",
    "InitialPriority",
    "ServiceRequestType",
    "InitialServiceRequestType",
    "ResolutionType",
}


@cache
def full_life(language: str) -> Desk:
    """A desk with a case of every activity."""
    desk = Desk(language=language)
    desk.case(created="10:00", by="robot", subjectid="network", caseorigincode=1, prioritycode=3, productid="router")
    desk.clock("k1", "10:00:02", item="resolution", status=4, succeededon="12:00", failuretime="05 10:00")
    desk.enqueue("10:05")
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.change("c1", "10:20", by="bob", ownerid=("robot", "bob"))
    desk.change("c1", "10:25", by="bob", subjectid=("network", "billing"))
    desk.link_article("10:30", by="bob")
    desk.status("10:40", 3, by="bob")
    desk.status("11:20", 1, by="bob")
    desk.change("c1", "11:30", by="bob", isescalated=(False, True), ownerid=("bob", "team_n2"))
    desk.email_out("11:50", by="bob")
    desk.resolve("12:00", by="bob")
    desk.invite("12:01")
    desk.respond("13:00", ("csat", 5, 5.0))
    desk.reactivate("14:00", by="carol")
    desk.cancel("15:00", by="carol")
    return desk


@story
def test_the_log_has_the_columns_of_the_template_in_its_order(desk: Desk) -> Story:
    desk.case()
    yield
    assert desk.run.columns("marts.event_log") == COLUMNS


@pytest.mark.parametrize(("language", "position"), [("pt-BR", 0), ("en", 1)])
def test_every_activity_has_the_label_of_its_language(language: str, position: int) -> None:
    events = full_life(language).run.events()
    names = dict(events.only("ActivityCode", "ActivityName"))
    assert names == {code: labels[position] for code, labels in ACTIVITIES.items()}


def test_the_activities_of_the_template_are_told_from_the_extended_ones() -> None:
    rows = Desk().run.rows_of("staging.activity")
    assert set(rows.where(is_template=True).only("activity_code")) == set(ACTIVITIES)
    assert set(rows.where(is_template=False).only("activity_code")) == EXTENDED_ACTIVITIES


@story
def test_the_source_system_is_a_constant(desk: Desk) -> Story:
    desk.case()
    desk.resolve("11:00")
    yield
    assert desk.run.log().only("SourceSystem") == ["Microsoft Dynamics 365 Customer Service"] * 2


def without_labels(rows: Rows) -> list[dict[str, object]]:
    return [{column: value for column, value in row.items() if column not in LABEL_COLUMNS} for row in rows]


def test_the_language_changes_labels_only() -> None:
    portuguese, english = full_life("pt-BR").run, full_life("en").run
    assert without_labels(portuguese.events()) == without_labels(english.events())
    assert without_labels(portuguese.cases()) == without_labels(english.cases())
    assert without_labels(portuguese.log()) == without_labels(english.log())


def test_labels_follow_the_language() -> None:
    case = full_life("en").run.cases().one()
    assert (case["Channel"], case["Priority"], case["CurrentStatusReason"]) == ("Phone", "Low", "Cancelled")


def test_the_system_actor_has_a_name_in_each_language() -> None:
    names = [full_life(language).run.events().only("AgentName")[0] for language in ("pt-BR", "en")]
    assert names == ["Sistema", "System"]


def test_a_label_that_is_gone_leaves_the_code() -> None:
    desk = Desk()
    desk.case(caseorigincode=4711, statuscode=4712, prioritycode=4713)
    row = desk.run.log().one()
    assert (row["Channel"], row["StatusReason"], row["Priority"]) == ("code:4711", "code:4712", "code:4713")


def test_the_label_of_the_organisation_comes_first() -> None:
    desk = Desk(labels={("incident", "caseorigincode", 1): ("Central de Atendimento", "Call Centre")})
    desk.case(caseorigincode=1)
    assert desk.run.log().only("Channel") == ["Central de Atendimento"]


def test_case_values_are_the_same_on_every_row_of_a_case() -> None:
    rows = full_life("pt-BR").run.log()
    for column in ("ServiceRequest", "Channel", "CustomerName", "Priority", "ServiceRequestType", "IsRework"):
        assert len(set(rows.only(column))) == 1, column


@story
def test_the_id_of_an_event_is_a_hash_of_its_evidence(desk: Desk) -> Story:
    """1.1: organisation, table, row, activity and discriminator; what readers have stored must keep its meaning."""
    desk.case()
    yield
    created = desk.run.events().where(ActivityCode="case_created").one()
    evidence = [guid("contoso"), "incident", desk.guid("c1"), "case_created", "CREATED"]
    assert created["EventId"] == md5("|".join(evidence).encode(), usedforsecurity=False).hexdigest()


def test_without_the_row_of_the_organisation_the_hash_has_an_empty_one() -> None:
    desk = Desk()
    desk.delete("contoso")
    desk.case()
    evidence = ["", "incident", desk.guid("c1"), "case_created", "CREATED"]
    hashed = md5("|".join(evidence).encode(), usedforsecurity=False).hexdigest()
    assert desk.run.events().only("EventId") == [hashed]
    assert desk.run.rows_of("staging.organisation") == [{"organisation_id": ""}]


def test_a_label_without_a_code_or_without_a_text_labels_nothing() -> None:
    desk = Desk()
    for code, text in ((None, "Nothing"), (41, None), (42, " "), (43, "Mine")):
        named = {"objecttypecode": "incident", "attributename": "statuscode", "langid": 1046}
        desk.row("stringmap", f"label {code}", attributevalue=code, value=text, **named)
    labels = dict(desk.run.rows_of("staging.option_label").where(column_name="statuscode").only("code", "label"))
    assert (labels[43], labels.keys() & {None, 41, 42}) == ("Mine", set())
