"""What a table definition of the sandbox's environment consists of.

Belongs here: the shapes of tables, columns and option sets and what follows from them (wire names, navigation
properties, Arrow types). Does not belong here: the definitions themselves (the sibling modules) and how they travel as
metadata (`metadata_api.py`). Source: Web API reference 2.2 and 8, table reference 2.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa

ENGLISH = 1033
PORTUGUESE = 1046
LANGUAGES = (ENGLISH, PORTUGUESE)


class AttributeType(StrEnum):
    """Type of a column, spelled as `AttributeMetadata.AttributeType`."""

    UNIQUEIDENTIFIER = "Uniqueidentifier"
    STRING = "String"
    MEMO = "Memo"
    INTEGER = "Integer"
    BIG_INTEGER = "BigInt"
    DECIMAL = "Decimal"
    DOUBLE = "Double"
    BOOLEAN = "Boolean"
    DATE_TIME = "DateTime"
    LOOKUP = "Lookup"
    CUSTOMER = "Customer"
    OWNER = "Owner"
    PICKLIST = "Picklist"
    STATE = "State"
    STATUS = "Status"
    ENTITY_NAME = "EntityName"

    @property
    def is_lookup(self) -> bool:
        """The column points to a row of another table."""
        return self in _LOOKUPS

    @property
    def is_choice(self) -> bool:
        """The column holds the integer of an option."""
        return self in _CHOICES


_LOOKUPS = frozenset({AttributeType.LOOKUP, AttributeType.CUSTOMER, AttributeType.OWNER})
_CHOICES = frozenset({AttributeType.PICKLIST, AttributeType.STATE, AttributeType.STATUS})


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice.

    Attributes:
        code: The stored integer; 0 and 1 for a boolean column.
        english: Label under language code 1033.
        portuguese: Label under language code 1046.
        state: The state that a status reason belongs to.
    """

    code: int
    english: str
    portuguese: str
    state: int | None = None

    def label(self, lcid: int) -> str:
        """Label in a language; English where the language is not installed."""
        return self.portuguese if lcid == PORTUGUESE else self.english


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Logical name, such as `ownerid`.
        type: Attribute type.
        targets: Tables that a lookup may point to.
        navigation: Navigation property of a lookup whose name differs from the platform's rule.
        options: Options of a choice, or the two of a boolean, false first.
        is_day: A date column with date-only behaviour: on the wire a day without a time.
        has_day_format: A date column that forms show as a day; on the wire it still is an instant.
        is_zone_independent: A date column whose `Z` says nothing about the zone.
        is_readable: `IsValidForRead`; false for columns that metadata denies although some environments return them.
        is_custom: The column was added to the environment.
        is_audited: Auditing is on for the column; it records nothing unless it is on for the table as well.
        is_secured: The column is under column security.
    """

    name: str
    type: AttributeType
    targets: tuple[str, ...] = ()
    navigation: str | None = None
    options: tuple[Option, ...] = ()
    is_day: bool = False
    has_day_format: bool = False
    is_zone_independent: bool = False
    is_readable: bool = True
    is_custom: bool = False
    is_audited: bool = True
    is_secured: bool = False

    @property
    def wire_name(self) -> str:
        """Property name in the Web API."""
        return f"_{self.name}_value" if self.type.is_lookup else self.name

    @property
    def type_name(self) -> str:
        """Name under which the rows keep the target table of a polymorphic lookup."""
        return f"_{self.name}_type"

    @property
    def is_polymorphic(self) -> bool:
        """The lookup needs its target table beside the id."""
        return len(self.targets) > 1

    @property
    def arrow_type(self) -> pa.DataType:
        """Type of the column in `Desk.tables`."""
        if self.type is AttributeType.DATE_TIME:
            return pa.date32() if self.is_day else pa.timestamp("us", tz="UTC")
        return _ARROW_TYPES.get(self.type, pa.string())


_ARROW_TYPES = {
    AttributeType.INTEGER: pa.int32(),
    AttributeType.PICKLIST: pa.int32(),
    AttributeType.STATE: pa.int32(),
    AttributeType.STATUS: pa.int32(),
    AttributeType.BIG_INTEGER: pa.int64(),
    AttributeType.DECIMAL: pa.decimal128(38, 10),
    AttributeType.DOUBLE: pa.float64(),
    AttributeType.BOOLEAN: pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the environment.

    Attributes:
        name: Logical name.
        entity_set: Name in the URL.
        key: Logical name of the primary key.
        primary_name: Column whose value stands for a row in formatted values; None where there is none.
        object_type_code: Number of the table; stable for classic tables only.
        display_name: English display name.
        columns: Every column, the key first.
        is_activity: Navigation properties carry the table's name as suffix.
        is_audited: Auditing is on for the table.
        has_change_tracking: Change tracking is on for the table; each environment decides (`Switches.tracked_tables`).
        table_type: `Standard` or `AuditStorage`.
        collections: Collection-valued navigation property -> (table, its lookup that points here).
    """

    name: str
    entity_set: str
    key: str
    primary_name: str | None
    object_type_code: int
    display_name: str
    columns: tuple[Column, ...]
    is_activity: bool = False
    is_audited: bool = False
    has_change_tracking: bool = False
    table_type: str = "Standard"
    collections: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def by_name(self) -> dict[str, Column]:
        """Columns by logical name."""
        return {column.name: column for column in self.columns}

    @property
    def by_wire_name(self) -> dict[str, Column]:
        """Columns by Web API property name."""
        return {column.wire_name: column for column in self.columns}

    @property
    def read_privilege(self) -> str:
        """Name of the privilege to read the table; the audit store has one of its own (Web API reference 1.5)."""
        return "prvReadAuditSummary" if self.table_type == "AuditStorage" else f"prvRead{self.name}"

    def number(self, name: str) -> int:
        """`ColumnNumber` of a column, by which `attributemask` names it."""
        return next(number for number, column in enumerate(self.columns, start=1) if column.name == name)

    def navigation(self, column: Column, target: str) -> str:
        """Single-valued navigation property of a lookup towards one of its targets (table reference 2)."""
        if column.navigation is not None and target == column.targets[0]:
            return column.navigation
        is_one_property = column.type is AttributeType.OWNER or not column.is_polymorphic
        name = column.name if is_one_property else f"{column.name}_{target}"
        return f"{name}_{self.name}" if self.is_activity and not column.is_custom else name
