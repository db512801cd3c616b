"""Names of the audit side on the command line, checked against the schema.

Belongs here: from what a person types to sets of names. Does not belong here: the options themselves (`cli.py`).
"""

from collections.abc import Iterable

from d365_pm.errors import D365PMError
from d365_pm.sandbox.privileges import AUDIT_PRIVILEGES
from d365_pm.sandbox.schema import TABLES


def parse_unaudited(names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Tables, such as `queueitem`, and columns, such as `incident.ownerid`, whose auditing is off.

    Raises:
        D365PMError: The schema has no such table or column.
    """
    tables: set[str] = set()
    columns: set[str] = set()
    for name in names:
        table, dot, column = name.partition(".")
        if table not in TABLES or (dot and column not in TABLES[table].by_name):
            raise D365PMError(
                f"--unaudited {name}: the sandbox lacks it; give a table and a column such as incident.ownerid."
            )
        (columns if dot else tables).add(name)
    return frozenset(tables), frozenset(columns)


def parse_privileges(names: Iterable[str]) -> frozenset[str]:
    """Names of privileges that the role lacks.

    Raises:
        D365PMError: The sandbox knows no such privilege.
    """
    known = {name.lower() for name in (*AUDIT_PRIVILEGES, *(table.read_privilege for table in TABLES.values()))}
    for name in names:
        if name.lower() not in known:
            raise D365PMError(
                f"--missing-privilege {name}: the sandbox has no such privilege; give one such as prvReadAuditSummary."
            )
    return frozenset(names)
