"""The SQL models over raw rows, in memory; an answer runs only the models that it needs.

Belongs here: bringing raw rows, seeds and models together. Does not belong here: reading models and seeds; the
warehouse's own code does that, so that a test sees what a user gets.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from d365_pm.contracts.seed_files import read_seed, read_seeds
from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES, SEEDS
from d365_pm.paths import sql_root
from d365_pm.settings import Language, Profile, load_settings
from d365_pm.warehouse import Model, Project, Seed, TableName, Warehouse, load_project
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.names import instant
from d365_pm_tests.models.raw_rows import RAW_SCHEMAS, Row, raw_table

SeedRows = list[dict[str, str]]


@dataclass(frozen=True)
class Settings:
    """What differs from one run to another beside the raw rows.

    Attributes:
        as_of: Instant at which the raw rows were extracted.
        language: Language of the labels.
        seeds: Rows of seeds to add, or to put in the place of those with the same key; None for a file without a line.
        profile: Reading of the template that the seeds start from.
        time_zone: IANA zone of local times.
        activities: Extended activities that are on.
    """

    as_of: str
    language: Language
    seeds: Mapping[str, SeedRows | None] = field(default_factory=dict)
    profile: Profile = Profile.RECOMMENDED
    time_zone: str = "UTC"
    activities: frozenset[str] = frozenset()


class ModelRun:
    """The answers of the models to raw rows."""

    def __init__(self, rows: Mapping[str, list[Row]], settings: Settings) -> None:
        self._rows = rows
        self._settings = settings
        self._built: set[TableName] = set()
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("set TimeZone = 'UTC'; create schema raw; create schema seeds")
        self._connection.execute("create schema staging; create schema activities; create schema marts")
        self._warehouse = Warehouse(Path(":memory:"), self._connection)

    @property
    def rows(self) -> Mapping[str, list[Row]]:
        """The raw rows by table."""
        return self._rows

    @property
    def settings(self) -> Settings:
        """What differs from other runs."""
        return self._settings

    def select(self, model: str, *, where: str = "true", order: str = "all") -> Rows:
        """Rows of a model, which is run first where nobody has asked for it yet."""
        self._build(TableName(*model.split(".")))
        cursor = self._connection.execute(f"select * from {model} where {where} order by {order}")
        return Rows.readable([column[0] for column in cursor.description], cursor.fetchall())

    def columns(self, model: str) -> dict[str, str]:
        """Columns of a model in order, with their types."""
        table = TableName(*model.split("."))
        self._build(table)
        return dict(self._warehouse.columns(table))

    def _build(self, table: TableName) -> None:
        if table in self._built:
            return
        self._built.add(table)
        if table.schema == "raw":
            extracted = instant(self._settings.as_of)
            self._connection.register(
                "given", raw_table(table.name, self._rows.get(table.name, []), extracted_at=extracted)
            )
            self._connection.execute(f"create table {table} as select * from given")
        elif table == TableName("seeds", "settings"):
            language = self._settings.language
            self._warehouse.write_settings(
                language=language.value, lcid=language.lcid, time_zone=self._settings.time_zone
            )
        elif table.schema == "seeds":
            rows = self._settings.seeds.get(table.name, [])
            self._warehouse.load_seeds([_seed(_shipped_seeds(self._settings.profile)[table.name], rows)])
        else:
            self._build_model(_models(self._settings.activities)[table])

    def _build_model(self, model: Model) -> None:
        for table in model.upstream:
            self._build(table)
        # Not Warehouse.run: its comments on columns would take longer than the rows of a test.
        self._connection.execute(f"create table {model.table} as {model.sql}")


@cache
def shipped_project(extended: frozenset[str] = frozenset()) -> Project:
    """The models that ship, with these extended activities on, checked against the raw tables of this folder."""
    seeds = {name: [column.name for column in spec.columns] for name, spec in SEEDS.items()}
    raw = {name: schema.names for name, schema in RAW_SCHEMAS.items()}
    left_out = {TableName("activities", code) for code in EXTENDED_ACTIVITIES - extended}
    settings = {"settings": ["language", "lcid", "time_zone"]}
    return load_project(sql_root(), raw=raw, seeds=seeds | settings, left_out=left_out)


@cache
def _models(extended: frozenset[str]) -> dict[TableName, Model]:
    return {model.table: model for model in shipped_project(extended).models}


@cache
def _shipped_seeds(profile: Profile) -> dict[str, Seed]:
    folder = load_settings(_env_file=None, D365_PM_PROFILE=profile).profile_dir
    return {seed.spec.name: seed for seed in read_seeds(sql_root() / "seeds", SEEDS, profile=folder)}


def _seed(shipped: Seed, rows: SeedRows | None) -> Seed:
    if rows == []:
        return shipped
    with TemporaryDirectory() as folder:
        path = Path(folder) / shipped.path.name
        _write_seed(path, shipped, rows)
        return read_seed(path, shipped.spec)


def seed_lines(name: str, settings: Settings) -> SeedRows:
    """Lines of a seed as a run reads it."""
    shipped = _shipped_seeds(settings.profile)[name]
    return _lines(shipped, settings.seeds.get(name, []))


def _lines(shipped: Seed, rows: SeedRows | None) -> SeedRows:
    if rows is None:
        return []
    changed = {tuple(row[column] for column in shipped.spec.key): row for row in [*_shipped_lines(shipped.path), *rows]}
    return list(changed.values())


@cache
def _shipped_lines(path: Path) -> SeedRows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write_seed(path: Path, shipped: Seed, rows: SeedRows | None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in shipped.spec.columns], restval="")
        writer.writeheader()
        writer.writerows(_lines(shipped, rows))
