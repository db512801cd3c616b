"""The SQL models over raw rows, in memory; only the models that an answer needs are run.

Belongs here: bringing rows and models together. Does not belong here: running models, which is the warehouse's own.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from d365_pm.contracts.seeds import SEEDS
from d365_pm.dataverse.registry import TABLES
from d365_pm.paths import sql_root

from d365_pm_tests.models.invariants import assert_invariants
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.names import instant
from d365_pm_tests.models.raw_rows import Row, write_raw

_LCID = {"pt-BR": 1046, "en": 1033}
_TYPES = {"text": "varchar", "whole": "integer", "flag": "boolean", "decimal": "decimal(38, 10)"}


@dataclass(frozen=True)
class Settings:
    as_of: str
    language: str
    seeds: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    loads: list[Row] | None = None


@dataclass(frozen=True)
class Model:
    name: str
    sql: str
    reads: tuple[str, ...]


@cache
def models() -> dict[str, Model]:
    found = {}
    activities = {}
    for folder in ("staging", "activities", "marts"):
        for path in sorted((sql_root() / folder).glob("*.sql")):
            text = path.read_text()
            if folder == "activities":
                activities[path.stem] = [e.alias_or_name for e in sqlglot.parse_one(text, read="duckdb").selects]
            if re.search(r"\bfrom activities\b(?!\.)", text):
                columns = next(iter(activities.values()))
                union = " union all ".join(
                    f"select {', '.join(columns)} from activities.{name}" for name in sorted(activities)
                )
                text = re.sub(r"\bfrom activities\b(?!\.)", f"from ({union})", text)
            tree = sqlglot.parse_one(text, read="duckdb")
            reads = tuple(sorted({f"{t.db}.{t.name}" for t in tree.find_all(exp.Table) if t.db}))
            found[f"{folder}.{path.stem}"] = Model(f"{folder}.{path.stem}", text, reads)
    return found


class ModelRun:
    def __init__(self, rows: Mapping[str, Mapping[str, Row]], labels: Iterable[Row], settings: Settings) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("set TimeZone = 'UTC'")
        for schema in ("seeds", "staging", "activities", "marts"):
            self._connection.execute(f"create schema {schema}")
        extracted = instant(settings.as_of)
        write_raw(
            self._connection,
            rows={table: named.values() for table, named in rows.items()},
            metadata=_metadata(),
            labels=labels,
            loads=settings.loads if settings.loads is not None else [_load(table, extracted) for table in TABLES],
            extracted_at=extracted,
        )
        self._write_seeds(settings)
        self._done: set[str] = set()

    def _write_seeds(self, settings: Settings) -> None:
        for name, spec in SEEDS.items():
            rows = {tuple(r[k] for k in spec.key): r for r in _shipped(name)}
            for override in settings.seeds.get(name, ()):
                key = tuple(override[k] for k in spec.key)
                rows[key] = {c.name: "" for c in spec.columns} | rows.get(key, {}) | override
            columns = ", ".join(f'"{c.name}" {_TYPES[c.type]}' for c in spec.columns)
            self._connection.execute(f"create table seeds.{name} ({columns})")
            for row in rows.values():
                marks = ", ".join("?" for _ in spec.columns)
                self._connection.execute(
                    f"insert into seeds.{name} values ({marks})", [row.get(c.name) or None for c in spec.columns]
                )
        self._connection.execute(
            f"create table seeds.settings as select '{settings.language}' as language, {_LCID[settings.language]} as lcid"
        )

    def _build(self, name: str) -> None:
        if name in self._done or name not in models():
            return
        for read in models()[name].reads:
            self._build(read)
        self._connection.execute(f"create table {name} as {models()[name].sql}")
        self._done.add(name)

    def rows(self, model: str, order: str = "all") -> Rows:
        self._build(model)
        cursor = self._connection.execute(f"select * from {model} order by {order}")
        return Rows.readable([column[0] for column in cursor.description], cursor.fetchall())

    def columns(self, model: str) -> dict[str, str]:
        self._build(model)
        return {row[0]: row[1] for row in self._connection.execute(f"describe {model}").fetchall()}

    def activity(self, code: str) -> Rows:
        return self.rows(f"activities.{code}", "event_time, source_row_id, rule")

    def events(self) -> Rows:
        events = self.rows("marts.events", "CaseGuid, SeqInCase")
        assert_invariants(events)
        return events

    def cases(self) -> Rows:
        return self.rows("marts.cases", "CaseGuid")

    def log(self) -> Rows:
        return self.rows("marts.event_log", "EventTime, ActivityName")


def _shipped(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((sql_root() / "seeds" / f"{name}.csv").read_text())))


def _load(table: str, extracted: Any) -> Row:
    return {"table_name": table, "extracted_at": extracted, "row_count": 1, "is_missing": False}


def _metadata() -> list[Row]:
    return [
        {
            "table_name": table.name,
            "column_name": column.name,
            "attribute_type": "Lookup" if column.kind == "lookup" else column.kind.value,
            "is_table_audited": table.name in {"incident", "queueitem"},
            "is_audited": True,
            "is_change_tracked": True,
            "is_custom": False,
        }
        for table in TABLES.values()
        for column in table.columns
    ]
