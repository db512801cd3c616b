"""Tables before they have version numbers.

Belongs here: the columns that every table has and the numbering of versions across tables. Does not belong here: any
table of its own.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from d365_pm.sandbox import schema
from d365_pm.sandbox.desk.arrow import assemble, moments
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.numbers import IntArray, Values, spread

FIRST_VERSION = 1_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows of one table.

    Attributes:
        table: Logical name.
        columns: Columns by Web API property name.
        modified: When each row was last changed.
    """

    table: str
    columns: dict[str, pa.Array]
    modified: IntArray

    def where(self, exists: bool) -> "Draft":
        """The same draft, or without its rows."""
        if exists:
            return self
        return Draft(self.table, {name: rows.slice(0, 0) for name, rows in self.columns.items()}, self.modified[:0])


def record(keys: Keys, created: IntArray, creator: Values, modified: IntArray, modifier: Values) -> dict[str, pa.Array]:
    """Who made and last changed each row, and when."""
    count = len(created)
    return {
        "createdon": moments(created),
        "modifiedon": moments(modified),
        "_createdby_value": keys.row("systemuser", spread(creator, count)),
        "_modifiedby_value": keys.row("systemuser", spread(modifier, count)),
    }


def finish(drafts: list[Draft]) -> dict[str, pa.Table]:
    """The tables, versioned: the later a row of the whole desk was changed, the higher its number."""
    lengths = [len(draft.modified) for draft in drafts]
    order = np.argsort(np.concatenate([draft.modified for draft in drafts]), kind="stable")
    versions = np.empty(len(order), dtype=np.int64)
    versions[order] = FIRST_VERSION + np.arange(len(order))
    slices = np.split(versions, np.cumsum(lengths)[:-1])
    return {draft.table: _table(draft, version) for draft, version in zip(drafts, slices, strict=True)}


def _table(draft: Draft, versions: IntArray) -> pa.Table:
    has_version = "versionnumber" in schema.TABLES[draft.table].by_name
    extra = {"versionnumber": pa.array(versions)} if has_version else {}
    return assemble(draft.table, len(draft.modified), draft.columns | extra)
