"""What an audit read found, counted: for the metadata of the raw table and for whoever judges completeness."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.dataverse.audit.entry import Entry, Payload
from d365_pm.dataverse.audit.route import AuditRoute
from d365_pm.dataverse.audit.row import SWITCHES


@dataclass(slots=True)
class AuditFacts:
    """Counts of one read, or of all windows of a run; grows page by page.

    Attributes:
        route: How old and new values came.
        requests: Requests for details, the list's own not counted.
        payloads: Rows by how whole their values are.
        switches: Rows that switched auditing, by `action`.
        earliest: Oldest row that the store still has, as far as it was read: nothing is known about the time before.
        unread: Values that do not look like their column's type, kept as they came.
        removed: Changed columns that have since been deleted from their table.
    """

    route: AuditRoute
    requests: int = 0
    payloads: Counter[Payload] = field(default_factory=Counter)
    switches: Counter[int] = field(default_factory=Counter)
    earliest: datetime | None = None
    unread: int = 0
    removed: int = 0

    @property
    def rows(self) -> int:
        """Rows that were completed."""
        return self.payloads.total()

    def note(self, page: pa.Table, entries: Sequence[Entry], *, requests: int) -> None:
        """Count a page and the requests that it took."""
        self.requests += requests
        self.payloads.update(entry.payload for entry in entries)
        self.switches.update(action for action in page.column("action").to_pylist() if action in SWITCHES)
        self.unread += sum(entry.unread for entry in entries)
        self.removed += sum(entry.removed for entry in entries)
        moment = pc.min(page.column("createdon")).as_py()
        if moment is not None:
            self.earliest = min(moment, self.earliest or moment)

    def metadata(self) -> dict[str, int | str]:
        """The facts as flat names and values, numbers of rows first."""
        facts: dict[str, int | str] = {"audit_route": str(self.route), "audit_detail_requests": self.requests}
        facts |= {f"audit_rows_{payload}": self.payloads[payload] for payload in Payload}
        facts |= {f"audit_switches_{action}": count for action, count in sorted(self.switches.items())}
        facts |= {"audit_values_unread": self.unread, "audit_columns_removed": self.removed}
        return facts | ({"audit_earliest": self.earliest.isoformat()} if self.earliest else {})


def completeness(rows: pa.Table) -> pa.Table:
    """How whole the audit rows of each record are.

    Args:
        rows: Raw audit rows with `_payload`.

    Returns:
        One row per record: `_objectid_value`, `objecttypecode`, `rows`, and the number of rows of each `Payload`.
    """
    flags = [pc.equal(rows.column("_payload"), payload.value).cast(pa.int64()) for payload in Payload]
    keys = ["_objectid_value", "objecttypecode"]
    table = pa.table(
        [*(rows.column(name) for name in keys), *flags], names=[*keys, *(payload.value for payload in Payload)]
    )
    sums = table.group_by(keys).aggregate([([], "count_all"), *((payload.value, "sum") for payload in Payload)])
    names = {"count_all": "rows"} | {f"{payload.value}_sum": payload.value for payload in Payload}
    return sums.rename_columns([names.get(name, name) for name in sums.column_names])
