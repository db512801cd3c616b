"""Who and what every tiny desk has: people, teams, queues, categories, customers, articles, an SLA, labels."""

from collections.abc import Mapping

from d365_pm_tests.models.names import guid
from d365_pm_tests.models.raw_desk import RawDesk
from d365_pm_tests.models.raw_rows import Row

LABELS: dict[tuple[str, str, int], tuple[str, str]] = {
    ("incident", "statecode", 0): ("Ativo", "Active"),
    ("incident", "statecode", 1): ("Resolvido", "Resolved"),
    ("incident", "statecode", 2): ("Cancelado", "Cancelled"),
    ("incident", "statuscode", 1): ("Em Progresso", "In Progress"),
    ("incident", "statuscode", 2): ("Em Espera", "On Hold"),
    ("incident", "statuscode", 3): ("Aguardando Cliente", "Waiting for Details"),
    ("incident", "statuscode", 4): ("Pesquisando", "Researching"),
    ("incident", "statuscode", 5): ("Problema Resolvido", "Problem Solved"),
    ("incident", "statuscode", 1000): ("Informação Fornecida", "Information Provided"),
    ("incident", "statuscode", 6): ("Cancelado", "Cancelled"),
    ("incident", "statuscode", 2000): ("Mesclado", "Merged"),
    ("incident", "caseorigincode", 1): ("Telefone", "Phone"),
    ("incident", "caseorigincode", 2): ("Email", "Email"),
    ("incident", "caseorigincode", 3): ("Site", "Web"),
    ("incident", "casetypecode", 1): ("Pergunta", "Question"),
    ("incident", "casetypecode", 2): ("Problema", "Problem"),
    ("incident", "casetypecode", 3): ("Solicitação", "Request"),
    ("incident", "prioritycode", 1): ("Alto", "High"),
    ("incident", "prioritycode", 2): ("Normal", "Normal"),
    ("incident", "prioritycode", 3): ("Baixo", "Low"),
    ("msdyn_ocliveworkitem", "msdyn_channel", 192360000): ("Chat ao vivo", "Live chat"),
    ("incidentresolution", "resolutiontypecode", 5): ("Problema Resolvido", "Problem Solved"),
    ("incidentresolution", "resolutiontypecode", 1000): ("Informação Fornecida", "Information Provided"),
}
"""Label in Portuguese and in English of each option value, by table, column and code."""

_STATES = {1: 0, 2: 0, 3: 0, 4: 0, 5: 1, 1000: 1, 6: 2, 2000: 2}


def option_labels(labels: Mapping[tuple[str, str, int], tuple[str, str]]) -> list[Row]:
    """Rows of raw.option_label."""
    return [
        {
            "table_name": table,
            "column_name": column,
            "code": code,
            "language": language,
            "label": label,
            "state": _STATES.get(code) if column == "statuscode" else None,
        }
        for (table, column, code), pair in labels.items()
        for language, label in zip((1046, 1033), pair, strict=True)
    ]


def populate(desk: RawDesk) -> None:
    """Add the people and things that cases refer to."""
    desk.row("organization", "contoso", name="contoso", isauditenabled=True, languagecode=1033)
    _users(desk)
    for name, label in (("team_n1", "Suporte N1"), ("team_n2", "Suporte N2")):
        desk.row("team", name, name=label, teamtype=0, isdefault=False)
    for name, label in (("queue_n1", "Suporte N1"), ("queue_n2", "Suporte N2")):
        desk.row("queue", name, name=label, queueviewtype=0)
    _catalogue(desk)
    _agreement(desk)


def _users(desk: RawDesk) -> None:
    for name, label in (
        ("alice", "Alice Smith"),
        ("bob", "Bob Johnson"),
        ("carol", "Carol Lima"),
    ):
        desk.row("systemuser", name, fullname=label, accessmode=0, isintegrationuser=False, isdisabled=False)
    for name, label in (("robot", "# D365 Case Rules"), ("voice", "Customer Voice")):
        desk.row(
            "systemuser",
            name,
            fullname=label,
            accessmode=4,
            applicationid=guid(f"{name} application"),
            isdisabled=False,
        )


def _catalogue(desk: RawDesk) -> None:
    desk.row("account", "acme", name="Global Tech Inc.")
    desk.row("contact", "jane", fullname="Jane Doe", parentcustomerid="acme")
    desk.row("subject", "technical", title="Técnico")
    desk.row("subject", "network", title="Rede", parentsubject="technical")
    desk.row("subject", "billing", title="Faturamento")
    desk.row("product", "router", name="Roteador X1", productnumber="R-X1")
    for name, number in (("article", "KA-01337"), ("other_article", "KA-02048")):
        desk.row("knowledgearticle", name, articlepublicnumber=number, title=number, rootarticleid=name)


def _agreement(desk: RawDesk) -> None:
    desk.row("sla", "gold", name="Ouro")
    for name, kpi_field, minutes in (
        ("first_response", "firstresponsebykpiid", 60),
        ("resolution", "resolvebykpiid", 1440),
    ):
        desk.row("msdyn_slakpi", f"{name}_kpi", msdyn_name=name, msdyn_entityname="incident", msdyn_kpifield=kpi_field)
        desk.row(
            "slaitem",
            f"{name}_item",
            name=name,
            failureafter=minutes,
            slaid="gold",
            msdyn_slakpiid=f"{name}_kpi",
            modifiedon="2024-01-01T00:00:00Z",
        )
