"""What people and things are called, row by row: labels, people, customers, trees, numbers (2.1, 2.8 to 2.12, 4.11)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import guid, instant
from d365_pm_tests.models.raw_rows import Row

PORTUGUESE, SPANISH, ENGLISH, FRENCH = 1046, 3082, 1033, 1036
# From the best to the worst: metadata and string map in the log's language, in the base language, in English.
PREFERENCES = (
    ("metadata", PORTUGUESE),
    ("string map", PORTUGUESE),
    ("metadata", SPANISH),
    ("string map", SPANISH),
    ("metadata", ENGLISH),
    ("string map", ENGLISH),
)


def _label(desk: Desk, source: str, language: int, code: int | None, label: str | None, table: str = "incident") -> str:
    name = f"label {len(desk.rows['option_label']) + len(desk.rows['stringmap'])}"
    if source == "metadata":
        row: Row = {
            "table_name": table,
            "column_name": "statuscode",
            "code": code,
            "language": language,
            "label": label,
        }
        desk.rows["option_label"][name] = row
        return name
    texts = {"objecttypecode": table, "attributename": "statuscode", "langid": language}
    return desk.row("stringmap", name, attributevalue=code, value=label, **texts)


def _labels(desk: Desk, table: str = "incident") -> dict[Any, str]:
    rows = desk.run.rows_of("staging.option_label").where(table_name=table, column_name="statuscode")
    assert len(rows) == len(set(rows.only("code")))
    return dict(rows.only("code", "label"))


def test_a_label_comes_from_the_best_source_that_has_one() -> None:
    desk = Desk(labels={})
    desk.update("contoso", languagecode=SPANISH)
    for best in range(len(PREFERENCES)):
        for source, language in reversed(PREFERENCES[best:]):
            _label(desk, source, language, 100 + best, f"{source} {language}")
    for source in ("metadata", "string map"):
        _label(desk, source, FRENCH, 120, "Autre")
        for text in (None, "", " "):
            _label(desk, source, PORTUGUESE, 121, text)
        _label(desk, source, PORTUGUESE, None, "Nada")
        _label(desk, source, PORTUGUESE, 1, "Minha")
    labels = _labels(desk)
    assert [labels[100 + best] for best in range(len(PREFERENCES))] == [
        f"{source} {code}" for source, code in PREFERENCES
    ]
    assert (labels[1], labels.keys() & {None, 120, 121}) == ("Em Progresso", set())


@pytest.mark.parametrize(("language", "wanted"), [("pt-BR", "Aguardando Detalhes"), ("en", "Waiting for Details")])
def test_the_label_that_ships_is_the_last_resort(language: str, wanted: str) -> None:
    desk = Desk(language=language)
    desk.delete("contoso")
    desk._labels = {}
    for table in ("incident", "account"):
        for code, source in ((200, "metadata"), (201, "string map")):
            _label(desk, source, ENGLISH, code, f"{source} of {table}", table)
    labels = _labels(desk)
    assert (labels[3], labels[200], labels[201]) == (wanted, "metadata of incident", "string map of incident")
    assert _labels(desk, "account") == {200: "metadata of account", 201: "string map of account"}


def test_a_label_that_is_gone_names_what_nothing_else_does() -> None:
    desk = Desk()
    for code, texts in {300: ("B alive", "A gone"), 301: ("A gone",), 302: ("B", "A")}.items():
        for text in texts:
            name = _label(desk, "string map", PORTUGUESE, code, text)
            if "gone" in text:
                desk.delete(name, noticed="05 00:00")
    labels = _labels(desk)
    assert (labels[300], labels[301], labels[302]) == ("B alive", "A gone", "A")


USERS: dict[str, tuple[dict[str, Any], bool]] = {
    "person": ({"accessmode": 0, "isintegrationuser": False}, False),
    "nobody knows": ({}, False),
    "administrator": ({"accessmode": 1}, False),
    "reader": ({"accessmode": 2}, False),
    "support": ({"accessmode": 3}, True),
    "not interactive": ({"accessmode": 4}, True),
    "delegated": ({"accessmode": 5}, False),
    "application": ({"accessmode": 0, "applicationid": guid("an application")}, True),
    "integration user": ({"isintegrationuser": True}, True),
    "system": ({"fullname": "System"}, True),
    "integration": ({"fullname": "INTEGRATION"}, True),
    "listed": ({"accessmode": 0}, True),
}


def test_who_is_a_machine() -> None:
    listed = [{"user_id": guid("listed").upper()}]
    desk = Desk(seeds={"system_users": listed})
    for name, (columns, _) in USERS.items():
        desk.row("systemuser", name, **({"fullname": f"{name} X"} | columns), queueid="queue_n1")
    rows = {row["user_id"]: row for row in desk.run.rows_of("staging.systemuser")}
    assert {name: rows[name]["is_system"] for name in USERS} == {
        name: is_system for name, (_, is_system) in USERS.items()
    }
    assert {rows[name]["personal_queue_id"] for name in USERS} == {"queue_n1"}


def test_queues_of_one_person_and_of_many() -> None:
    desk = Desk()
    names = {"owned": "Minha", "in brackets": "<Dora>", "shared": "Dora>", "half": "<Dora", "nameless": None}
    for queue, name in names.items():
        desk.row("queue", queue, name=name)
    for user in ("alice", "bob"):
        desk.update(user, queueid="owned")
    rows = desk.run.rows_of("staging.queue")
    assert {row["queue_id"]: row["is_personal"] for row in rows if row["queue_id"] in names} == {
        "owned": True,
        "in brackets": True,
        "shared": False,
        "half": False,
        "nameless": None,
    }
    assert len(rows) == len(names) + 2


def test_customers_of_both_kinds() -> None:
    desk = Desk()
    desk.row("contact", "alone", fullname="Sem Empresa")
    desk.row("contact", "of a person", fullname="Filho", parentcustomerid=("contact", "alone"))
    rows = desk.run.rows_of("staging.customer")
    assert sorted(rows.only("customer_type", "customer_id", "customer_name", "account_name"), key=str) == sorted(
        [
            ("account", "acme", "Global Tech Inc.", "Global Tech Inc."),
            ("contact", "jane", "Jane Doe", "Global Tech Inc."),
            ("contact", "alone", "Sem Empresa", None),
            ("contact", "of a person", "Filho", None),
        ],
        key=str,
    )


TREES = {"subject": ("title", "parentsubject", "path"), "product": ("name", "parentproductid", "family_path")}


@pytest.mark.parametrize("table", TREES)
def test_the_path_of_a_node_begins_at_its_root(table: str) -> None:
    name, parent, path = TREES[table]
    desk = Desk()
    for node, above in {"a": None, "b": "a", "c": "b", "d": "a", "lost": "gone"}.items():
        desk.row(table, node, **{name: node.upper(), parent: above and (table, above)})
    for node, above in {"x": "y", "y": "x"}.items():
        desk.row(table, node, **{name: node.upper(), parent: (table, above)})
    deep = [f"level {number:02}" for number in range(1, 41)]
    for node, above in zip(deep, [None, *deep[:-1]], strict=True):
        desk.row(table, node, **{name: node, parent: above and (table, above)})
    key = {"subject": "subject_id", "product": "product_id"}[table]
    paths = dict(desk.run.rows_of(f"staging.{table}").only(key, path))
    shallow = {"a": "A", "b": "A / B", "c": "A / B / C", "d": "A / D", "lost": "LOST", "x": "X", "y": "Y"}
    assert {node: paths[node] for node in shallow} == shallow
    # A tree that is deeper than any real one is cut off rather than followed for ever.
    assert paths["level 32"] == " / ".join(deep[:32])
    assert paths["level 33"] == "level 33"


NUMBERS = {"own": "CAS-1", "twice": "CAS-2", "again": " CAS-2 ", "empty": "", "blank": "  ", "none": None}


def test_a_number_names_one_case() -> None:
    desk = Desk()
    for case, number in NUMBERS.items():
        desk.case(case)
        desk.update(case, ticketnumber=number)
    rows = desk.run.rows_of("staging.service_request")
    suffix = {case: desk.guid(case)[:8] for case in NUMBERS}
    assert dict(rows.only("case_id", "service_request")) == {
        "own": "CAS-1",
        "twice": f"CAS-2~{suffix['twice']}",
        "again": f"CAS-2~{suffix['again']}",
        "empty": f"~{suffix['empty']}",
        "blank": f"~{suffix['blank']}",
        "none": f"~{suffix['none']}",
    }


def test_teams_and_which_of_them_everybody_is_in() -> None:
    desk = Desk()
    desk.row("team", "access", name="Acesso", teamtype=1, isdefault=False)
    desk.row("team", "everybody", name="Todos", teamtype=0, isdefault=True, queueid="queue_n1")
    desk.row("team", "old", name="Antigo")
    rows = desk.run.rows_of("staging.team")
    assert sorted(rows.only("team_id", "is_owner_team", "is_default", "default_queue_id"), key=str) == sorted(
        [
            ("access", False, False, None),
            ("everybody", True, True, "queue_n1"),
            ("old", True, False, None),
            ("team_n1", True, False, None),
            ("team_n2", True, False, None),
        ],
        key=str,
    )


def test_the_log_is_as_old_as_the_oldest_reading() -> None:
    desk = Desk()
    desk.loads = [
        {"table_name": "a", "extracted_at": instant("10 10:00"), "row_count": 1, "is_missing": False},
        {"table_name": "a", "extracted_at": instant("12 10:00"), "row_count": 1, "is_missing": False},
        {
            "table_name": "b",
            "extracted_at": instant("2024-03-11T10:00:00.750+00:00"),
            "window_end": instant("13 10:00"),
        },
        {"table_name": "b", "extracted_at": instant("20 10:00"), "kind": "reconciliation"},
        {"table_name": "c", "extracted_at": instant("15 10:00"), "kind": "window", "window_end": None},
    ]
    assert desk.run.rows_of("staging.as_of") == [{"as_of": "2024-03-11T10:00:00Z"}]
