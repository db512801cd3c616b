"""Where the value of each column comes from.

Belongs here: following columns through one model (sqlglot does it) and through the models before it. Only values count:
what a model filters and joins by decides which rows there are, not what stands in them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.schema import MappingSchema

from d365_pm.warehouse.errors import ModelError
from d365_pm.warehouse.model import ColumnName, Model, TableName
from d365_pm.warehouse.statement import DIALECT, line_of, parse

Sources = Mapping[str, tuple[ColumnName, ...]]


@dataclass(frozen=True)
class Lineage:
    """The sources of every column of every model.

    Attributes:
        direct: For each model and output column the columns of the tables that the model reads, sorted.
    """

    direct: Mapping[TableName, Sources]
    _origins: dict[ColumnName, tuple[ColumnName, ...]] = field(default_factory=dict, repr=False)

    def origins(self, column: ColumnName) -> tuple[ColumnName, ...]:
        """Follow a column back to raw and seed columns; empty for a column that is a constant."""
        if column.table not in self.direct:
            return (column,)
        if column not in self._origins:
            found = {origin for source in self.direct[column.table][column.name] for origin in self.origins(source)}
            self._origins[column] = tuple(sorted(found))
        return self._origins[column]


def trace(models: Collection[Model], sources: Mapping[str, Mapping[str, Collection[str]]]) -> Lineage:
    """Trace all models; they must come in the order in which they run.

    Args:
        models: Checked models.
        sources: Columns of the tables that no model makes, by schema and table.

    Raises:
        ModelError: A model names a column that its table does not have.
    """
    catalog = _Catalog()
    for schema, tables in sources.items():
        for name, columns in tables.items():
            catalog.add(TableName(schema, name), columns)
    direct = {}
    for model in models:
        direct[model.table] = catalog.trace(model)
        catalog.add(model.table, [column.name for column in model.columns])
    return Lineage(direct)


class _Catalog:
    """The tables known so far, in sqlglot's form and in the spelling of their files."""

    def __init__(self) -> None:
        self._schema = MappingSchema(dialect=DIALECT)
        self._spelling: dict[tuple[TableName, str], str] = {}

    def add(self, table: TableName, columns: Collection[str]) -> None:
        # Names are all that tracing needs; types would only cost time.
        known = dict.fromkeys(columns, "unknown")
        self._schema.add_table(exp.table_(table.name, db=table.schema), known, dialect=DIALECT)
        self._spelling |= {(table, column.lower()): column for column in columns}

    def trace(self, model: Model) -> Sources:
        tree = _without_named_windows(parse(model.sql, model.path))
        try:
            nodes = lineage(
                None, tree, self._schema, dialect=DIALECT, trim_selects=False, validate_qualify_columns=True
            )
        except OptimizeError as error:
            problem = f"{str(error).splitlines()[0].rstrip('.')}; check the columns of the tables that it reads."
            raise ModelError(model.path, _line(tree, error), problem) from None
        except SqlglotError as error:
            raise ModelError(model.path, 1, f"its columns cannot be traced: {error}.") from None
        assert isinstance(nodes, dict)
        by_name = {name.lower(): node for name, node in nodes.items()}
        return {column.name: self._leaves(by_name[column.name.lower()]) for column in model.columns}

    def _leaves(self, node: Node) -> tuple[ColumnName, ...]:
        return tuple(sorted(set(self._tables(node))))

    def _tables(self, node: Node) -> Iterator[ColumnName]:
        for found in node.walk():
            if isinstance(found.expression, exp.Table) and found.expression.db:
                table = TableName(found.expression.db, found.expression.name)
                column = found.name.rsplit(".", maxsplit=1)[-1].strip('"').lower()
                yield ColumnName(table, self._spelling.get((table, column), column))


def _without_named_windows(tree: exp.Query) -> exp.Query:
    """Write `over name` out: sqlglot does not look for columns in a WINDOW clause."""
    if not any(select.args.get("windows") for select in tree.find_all(exp.Select)):
        return tree
    tree = tree.copy()
    for select in tree.find_all(exp.Select):
        named = {window.name.lower(): window for window in select.args.get("windows") or ()}
        for window in list(select.find_all(exp.Window)):
            definition = named.get(window.alias.lower()) if window.parent_select is select else None
            if definition is not None and window is not definition:
                window.set("alias", None)
                for part in ("partition_by", "order", "spec"):
                    value = definition.args.get(part)
                    window.set(part, [v.copy() for v in value] if isinstance(value, list) else value and value.copy())
    return tree


def _line(tree: exp.Query, error: OptimizeError) -> int:
    """Line of the column that the error names, which sqlglot itself does not keep."""
    words = set(re.findall(r"\w+", str(error)))
    return next((line_of(column) for column in tree.find_all(exp.Column) if column.name in words), 1)
