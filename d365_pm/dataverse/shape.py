"""What we read of a table in one environment, and how it is typed. Plain facts, no requests.

`registry` says what we want, `metadata.py` finds out what there is, a `TableShape` is both joined.
"""

from dataclasses import dataclass, replace

import pyarrow as pa

from d365_pm.dataverse.query import both
from d365_pm.dataverse.registry import Column, Kind, Table

TARGET_ANNOTATION = "@Microsoft.Dynamics.CRM.lookuplogicalname"

UTC_INSTANT = pa.timestamp("us", tz="UTC")

RAW_TYPES: dict[Kind, pa.DataType] = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.LOOKUP: pa.string(),
    Kind.WHOLE: pa.int32(),
    Kind.CHOICE: pa.int32(),
    Kind.BIG: pa.int64(),
    Kind.DECIMAL: pa.decimal128(38, 10),
    Kind.MOMENT: UTC_INSTANT,
    Kind.DAY: pa.date32(),
    Kind.FLAG: pa.bool_(),
}
"""Type of a raw column; the same in every environment, since SQL models rely on it."""


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column as one environment has it.

    Attributes:
        column: The wanted column.
        source: Web API property that it is read from; None if the environment lacks it.
        wire: Arrow type of the JSON values. Instants and days are text on the wire.
    """

    column: Column
    source: str | None
    wire: pa.DataType

    @property
    def target_source(self) -> str | None:
        """Annotation that names the target table; None if the column has no use for it."""
        return f"{self.source}{TARGET_ANNOTATION}" if self.source and self.column.polymorphic else None

    @property
    def raw_fields(self) -> tuple[pa.Field, ...]:
        """Raw columns that this column fills."""
        own = pa.field(self.column.wire_name, RAW_TYPES[self.column.kind])
        return (own, pa.field(self.column.type_name, pa.string())) if self.column.polymorphic else (own,)


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table as one environment has it.

    Attributes:
        table: The wanted table.
        entity_set: Name in the URL.
        columns: All wanted columns, those that the environment lacks included.
        secured: Columns under column-level security; blank where the application user may not read them.
        is_missing: The environment lacks the whole table; reading it yields nothing.
        is_tracked: The environment answers what has changed in the table since a delta link.
    """

    table: Table
    entity_set: str
    columns: tuple[ColumnShape, ...]
    secured: tuple[str, ...] = ()
    is_missing: bool = False
    is_tracked: bool = False

    @property
    def select(self) -> tuple[str, ...]:
        """Properties to ask for."""
        return tuple(dict.fromkeys(shape.source for shape in self.columns if shape.source))

    @property
    def key(self) -> str:
        """Property of the primary key."""
        return self.source_of(self.table.key) or self.table.key

    @property
    def window(self) -> str | None:
        """Property that windows are cut on; None for tables that are read whole."""
        return self.source_of(self.table.window) if self.table.window else None

    @property
    def window_column(self) -> str | None:
        """Raw column of the window property; None for tables that are read whole."""
        if self.window is None:
            return None
        return next(each.column.wire_name for each in self.columns if each.column.name == self.table.window)

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the raw rows: the same whatever the environment offers."""
        return pa.schema([field for shape in self.columns for field in shape.raw_fields])

    @property
    def wire_schema(self) -> pa.Schema:
        """Arrow schema of the JSON objects, as far as we read them."""
        fields = {shape.source: shape.wire for shape in self.columns if shape.source}
        targets = {shape.target_source: pa.string() for shape in self.columns if shape.target_source}
        return pa.schema(list((fields | targets).items()))

    @property
    def needs_targets(self) -> bool:
        """Whether the target tables of polymorphic lookups have to be asked for."""
        return any(shape.target_source for shape in self.columns)

    @property
    def missing_columns(self) -> tuple[str, ...]:
        """Raw columns that stay null because the environment lacks them."""
        lacking = (shape.column for shape in self.columns if shape.source is None)
        return tuple(column.wire_name for column in lacking if not column.derived)

    def source_of(self, name: str) -> str | None:
        """Property from which the column with this logical name is read."""
        return next((shape.source for shape in self.columns if shape.column.name == name), None)

    def only_key(self, *, is_windowed: bool) -> "TableShape":
        """The same table, reading nothing of its rows but the key, and the window column where windows are cut."""
        wanted = {self.table.key} | ({self.table.window} if is_windowed else set())
        return replace(self, columns=tuple(shape for shape in self.columns if shape.column.name in wanted))

    def narrowed(self, condition: str) -> "TableShape":
        """The same table, reading only the rows that a further OData condition leaves."""
        return replace(self, table=replace(self.table, filter=both(self.table.filter, condition)), is_tracked=False)

    def reading(self, name: str, *, source: str, wire: pa.DataType) -> "TableShape":
        """The same table, with a derived column read from a property that only this environment has."""
        columns = tuple(
            ColumnShape(shape.column, source, wire) if shape.column.name == name else shape for shape in self.columns
        )
        return replace(self, columns=columns)

    def without(self, source: str) -> "TableShape":
        """The same table, without asking for one property."""
        columns = tuple(replace(shape, source=None) if shape.source == source else shape for shape in self.columns)
        return replace(self, columns=columns)


def wire_type(kind: Kind) -> pa.DataType:
    """Arrow type of the JSON values of a kind, where the environment does not say otherwise."""
    return pa.string() if kind in {Kind.MOMENT, Kind.DAY} else RAW_TYPES[kind]
