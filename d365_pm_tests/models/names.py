"""Short names and moments: what a test writes instead of GUIDs and timestamps.

`alice` is a GUID in the raw rows and `alice` again in the rows that a test compares; `10:30` is that time of 4 March
2024, `05 10:30` of the 5th, and a full ISO moment is itself. All moments are UTC.
"""

import re
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

_ORDERED = re.compile(r"#(\d)")
_MOMENT = re.compile(r"(?:(?P<day>\d\d) )?(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?")
_names: dict[str, str] = {}
_short: set[str] = set()


def guid(name: str, *, scope: str = "") -> str:
    """The GUID of a short name; those of `#1`, `#2` and so on sort by their number.

    Args:
        name: Short name.
        scope: Tests of different scopes use the same short name for different things.
    """
    value = str(uuid5(NAMESPACE_URL, f"d365-pm/{scope}/{name}"))
    if match := _ORDERED.match(name):
        value = f"{int(match[1]):08d}{value[8:]}"
    _names[value] = name
    _short.add(name)
    return value


def name_of(value: str) -> str:
    """The short name of a GUID, or the text itself."""
    return _names.get(value, value)


def is_short(name: str) -> bool:
    """Whether some GUID has this short name."""
    return name in _short


def instant(text: str) -> datetime:
    """The UTC instant of a moment such as `10:30`, `05 10:30:15` or `2024-03-04T13:05:10Z`."""
    if match := _MOMENT.fullmatch(text):
        day, hour, minute, second = (int(match[part] or 0) for part in ("day", "hour", "minute", "second"))
        return datetime(2024, 3, day or 4, hour, minute, second, tzinfo=UTC)
    return datetime.fromisoformat(text)


def at(text: str) -> str:
    """The moment as the compared rows show it: ISO 8601 with Z, milliseconds only where there are any."""
    return iso(instant(text))


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, milliseconds only where there are any."""
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=spec).replace("+00:00", "Z")
