"""Pseudonyms: nobody of the environment is in what is published, and the log is otherwise the same (semantics 4.18)."""

import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from d365_pm.assets.build import working_database
from d365_pm.assets.pseudonyms import Pseudonyms, pseudonym
from d365_pm.contracts.seeds import SEEDS
from d365_pm.sandbox.desk import generate
from d365_pm.settings import load_settings
from d365_pm.warehouse import Seed
from d365_pm_tests.recount.pipeline import publish
from d365_pm_tests.recount.raw import rows_of

KEY = "planted-key-4711-of-thirty-two-and-more"
_NAMES = {
    "systemuser": ("systemuserid", "fullname"),
    "contact": ("contactid", "fullname"),
    "account": ("accountid", "name"),
}
_MACHINES = {"SYSTEM", "INTEGRATION"}


@pytest.fixture(scope="module")
def desk():
    return generate(cases=60, seed=23, days=30, end=datetime(2026, 3, 2, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def plain(desk, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    publish(rows_of(desk.tables), folder, as_of=desk.end)
    return folder / "warehouse.duckdb"


@pytest.fixture(scope="module")
def veiled(desk, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("veiled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("D365_PM_PSEUDONYM_KEY", KEY)
        publish(rows_of(desk.tables), folder, as_of=desk.end)
    return folder / "warehouse.duckdb"


def people(desk) -> set[str]:
    """Names and ids of everybody in the environment, but for the names of machines."""
    columns = [desk.tables[table][column].to_pylist() for table, pair in _NAMES.items() for column in pair]
    return {value for values in columns for value in values if value} - _MACHINES


def texts(warehouse: Path) -> set[str]:
    """Every text and id of a database."""
    query = (
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where database_name = 'read' and data_type in ('VARCHAR', 'UUID')"
    )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as read (read_only)")
        found: set[str] = set()
        for schema, table, column in connection.execute(query).fetchall():
            values = f'select distinct "{column}"::varchar from read.{schema}."{table}" where "{column}" is not null'
            found |= {value for (value,) in connection.execute(values).fetchall()}
        return found


def select(warehouse: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_no_name_no_id_no_title_and_no_key_is_published(desk, plain, veiled):
    everybody = people(desk)
    titles = {row["title"] for row in desk.tables["incident"].select(["title"]).to_pylist()}

    assert len(texts(plain) & everybody) > 50
    assert texts(plain) & titles

    published = texts(veiled)
    assert published & (everybody | titles) == set()
    # Longer texts could still name somebody.
    assert not any(name in text for text in published for name in everybody)
    assert KEY not in "".join(published)
    assert KEY.encode() not in veiled.read_bytes()


def test_the_log_is_the_same_but_for_the_people_in_it(plain, veiled):
    columns = (
        "EventId, ServiceRequest, ActivityName, EventTime, StatusReason, OwnerTeam, ActorType, SourceRowId, SeqInCase"
    )
    query = f"select {columns} from marts.events order by all"
    assert select(veiled, query) == select(plain, query)


def test_one_person_is_one_pseudonym_everywhere(plain, veiled):
    agents = (
        "select EventId, AgentId, AgentName, ActorType from marts.events where AgentId is not null order by EventId"
    )
    before, after = select(plain, agents), select(veiled, agents)

    stands_for = {pseudonym(KEY.encode(), row[1]): row[1] for row in before}
    assert [(row[0], stands_for[row[1]]) for row in after] == [row[:2] for row in before]
    assert {row[2] for row in after if row[3] == "human"} == {
        f"agent {row[1][-12:]}" for row in after if row[3] == "human"
    }
    assert {row[2] for row in after if row[3] == "system"} == {"Sistema"}
    customers = select(veiled, "select CustomerName, CustomerId from marts.cases where CustomerId is not null")
    assert customers
    assert all(name == f"customer {key[-12:]}" for name, key in customers)


def test_a_pseudonym_is_a_keyed_hash_in_the_form_of_a_guid():
    person = "11111111-2222-3333-4444-555555555555"
    digest = bytearray(hmac.new(KEY.encode(), person.encode(), hashlib.sha256).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x40
    digest[8] = digest[8] & 0x3F | 0x80
    assert pseudonym(KEY.encode(), person) == str(UUID(bytes=bytes(digest)))
    assert pseudonym(b"another key", person) != pseudonym(KEY.encode(), person)


def test_seeds_that_name_people_name_them_as_the_models_see_them():
    person, team = "aaaaaaaa-2222-3333-4444-555555555555", "bbbbbbbb-2222-3333-4444-555555555555"
    seed = Seed(SEEDS["user_team_map"], Path("user_team_map.csv"), ((person.upper(), team, None),))
    assert Pseudonyms({person: "pseudonym"}).seeds([seed])[0].rows == (("pseudonym", team, None),)


def test_names_of_another_build_cannot_linger_in_the_file_that_is_published(tmp_path):
    files = {
        working_database(load_settings(_env_file=None, D365_PM_DATA_DIR=tmp_path, D365_PM_PSEUDONYM_KEY=key))
        for key in (None, KEY, KEY[::-1])
    }
    assert len(files) == 3
    assert not any(KEY in str(file) for file in files)
