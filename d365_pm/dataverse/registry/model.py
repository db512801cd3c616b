"""What an entry of the registry says: a table, its columns and what they hold on the wire."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds on the wire; decides its raw type when the environment's metadata does not."""

    ID = "id"
    TEXT = "text"
    WHOLE = "whole"
    BIG = "big"
    DECIMAL = "decimal"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"
    CHOICE = "choice"
    LOOKUP = "lookup"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Logical name, such as `ownerid`; the Web API property is `wire_name`.
        kind: Expected kind, used where the metadata is silent.
        required: A missing required column stops the extraction; a missing optional one becomes a typed null column.
        polymorphic: The lookup may point to several tables, so its target is kept beside it in `type_name`.
        probed: Metadata says nothing true about this column; ask the table itself (`audit.changedata`).
        derived: No property of that name in the Web API: whoever reads the table says what it is filled with.
    """

    name: str
    kind: Kind
    required: bool = False
    polymorphic: bool = False
    probed: bool = False
    derived: bool = False

    @property
    def wire_name(self) -> str:
        """Name of the Web API property, which is also the raw column's name."""
        return f"_{self.name}_value" if self.kind is Kind.LOOKUP else self.name

    @property
    def type_name(self) -> str:
        """Raw column that keeps the target table of a polymorphic lookup, such as `_ownerid_type`."""
        return f"_{self.name}_type"


@dataclass(frozen=True, slots=True)
class Table:
    """One Dataverse table to extract.

    Attributes:
        name: Asset name and folder of the raw layer; also the logical name, but where `part_of` has that.
        entity_set: Name in the URL, used where the metadata does not answer.
        key: Logical name of the primary key.
        description: What one row is, for the UI.
        columns: Everything the models read, the key first.
        window: Column that day partitions and windows are cut on; None for tables that are read whole.
        filter: OData condition that always applies.
        required: The event log cannot be made without this table.
        append_only: Rows never change after they were written.
        changed_with: OData path to the instant of the record that a row without a date of its own changes with.
        follows_metadata: Rows change only with the environment's definitions.
        part_of: Logical name of the table of which these are the rows that `filter` leaves.
    """

    name: str
    entity_set: str
    key: str
    description: str
    columns: tuple[Column, ...]
    window: str | None = None
    filter: str | None = None
    required: bool = False
    append_only: bool = False
    changed_with: str | None = None
    follows_metadata: bool = False
    part_of: str | None = None

    @property
    def logical_name(self) -> str:
        """Name under which the environment knows the table."""
        return self.part_of or self.name


def text(*names: str) -> tuple[Column, ...]:
    """Text columns."""
    return tuple(Column(name, Kind.TEXT) for name in names)


def of(kind: Kind, *names: str) -> tuple[Column, ...]:
    """Columns of a kind."""
    return tuple(Column(name, kind) for name in names)


def lookups(*names: str) -> tuple[Column, ...]:
    """Lookups with one target table."""
    return tuple(Column(name, Kind.LOOKUP) for name in names)


def any_lookups(*names: str) -> tuple[Column, ...]:
    """Lookups that may point to several tables."""
    return tuple(Column(name, Kind.LOOKUP, polymorphic=True) for name in names)


def key(name: str) -> tuple[Column, ...]:
    """The primary key."""
    return (Column(name, Kind.ID, required=True),)


def required(kind: Kind, *names: str, polymorphic: bool = False) -> tuple[Column, ...]:
    """Columns without which the event log cannot be made."""
    return tuple(Column(name, kind, required=True, polymorphic=polymorphic) for name in names)


STATE = of(Kind.CHOICE, "statecode", "statuscode")
VERSION = of(Kind.BIG, "versionnumber")
