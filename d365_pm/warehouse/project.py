"""The models of a folder, read, checked against each other and put in order.

Belongs here: rules that need more than one file. Does not belong here: rules within one (`header.py`, `statement.py`).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from d365_pm.warehouse.errors import ModelError
from d365_pm.warehouse.folder_union import require_same_columns, union
from d365_pm.warehouse.header import read_header
from d365_pm.warehouse.lineage import Lineage, trace
from d365_pm.warehouse.model import (
    COMMENTED_LAYERS,
    LAYERS,
    READ_OWN_LAYER,
    SOURCES,
    UNION_LAYER,
    Header,
    Model,
    Stored,
    TableName,
)
from d365_pm.warehouse.statement import Statement, read_statement

_FILE_NAME = re.compile(r"[a-z][a-z0-9_]*\.sql")
TableColumns = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Project:
    """All models, in an order in which each runs after those that it reads, and where their columns come from."""

    models: tuple[Model, ...]
    lineage: Lineage

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that have models, in order."""
        return tuple(layer for layer in LAYERS if self.of(layer))

    def of(self, layer: str) -> tuple[Model, ...]:
        """The models of a layer, in the order to run them."""
        return tuple(model for model in self.models if model.layer == layer)

    def with_steps(self, models: Collection[Model]) -> tuple[Model, ...]:
        """Models, and those that must be made anew for them because nothing keeps their rows, in order."""
        wanted = {model.table for model in models}
        for model in reversed(self.models):
            if model.table in wanted:
                wanted |= {table for table in model.upstream if table in self._steps}
        return tuple(model for model in self.models if model.table in wanted)

    @cached_property
    def _steps(self) -> frozenset[TableName]:
        return frozenset(model.table for model in self.models if model.header.stored.is_step)


@dataclass(frozen=True, slots=True)
class _File:
    table: TableName
    path: Path
    text: str
    header: Header
    statement: Statement


def load_project(
    root: Path, *, raw: TableColumns, seeds: TableColumns, left_out: Collection[TableName] = ()
) -> Project:
    """Read and check every model below a folder.

    Args:
        root: Folder with one folder per layer.
        raw: Columns of every raw table, by table.
        seeds: Columns of every seed table, by table.
        left_out: Models that are not wanted; their files are not even read.

    Raises:
        ModelError: The first file that breaks a rule, with its line and what to do.
    """
    files = {file.table: file for file in _read(root, left_out)}
    members = [file for file in files.values() if file.table.schema == UNION_LAYER]
    require_same_columns([(file.path, file.statement.columns) for file in members])
    steps = {table for table, file in files.items() if file.header.stored.is_step}
    models = {table: _model(file, members, steps) for table, file in files.items()}
    sources = {TableName(schema, name) for schema, tables in zip(SOURCES, (raw, seeds), strict=True) for name in tables}
    for model in models.values():
        _check_upstream(model, files[model.table].statement, known=sources | models.keys(), steps=steps)
    ordered = _in_order(models)
    return Project(ordered, trace(ordered, {"raw": raw, "seeds": seeds}))


def _read(root: Path, left_out: Collection[TableName]) -> Iterator[_File]:
    for path in sorted(root.rglob("*.sql")):
        if path.parent.parent != root or path.parent.name not in LAYERS:
            raise ModelError(path, 1, f"a model lies in one of the folders {', '.join(LAYERS)}; move the file.")
        if not _FILE_NAME.fullmatch(path.name):
            raise ModelError(path, 1, "a file name is lower-case letters, digits and underscores; rename the file.")
        if TableName(path.parent.name, path.stem) in left_out:
            continue
        text = path.read_text(encoding="utf-8")
        file = _File(
            TableName(path.parent.name, path.stem), path, text, read_header(text, path), read_statement(text, path)
        )
        _check_columns(file)
        yield file


def _check_columns(file: _File) -> None:
    names = {column.name for column in file.statement.columns}
    for key, columns in (("unique", file.header.unique), ("not_null", file.header.not_null)):
        for column in columns:
            if column not in names:
                raise ModelError(file.path, 1, f"the header key '{key}' names '{column}', which is no column here.")
    if file.table.schema in COMMENTED_LAYERS:
        for output in file.statement.columns:
            if not output.description:
                problem = f"describe '{output.name}' in a comment at the end of the line that ends with its name."
                raise ModelError(file.path, output.line, problem)


def _model(file: _File, members: Sequence[_File], steps: Collection[TableName]) -> Model:
    uses = file.statement.folders
    upstream = set(file.statement.tables)
    if uses:
        if not members:
            raise ModelError(file.path, 1, f"it reads the folder '{UNION_LAYER}', which has no models.")
        upstream |= {member.table for member in members}
    columns = [column.name for column in members[0].statement.columns] if uses else []
    tables = [member.table for member in members]
    unions = [(use.start, use.end, union(use, tables=tables, columns=columns)) for use in uses]
    moved = [(use.start, use.end, use.table.in_step) for use in file.statement.uses if use.table in steps]
    sql, step_sql = _replaced(file.text, unions), _replaced(file.text, unions + moved)
    return Model(file.table, file.path, file.header, sql, step_sql, file.statement.columns, tuple(sorted(upstream)))


def _replaced(text: str, changes: Sequence[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text


def _check_upstream(
    model: Model, statement: Statement, *, known: Collection[TableName], steps: Collection[TableName]
) -> None:
    for table in model.upstream:
        line = statement.tables.get(table, 1)
        if table not in known:
            raise ModelError(model.path, line, f"there is no table {table}; check its spelling.")
        if not _may_read(model.layer, table.schema):
            raise ModelError(
                model.path, line, f"{model.layer} must not read {table}: a layer reads only those before it."
            )
        if model.header.stored is Stored.VIEW and (table.schema == "raw" or table in steps):
            problem = f"a view must not read {table}: the published database does not have it."
            raise ModelError(model.path, line, problem)
        if table in steps and table.schema != model.layer:
            problem = f"{table} lives only while its own layer is built; store it, or read it in {table.schema}."
            raise ModelError(model.path, line, problem)


def _may_read(layer: str, other: str) -> bool:
    if other in SOURCES:
        return True
    own, its = LAYERS.index(layer), LAYERS.index(other)
    return its < own or (its == own and layer in READ_OWN_LAYER)


def _in_order(models: Mapping[TableName, Model]) -> tuple[Model, ...]:
    graph = TopologicalSorter({table: {t for t in model.upstream if t in models} for table, model in models.items()})
    try:
        graph.prepare()
    except CycleError as error:
        circle: list[TableName] = error.args[1]
        path = models[circle[0]].path
        raise ModelError(path, 1, f"models read each other in a circle: {' -> '.join(map(str, circle))}.") from None
    ordered: list[TableName] = []
    while graph.is_active():
        ready = sorted(graph.get_ready())
        ordered += ready
        graph.done(*ready)
    # A stable sort: by layer first, and inside a layer as the dependencies want it.
    return tuple(models[table] for table in sorted(ordered, key=lambda table: LAYERS.index(table.schema)))
