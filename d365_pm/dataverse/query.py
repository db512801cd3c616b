"""What we ask: windows of time and the URLs of queries.

Pure text. Our own URLs are encoded here, once; the links that a server returns are never touched (`links.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

_PLAIN = "$(),'=:/@"
"""Characters that Dataverse takes unescaped inside an option's value."""


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time; None leaves a side open.

    Attributes:
        start: First instant inside, with a time zone.
        end: First instant after it, with a time zone.
    """

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what would silently read the wrong rows."""
        if any(moment is not None and moment.tzinfo is None for moment in (self.start, self.end)):
            raise ValueError("A window needs instants with a time zone.")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("A window must start before it ends.")

    def condition(self, column: str) -> str | None:
        """OData condition on a column; None for all time."""
        parts = [
            f"{column} {operator} {instant(moment)}"
            for operator, moment in (("ge", self.start), ("lt", self.end))
            if moment is not None
        ]
        return " and ".join(parts) or None

    def __str__(self) -> str:
        return f"[{instant(self.start) if self.start else ''}, {instant(self.end) if self.end else ''})"


def instant(moment: datetime) -> str:
    """UTC literal with `Z`: the plus sign of an offset would arrive as a blank (reference 10, trap 35)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def both(*conditions: str | None) -> str | None:
    """Join conditions with `and`, leaving out the empty ones."""
    return " and ".join(condition for condition in conditions if condition) or None


def mentions(column: str, texts: Sequence[str]) -> str:
    """OData condition: a text column contains one of several texts."""
    found = [f"contains({column},{quoted(text)})" for text in texts]
    return f"({' or '.join(found)})"


def quoted(text: str) -> str:
    """OData literal of a text."""
    return "'" + text.replace("'", "''") + "'"


def build_url(
    base: str,
    resource: str,
    *,
    select: Sequence[str] = (),
    where: str | None = None,
    order: Sequence[str] = (),
    top: int | None = None,
    expand: str | None = None,
    has_count: bool = False,
    apply: str | None = None,
) -> str:
    """Absolute URL of a query.

    Args:
        base: Address of the Web API with its version, ending in a slash.
        resource: Entity set, path or function below it.
        select: Properties to return.
        where: `$filter`.
        order: Terms of `$orderby`.
        top: `$top`; never beside server-driven paging, which ignores it.
        expand: `$expand`.
        has_count: Ask for the number of all rows.
        apply: `$apply`.
    """
    options = (
        ("$select", ",".join(select)),
        ("$filter", where),
        ("$orderby", ",".join(order)),
        ("$top", top),
        ("$expand", expand),
        ("$count", "true" if has_count else None),
        ("$apply", apply),
    )
    given = "&".join(f"{name}={quote(str(value), safe=_PLAIN)}" for name, value in options if value not in {None, ""})
    return f"{base}{resource}{'?' if given else ''}{given}"
