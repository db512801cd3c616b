"""Short spellings for the column lists of the schema modules.

Belongs here: constructors of columns and groups that most tables share. Does not belong here: anything about one table.
"""

from collections.abc import Iterable
from typing import Any

from d365_pm.sandbox.schema.model import AttributeType, Column, Option

YES_NO = (Option(0, "No", "Não"), Option(1, "Yes", "Sim"))


def options(*rows: tuple[int, str, str] | tuple[int, str, str, int]) -> tuple[Option, ...]:
    """Options from (code, English, Portuguese[, state])."""
    return tuple(Option(*row) for row in rows)


def key(name: str) -> Column:
    """A primary key."""
    return Column(name, AttributeType.UNIQUEIDENTIFIER)


def of(kind: AttributeType, *names: str, **facts: Any) -> tuple[Column, ...]:
    """Several columns of one type."""
    return tuple(Column(name, kind, **facts) for name in names)


def text(*names: str) -> tuple[Column, ...]:
    """Single-line text."""
    return of(AttributeType.STRING, *names)


def memo(*names: str) -> tuple[Column, ...]:
    """Multi-line text."""
    return of(AttributeType.MEMO, *names)


def whole(*names: str) -> tuple[Column, ...]:
    """Whole numbers."""
    return of(AttributeType.INTEGER, *names)


def moments(*names: str, **facts: Any) -> tuple[Column, ...]:
    """Instants, on the wire in UTC."""
    return of(AttributeType.DATE_TIME, *names, **facts)


def flags(*names: str, labels: tuple[Option, ...] = YES_NO) -> tuple[Column, ...]:
    """Booleans."""
    return of(AttributeType.BOOLEAN, *names, options=labels)


def lookup(name: str, *targets: str, navigation: str | None = None, is_custom: bool = False) -> Column:
    """A lookup; `navigation` names the property towards the first target where it breaks the rule."""
    return Column(name, AttributeType.LOOKUP, targets=targets, navigation=navigation, is_custom=is_custom)


def users(*names: str) -> tuple[Column, ...]:
    """Lookups to systemuser."""
    return tuple(lookup(name, "systemuser") for name in names)


def choice(name: str, *rows: tuple[int, str, str]) -> Column:
    """A choice with its own options."""
    return Column(name, AttributeType.PICKLIST, options=options(*rows))


def state(*rows: tuple[int, str, str]) -> Column:
    """The state column."""
    return Column("statecode", AttributeType.STATE, options=options(*rows))


def status(*rows: tuple[int, str, str, int]) -> Column:
    """The status reason column; each reason names its state."""
    return Column("statuscode", AttributeType.STATUS, options=options(*rows))


OWNER = Column("ownerid", AttributeType.OWNER, targets=("systemuser", "team"))
VERSION = Column("versionnumber", AttributeType.BIG_INTEGER)
RECORD = (*moments("createdon", "modifiedon"), *users("createdby", "modifiedby", "createdonbehalfby"), VERSION)
OWNED = (
    OWNER,
    lookup("owninguser", "systemuser"),
    lookup("owningteam", "team"),
    lookup("owningbusinessunit", "businessunit"),
)
ACTIVE = (
    state((0, "Active", "Ativo"), (1, "Inactive", "Inativo")),
    status((1, "Active", "Ativo", 0), (2, "Inactive", "Inativo", 1)),
)


def columns(*parts: Column | Iterable[Column]) -> tuple[Column, ...]:
    """One flat column list from columns and groups of columns."""
    flat: list[Column] = []
    for part in parts:
        flat.extend([part] if isinstance(part, Column) else part)
    return tuple(flat)
