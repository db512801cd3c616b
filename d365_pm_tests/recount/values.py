"""Values as audit rows write them (table reference, 8.2). Does not belong here: which rows and columns matter."""

import re
from dataclasses import dataclass

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WHOLE = re.compile(r"-?\d+")


@dataclass(frozen=True, order=True)
class Reference:
    """A record of another table; the id in lower case."""

    table: str
    id: str


Value = int | bool | str | Reference | None

REFERENCES = frozenset({"ownerid", "subjectid", "queueid", "workerid", "objectid"})
CODES = frozenset({"statecode", "statuscode", "caseorigincode"})
FLAGS = frozenset({"isescalated"})
COLUMNS = REFERENCES | CODES | FLAGS
"""Columns whose changes matter."""


def plain_id(value: object) -> object:
    """A GUID in lower case; anything else as it is."""
    return value.lower() if isinstance(value, str) and _GUID.fullmatch(value.strip("{}")) else value


def read_value(column: str, value: object) -> Value:
    """Value of an audited column."""
    if value is None or value == "":
        return None
    if column in REFERENCES:
        return _reference(str(value))
    return _code(value) if column in CODES else _flag(value)


def _reference(text: str) -> Reference | None:
    found = _GUID.search(text)
    table = text.partition(",")[0].strip().lower() if "," in text else ""
    return Reference(table, found.group().lower()) if found else None


def _code(value: object) -> int | None:
    found = _WHOLE.search(str(value))
    return int(found.group()) if found else None


def _flag(value: object) -> bool | None:
    text = str(value).strip().lower()
    if text in {"true", "1"}:
        return True
    return False if text in {"false", "0"} else None
