"""Checks of the published log that fail for a case: their failing rows are published beside it."""

from collections.abc import Iterator, Sequence

import duckdb

from d365_pm.explain.story import FailedCheck

_TABLES = """
    select table_name, list(column_name) from duckdb_columns()
    where schema_name = 'quarantine' and database_name = current_database() group by all order by all
"""
_KEYS = {
    "CaseGuid": "CaseGuid = $case",
    "case_id": "case_id = $case",
    "ServiceRequest": "ServiceRequest = $number",
    "EventId": "EventId in (select e.EventId from marts.events as e where e.CaseGuid = $case)",
}
"""How a failing row names the case, the surest way first."""


def failed_checks_of(connection: duckdb.DuckDBPyConnection, case: str, number: str) -> tuple[FailedCheck, ...]:
    """Checks whose failing rows speak of a case.

    Args:
        connection: The published warehouse.
        case: GUID of the case.
        number: Its number in the log.
    """
    failing = list(_failing(connection, {"case": case, "number": number}))
    if not failing:
        return ()
    # Only here: the promises bring pandera along, which takes seconds to import.
    from d365_pm.contracts.catalogue import contracts

    promises = {contract.name: contract for contract in contracts()}
    return tuple(
        FailedCheck(
            name,
            "error" if name in promises and promises[name].blocking else "warning",
            promises[name].description if name in promises else "",
            reasons,
            rows,
        )
        for name, reasons, rows in failing
    )


def _failing(
    connection: duckdb.DuckDBPyConnection, parameters: dict[str, str]
) -> Iterator[tuple[str, str | None, int]]:
    for name, columns in connection.execute(_TABLES).fetchall():
        condition = _condition(columns)
        if condition is None:
            continue
        reason = "string_agg(distinct reason, '; ' order by reason)" if "reason" in columns else "null"
        used = {key: value for key, value in parameters.items() if f"${key}" in condition}
        sql = f'select {reason}, count(*) from quarantine."{name}" where {condition}'
        [(reasons, rows)] = connection.execute(sql, used).fetchall()
        if rows:
            yield str(name), reasons, int(rows)


def _condition(columns: Sequence[str]) -> str | None:
    return next((condition for key, condition in _KEYS.items() if key in columns), None)
