"""What can go wrong while tables are held against their promises."""

import duckdb

from d365_pm.errors import D365PMError

_ABOUT_NAMES = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
"""Errors that quote our SQL; all others may quote the value that they choke on."""


class CheckError(D365PMError):
    """A check cannot run; the tables may be right or wrong, nobody knows."""

    def __init__(self, names: str, table: str, cause: duckdb.Error) -> None:
        said = str(cause).split("\n", maxsplit=1)[0].strip() if isinstance(cause, _ABOUT_NAMES) else ""
        why = f"{type(cause).__name__}{f': {said}' if said else ''}"
        super().__init__(
            f"The check {names} of {table} cannot run ({why}). Nothing was published; mend the SQL of the check or of "
            "the table."
        )


class SeedError(D365PMError):
    """A seed file cannot be used; the message names file, line, column and what is allowed."""
