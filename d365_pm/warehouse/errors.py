"""What can go wrong between the SQL files and the published database, in sentences for the person who can mend it.

Belongs here: the errors, and DuckDB's complaints without what a row holds.
"""

import re
from pathlib import Path

import duckdb

from d365_pm.errors import D365PMError

# A value may hold quotes itself, so everything from the first quote to the last one goes.
_QUOTED = re.compile(r"['\"].*['\"]|['\"].*")
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d.:+-]*")
_WRITTEN_BY_US = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.IOException,
    duckdb.TransactionException,
)
"""Errors about names and files; all others may quote the value that they choke on."""


class ModelError(D365PMError):
    """An SQL file breaks a rule; the message names file, line and remedy."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{'/'.join(path.parts[-2:])}:{line}: {problem}")


class WarehouseError(D365PMError):
    """A database cannot be opened, built or published; the message says what to do."""


def reason(error: duckdb.Error) -> str:
    """Say what DuckDB complains about in one line, without any value of a row."""
    text = str(error).split("\n\nLINE ", maxsplit=1)[0].strip()
    if isinstance(error, _WRITTEN_BY_US):
        return " ".join(text.split())
    if ".parquet" in text:
        return f"{type(error).__name__} while reading {', '.join(re.findall(r'/[^ ]*[.]parquet', text))}"
    text = text.splitlines()[0] if text else type(error).__name__
    return _NUMBER.sub("…", _QUOTED.sub("…", text))
