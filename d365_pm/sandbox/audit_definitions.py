"""The flags of auditing and of column security in metadata, as the switches of the environment set them.

Belongs here: what of a definition follows from a switch (Web API reference 1.5 and 7.1). Does not belong here: the
metadata objects (`definitions.py`).
"""

from dataclasses import replace

from d365_pm.sandbox.schema import Table
from d365_pm.sandbox.switches import Switches


def audited_table(table: Table, switches: Switches) -> Table:
    """A table with the audit flag that the switches give it."""
    return replace(table, is_audited=False) if table.name in switches.unaudited_tables else table


def audited_columns(table: Table, switches: Switches) -> Table:
    """A table whose columns have the flags that the switches give them, whatever its own flag is."""
    columns = tuple(
        replace(
            column,
            is_audited=column.is_audited and f"{table.name}.{column.name}" not in switches.unaudited_columns,
            is_secured=column.is_secured or f"{table.name}.{column.name}" in switches.secured_columns,
        )
        for column in table.columns
    )
    return replace(table, columns=columns)
