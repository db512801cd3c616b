"""`d365-pm explain`: one case as a story, from the published warehouse."""

from pathlib import Path

import duckdb

from d365_pm.errors import D365PMError
from d365_pm.explain import Story, explain


def explain_case(warehouse: Path, asked: str) -> Story:
    """Tell one case.

    Args:
        warehouse: The published DuckDB file.
        asked: Ticket number, GUID or `EventId`.

    Raises:
        D365PMError: There is no published log, it cannot be read, or no case answers to what was asked.
    """
    if not warehouse.exists():
        raise D365PMError(f"There is no event log at {warehouse}; make one with `d365-pm run`, or `d365-pm demo`.")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return explain(connection, asked)
    except (duckdb.CatalogException, duckdb.BinderException):
        raise D365PMError(f"{warehouse} was made by another version of d365-pm; run `d365-pm run` again.") from None
    except duckdb.IOException:
        raise D365PMError(
            f"{warehouse} cannot be opened; close the program that writes to it, or check its mode."
        ) from None
