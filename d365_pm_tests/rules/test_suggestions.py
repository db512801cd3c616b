"""What names of an environment suggest: roles by label and state, escalation targets, machines, templates, columns."""

import pytest

from d365_pm.rules import Certainty, suggest
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.rules.proposed import of, proposals_for, raw_of, shipped_seeds

STATUSES = {
    # code: (Portuguese, English, state of the case that has it, role that a person would give it)
    101: ("Aguardando Resposta do Cliente", "Awaiting Customer Reply", 0, "waiting_customer"),
    102: ("Com o Fornecedor", "With Supplier", 0, "on_hold"),
    103: ("Em Análise Técnica", "Technical Analysis", 0, "researching"),
    104: ("Solução Proposta", "Solution Proposed", 0, "solution_proposed"),
    105: ("Em Andamento", "Working on it", 0, "in_progress"),
    106: ("Reaberto", "Reopened", 0, "in_progress"),
    107: ("Encerrado", "Closed", 1, "closed"),
    108: ("Solucionado por Telefone", "Solved by Phone", 1, "resolved"),
    109: ("Cancelado pelo Cliente", "Cancelled by Customer", 2, "cancelled"),
    110: ("Duplicado", "Duplicate", 2, "merged"),
}


@pytest.fixture(scope="module")
def proposals():
    labels = {("incident", "statuscode", code): pair[:2] for code, pair in STATUSES.items()}
    labels |= {("incident", "statuscode", 111): ("Zebra", "Zebra"), ("incident", "statuscode", 112): ("Feito", "Done")}
    desk = Desk(labels=labels)
    for code, (_, _, state, _) in STATUSES.items():
        desk.case(f"c{code}", statuscode=code, statecode=state)
    desk.case("c111", statuscode=111, statecode=2)
    desk.case("c999", statuscode=999, statecode=1)
    for name in ("Escalonados", "Suporte Nível 2", "Tier-3", "2º nível", "Vendas", "Suporte N1", "<Escalona Silva>"):
        desk.row("queue", name, name=name, queueviewtype=0)
    desk.row("team", "default escalation", name="Escalations", teamtype=0, isdefault=True)
    for name in ("Integração SAP", "Maria Botelho", "Fluxo Noturno"):
        desk.row("systemuser", name, fullname=name, accessmode=0)
    for name, subject in (("survey", "Pesquisa de satisfação"), ("thanks", "Recebemos seu chamado"), ("x", "Olá")):
        desk.email_out("11:00", "c101", templateid=("template", name), subject=subject)
    return proposals_for(desk)


@pytest.mark.parametrize("code", STATUSES)
def test_a_label_suggests_the_role_of_its_status_reason(proposals, code):
    proposal = of(proposals, "status_roles", "status_code")[str(code)]

    assert proposal.row["role"] == STATUSES[code][3]
    assert STATUSES[code][0] in proposal.subject


def test_a_label_that_says_nothing_leaves_the_state_to_decide_and_says_so(proposals):
    proposal = of(proposals, "status_roles", "status_code")["111"]

    assert (proposal.row["role"], proposal.certainty) == ("cancelled", Certainty.LOW)
    assert "says nothing that is known" in proposal.reason


def test_a_code_without_a_label_is_proposed_too(proposals):
    proposal = of(proposals, "status_roles", "status_code")["999"]

    assert (proposal.row["role"], proposal.certainty) == ("resolved", Certainty.LOW)
    assert "no label" in proposal.reason


def test_a_code_that_nobody_uses_is_proposed_and_says_so(proposals):
    assert "nobody uses it" in of(proposals, "status_roles", "status_code")["112"].reason


def test_codes_that_have_a_role_are_left_alone(proposals):
    assert not {"1", "2", "3", "4", "5", "6", "1000", "2000"} & of(proposals, "status_roles", "status_code").keys()


def test_names_of_the_second_level_and_of_escalation_are_targets_others_are_not(proposals):
    names = set(of(proposals, "escalation_targets", "remark"))

    assert names == {"Escalonados", "Suporte Nível 2", "Tier-3", "2º nível", "Suporte N2"}


def test_a_name_alone_is_never_certain(proposals):
    found = of(proposals, "escalation_targets", "remark")

    assert found["Escalonados"].certainty is Certainty.MEDIUM
    assert found["Tier-3"].certainty is Certainty.LOW


def test_accounts_named_like_machines_are_proposed_and_people_are_not(proposals):
    assert set(of(proposals, "system_users", "remark")) == {"Integração SAP", "Fluxo Noturno"}


def test_templates_are_told_by_the_subjects_of_their_mails(proposals):
    meanings = sorted(each.row["meaning"] for each in proposals if each.seed == "email_templates")

    assert meanings == ["acknowledgement", "survey"]


def test_an_account_that_creates_many_cases_in_a_second_is_no_person():
    desk = Desk()
    for number in range(25):
        desk.case(f"c{number}", by="carol")
    [proposal] = of(proposals_for(desk), "system_users", "remark").values()

    assert (proposal.subject, proposal.certainty) == ("user Carol Lima", Certainty.MEDIUM)
    assert "25 cases within one second" in proposal.reason


def test_a_desk_without_customisation_gets_nothing_but_its_second_level():
    desk = Desk()
    desk.case(subjectid="network")
    proposals = proposals_for(desk)

    assert {each.seed for each in proposals} == {"escalation_targets"}


def test_cases_with_a_type_and_no_subject_suggest_the_column_of_the_type():
    desk = Desk()
    for number in range(4):
        desk.case(f"c{number}", casetypecode=1)
    proposals = proposals_for(desk)

    assert of(proposals, "choices", "key")["service_request_type_column"].row["value"] == "casetypecode"
    assert "casetypecode" in of(proposals, "categorization_columns", "column_name")


def test_choices_and_lookups_of_the_organisation_that_are_named_like_a_category_are_proposed():
    desk = Desk()
    desk.case(subjectid="network")
    raw = raw_of(desk)
    for name, kind, is_custom, is_audited in (
        ("new_subcategoria", "Picklist", True, False),
        ("new_motivoid", "Lookup", True, True),
        ("new_motivotexto", "String", True, True),
        ("new_cor", "Picklist", True, True),
        ("contracttypecode", "Picklist", False, True),
    ):
        raw.execute(
            "insert into raw.attribute_metadata by name select 'incident' as table_name, ? as column_name, "
            "? as attribute_type, ? as is_custom, ? as is_audited",
            [name, kind, is_custom, is_audited],
        )
    found = of(suggest(raw, shipped_seeds()), "categorization_columns", "column_name")

    assert set(found) == {"new_subcategoria", "new_motivoid"}
    assert "not audited" in found["new_subcategoria"].reason


def test_a_code_that_only_the_audit_knows_is_proposed():
    desk = Desk()
    desk.case(subjectid="network")
    desk.status("10:30", 998)
    desk.status("10:40", 1)

    assert "1 audited change(s) led to it" in of(proposals_for(desk), "status_roles", "status_code")["998"].reason


def test_on_hold_may_mean_waiting_where_nothing_else_waits():
    desk = Desk()
    desk.case(subjectid="network")
    desk.status("10:30", 2)
    desk.status("10:40", 1)
    proposal = of(proposals_for(desk), "status_roles", "status_code")["2"]

    assert (proposal.row["role"], proposal.certainty) == ("waiting_customer", Certainty.LOW)


def test_on_hold_stays_what_it_is_where_another_status_reason_waits():
    desk = Desk()
    desk.case(subjectid="network")
    desk.status("10:30", 2)
    desk.status("10:40", 3)

    assert of(proposals_for(desk), "status_roles", "status_code") == {}
