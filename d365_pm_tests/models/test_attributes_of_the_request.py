"""ServiceRequest, Channel, Priority, ServiceRequestType, CustomerName and ProductInvolved.

Reference: event-log semantics 2.1, 2.6, 2.10 to 2.12, 2.19.
"""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import Story, story

TREES = [("subject", "parentsubject", "title"), ("product", "parentproductid", "name")]


def case(desk: Desk, name: str = "c1") -> dict[str, object]:
    return desk.run.cases().one(CaseGuid=name)


@story
def test_the_ticket_number_names_the_case(desk: Desk) -> Story:
    desk.case("c1")
    desk.update("c1", ticketnumber="CAS-01024-F3B4V6")
    yield
    assert case(desk)["ServiceRequest"] == "CAS-01024-F3B4V6"


@story
def test_a_ticket_number_on_two_cases_is_told_apart_on_both(desk: Desk) -> Story:
    for name, number in (("c1", "CAS-1"), ("c2", "CAS-1"), ("c3", "CAS-3")):
        desk.case(name)
        desk.update(name, ticketnumber=number)
    yield
    assert {row["CaseGuid"]: row["ServiceRequest"] for row in desk.run.cases()} == {
        "c1": f"CAS-1~{desk.guid('c1')[:8]}",
        "c2": f"CAS-1~{desk.guid('c2')[:8]}",
        "c3": "CAS-3",
    }


@pytest.mark.parametrize("number", [None, ""], ids=["null", "empty text"])
@story
def test_a_case_without_a_number_is_named_by_its_id(desk: Desk, number: str | None) -> Story:
    desk.case()
    desk.update("c1", ticketnumber=number)
    yield
    assert case(desk)["ServiceRequest"] == f"~{desk.guid('c1')[:8]}"


@story
def test_the_channel_is_the_label_of_the_origin(desk: Desk) -> Story:
    desk.case(caseorigincode=1)
    yield
    assert (case(desk)["Channel"], case(desk)["ChannelCode"]) == ("Telefone", 1)


@story
def test_the_channel_is_the_one_the_case_came_in_by(desk: Desk) -> Story:
    desk.case(caseorigincode=1)
    desk.change("c1", "11:00", caseorigincode=(1, 3))
    yield
    assert case(desk)["Channel"] == "Telefone"


@story
def test_the_first_old_value_tells_the_channel_too(desk: Desk) -> Story:
    desk.case(caseorigincode=1, audited=False)
    desk.change("c1", "11:00", caseorigincode=(1, 2))
    desk.change("c1", "12:00", caseorigincode=(2, 3))
    yield
    assert case(desk)["Channel"] == "Telefone"


@story
def test_an_origin_without_a_label_keeps_its_code(desk: Desk) -> Story:
    desk.case(caseorigincode=99)
    yield
    assert case(desk)["Channel"] == "code:99"


@story
def test_a_case_without_origin_has_no_channel(desk: Desk) -> Story:
    desk.case(caseorigincode=None)
    yield
    assert (case(desk)["Channel"], case(desk)["ChannelCode"]) == (None, None)


@pytest.mark.parametrize(("code", "label"), [(1, "Alto"), (2, "Normal"), (3, "Baixo"), (7, "code:7"), (None, None)])
@story
def test_the_priority_is_the_label_of_its_code(desk: Desk, code: int | None, label: str | None) -> Story:
    desk.case(prioritycode=code)
    yield
    assert (case(desk)["Priority"], case(desk)["PriorityCode"]) == (label, code)


@story
def test_the_priority_is_the_one_at_the_end_and_the_first_is_kept(desk: Desk) -> Story:
    desk.case(prioritycode=3)
    desk.change("c1", "11:00", prioritycode=(3, 1))
    yield
    assert (case(desk)["Priority"], case(desk)["InitialPriority"]) == ("Alto", "Baixo")


@story
def test_the_type_of_the_request_is_the_title_of_its_subject(desk: Desk) -> Story:
    desk.case(subjectid="network")
    yield
    assert case(desk)["ServiceRequestType"] == "Rede"


@story
def test_the_type_of_the_request_is_the_last_and_the_first_is_kept(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00", subjectid=("network", "billing"))
    yield
    assert (case(desk)["ServiceRequestType"], case(desk)["InitialServiceRequestType"]) == ("Faturamento", "Rede")


@story
def test_a_case_without_subject_and_type_has_no_type(desk: Desk) -> Story:
    desk.case(subjectid=None, casetypecode=None)
    yield
    assert case(desk)["ServiceRequestType"] is None


def test_the_case_type_can_be_the_type_of_the_request() -> None:
    desk = Desk(seeds={"choices": [{"key": "service_request_type_column", "value": "casetypecode"}]})
    desk.case(subjectid="network", casetypecode=2)
    assert case(desk)["ServiceRequestType"] == "Problema"


def test_a_column_of_the_organisation_can_be_the_type_of_the_request() -> None:
    desk = Desk(
        seeds={"choices": [{"key": "service_request_type_column", "value": "new_area"}]},
        labels={
            ("incident", "new_area", 717770001): ("Rede", "Network"),
            ("incident", "new_other", 717770002): ("Outra", "Other"),
        },
    )
    values = {"c1": "717770001", "c2": "717770002", "c3": "Printers", "c4": None}
    for name, value in values.items():
        desk.case(name, subjectid="network", casetypecode=2)
        desk.update(name, _request_type=value)
    found = desk.run.cases()
    types = {row["CaseGuid"]: row["ServiceRequestType"] for row in found}
    # A choice has its label, a text is itself, and what has no label keeps its code.
    assert types == {"c1": "Rede", "c2": "717770002", "c3": "Printers", "c4": None}
    assert {row["ServiceRequestTypePath"] for row in found} == {None}


@pytest.mark.parametrize(
    ("customer", "name", "kind"),
    [("acme", "Global Tech Inc.", "account"), ("jane", "Jane Doe", "contact"), (None, None, None)],
    ids=["a company", "a person", "nobody"],
)
@story
def test_the_customer_is_a_company_or_a_person(
    desk: Desk, customer: str | None, name: str | None, kind: str | None
) -> Story:
    desk.case(customerid=customer)
    yield
    assert (case(desk)["CustomerName"], case(desk)["CustomerType"], case(desk)["CustomerId"]) == (name, kind, customer)


@story
def test_the_company_of_a_person_is_kept_beside(desk: Desk) -> Story:
    desk.case(customerid="jane")
    yield
    assert case(desk)["CustomerAccountName"] == "Global Tech Inc."


@pytest.mark.parametrize(("product", "name"), [("router", "Roteador X1"), (None, None)], ids=["a product", "none"])
@story
def test_the_product_is_named_and_never_guessed(desk: Desk, product: str | None, name: str | None) -> Story:
    desk.case(productid=product, subjectid="network")
    yield
    assert (case(desk)["ProductInvolved"], case(desk)["ProductId"]) == (name, product)


@story
def test_the_first_conversation_of_a_case_tells_its_channel_in_detail(desk: Desk) -> Story:
    for name in ("chat", "silent", "shell"):
        desk.case(f"{name}_case")
    talk = {"createdon": "10:00", "modifiedon": "12:00"}
    linked = {"msdyn_issueid": "chat_case", **talk}
    desk.row("msdyn_ocliveworkitem", "late", msdyn_channel=2, msdyn_initiatedon="11:00", **linked)
    desk.row("msdyn_ocliveworkitem", "first", msdyn_channel=192360000, msdyn_initiatedon="10:30", **linked)
    desk.row("msdyn_ocliveworkitem", "odd", msdyn_channel=7, msdyn_issueid="silent_case", **talk)
    desk.row("msdyn_ocliveworkitem", "routed", msdyn_channel=192360000, regardingobjectid="shell_case", **talk)
    yield
    assert sorted(desk.run.cases().only("CaseGuid", "ChannelDetail", "ChannelDetailCode")) == [
        ("chat_case", "Chat ao vivo", 192360000),
        ("shell_case", None, None),
        ("silent_case", "code:7", 7),
    ]


@pytest.mark.parametrize(("table", "parent", "named"), TREES, ids=[table for table, *_ in TREES])
def test_a_path_has_at_most_32_steps(table: str, parent: str, named: str) -> None:
    desk = Desk()
    for number in range(1, 34):
        above = {parent: f"node {number - 1}"} if number > 1 else {}
        desk.row(table, f"node {number}", **{named: f"{number}"}, **above)
    key, path = ("subject_id", "path") if table == "subject" else ("product_id", "family_path")
    paths = dict(desk.run.rows_of(f"staging.{table}").only(key, path))
    assert paths["node 2"] == "1 / 2"
    assert paths["node 32"] == " / ".join(str(number) for number in range(1, 33))
    assert paths["node 33"] == "33"


def test_a_family_that_is_its_own_ancestor_has_no_path() -> None:
    desk = Desk()
    desk.row("product", "egg", name="Ovo", parentproductid=("product", "hen"))
    desk.row("product", "hen", name="Galinha", parentproductid="egg")
    paths = dict(desk.run.rows_of("staging.product").only("product_id", "family_path"))
    assert (paths["egg"], paths["hen"]) == ("Ovo", "Galinha")
