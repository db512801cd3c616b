"""What has to be known of an audit row to ask for its values."""

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

SWITCHES = frozenset(range(105, 114))
"""Values of `action` that say that auditing was switched on or off (reference 7.2)."""

_NOBODY = "00000000-0000-0000-0000-000000000000"


class AuditRow(NamedTuple):
    """An audit row.

    Attributes:
        key: `auditid`.
        table: Logical name of the changed record's table.
        record: The changed record; None where the row is about no record.
        is_switch: The row switched auditing and holds no values.
    """

    key: str
    table: str
    record: str | None
    is_switch: bool


def audit_rows(page: pa.Table) -> Iterator[AuditRow]:
    """The rows of a decoded page of `audits`, in order."""
    names = ("auditid", "objecttypecode", "_objectid_value", "action")
    for key, table, record, action in zip(*(page.column(name).to_pylist() for name in names), strict=True):
        yield AuditRow(key, table or "", record if record != _NOBODY else None, action in SWITCHES)
