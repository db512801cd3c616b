"""Keyed pseudonyms in the place of people: what models read of agents and customers has neither their names nor ids.

They come in between the raw layer and the models, so that nothing after it has to know. The key and the real ids live
in the connection's memory only: no view, seed or table has them. Source: event-log semantics 2.9, 4.18 and 10.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from d365_pm.contracts.seed_spec import Cell, Seed
from d365_pm.dataverse import EVERY_TABLE, Kind

_PEOPLE = (
    "select systemuserid from ({systemuser}) union select contactid from ({contact}) "
    "union select accountid from ({account}) union select _queueid_value from ({systemuser}) "
    "union select queueid from ({queue}) where name like '<%>'"
)
"""Ids of agents, customers and the queues that are somebody's own."""

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _name(kind: str, key: str) -> str:
    return f"'{kind} ' || right(pseudonymous_id({key}), 12)"


_TEXTS = {
    "systemuser": {
        # Machines keep the names by which they are known.
        "fullname": f"case when upper(fullname) in ('SYSTEM', 'INTEGRATION') then fullname "
        f"when fullname is not null then {_name('agent', 'systemuserid')} end"
    },
    "contact": {"fullname": f"case when fullname is not null then {_name('customer', 'contactid')} end"},
    "account": {"name": f"case when name is not null then {_name('customer', 'accountid')} end"},
    "queue": {
        "name": f"case when pseudonymous_id(queueid) = queueid then name "
        f"when name is not null then '<' || {_name('queue', 'queueid')} || '>' end"
    },
    "incident": {"title": "null::varchar"},
    "incidentresolution": {"subject": "null::varchar"},
    "audit": {"changedata": "pseudonymous_text(changedata)"},
}
"""What the models may read in the place of a text that people wrote or are named by, by table and column."""


@dataclass(frozen=True)
class Pseudonyms:
    """The pseudonyms of one build.

    Attributes:
        ids: Pseudonymous id of each agent, customer and personal queue, by its real one.
    """

    ids: Mapping[str, str]

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, views: Mapping[str, str], key: bytes) -> "Pseudonyms":
        """Pseudonyms of everybody in the raw layer, and their functions for this connection's views.

        Args:
            connection: Working database.
            views: SELECT of each raw table, by name.
            key: What makes them; the same key gives the same pseudonyms.
        """
        found = connection.execute(_PEOPLE.format_map(views)).fetchall()
        made = cls({person: pseudonym(key, person) for (person,) in found if person is not None})
        for name, function in (("pseudonymous_id", made._ids), ("pseudonymous_text", made._texts)):
            connection.create_function(name, function, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)
        return made

    def veiled(self, views: Mapping[str, str]) -> dict[str, str]:
        """The same SELECTs with pseudonyms in the place of people."""
        return {name: _veiled(name, sql) for name, sql in views.items()}

    def seeds(self, seeds: Sequence[Seed]) -> tuple[Seed, ...]:
        """The same seeds: those that name people name them as the raw layer does."""
        return tuple(replace(seed, rows=tuple(tuple(map(self._cell, row)) for row in seed.rows)) for seed in seeds)

    def _cell(self, cell: Cell) -> Cell:
        return self.ids.get(cell.lower(), cell) if isinstance(cell, str) else cell

    def _ids(self, values: pa.ChunkedArray) -> pa.Array:
        return pa.array([self.ids.get(value, value) for value in values.to_pylist()], pa.string())

    def _texts(self, values: pa.ChunkedArray) -> pa.Array:
        return pa.array([value and _GUID.sub(self._found, value) for value in values.to_pylist()], pa.string())

    def _found(self, match: re.Match[str]) -> str:
        return self.ids.get(match.group().lower(), match.group())


def pseudonym(key: bytes, person: str) -> str:
    """A GUID that stands for another one; only who has the key can tell which (HMAC-SHA-256)."""
    return str(UUID(bytes=hmac.digest(key, person.encode(), hashlib.sha256)[:16], version=4))


def fingerprint(key: bytes) -> str:
    """Tells databases of different keys apart, and nothing about the key."""
    return hmac.digest(key, b"fingerprint", hashlib.sha256).hex()[:16]


def _veiled(name: str, sql: str) -> str:
    columns = EVERY_TABLE[name].columns if name in EVERY_TABLE else ()
    ids = [column.wire_name for column in columns if column.kind in {Kind.ID, Kind.LOOKUP}]
    replaced = {column: f"pseudonymous_id({column})" for column in ids} | _TEXTS.get(name, {})
    terms = ", ".join(f"{expression} as {column}" for column, expression in replaced.items())
    return f"select * replace ({terms}) from ({sql})" if terms else sql
