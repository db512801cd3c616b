"""The audit of a finished desk, taken apart: which column of which row changed when, from what and to what.

Belongs here: looking things up in it at an instant. Does not belong here: the rows that follow from it (`past.py`).
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pyarrow as pa

_ATTRIBUTES = pl.Struct(
    {"changedAttributes": pl.List(pl.Struct({"logicalName": pl.String, "oldValue": pl.String, "newValue": pl.String}))}
)
_CREATED, _DELETED = 1, 3


@dataclass(frozen=True)
class Changes:
    """Every recorded operation on the rows of one table.

    Attributes:
        operations: id, at, operation, user; in order of time.
        values: id, at, name, old, new of every changed column; in order of time.
    """

    operations: pl.DataFrame
    values: pl.DataFrame

    @classmethod
    def of(cls, audit: pa.Table, table: str) -> "Changes":
        """The changes of one table's rows."""
        frame = pl.from_arrow(audit)
        assert isinstance(frame, pl.DataFrame)
        mine = frame.filter((pl.col("objecttypecode") == table) & pl.col("changedata").is_not_null())
        mine = mine.with_row_index("order").sort("createdon", "order")
        operations = mine.select(id="_objectid_value", at="createdon", operation="operation", user="_userid_value")
        decoded = pl.col("changedata").str.json_decode(_ATTRIBUTES).struct.field("changedAttributes").alias("change")
        values = mine.select("createdon", "_objectid_value", decoded).explode("change").drop_nulls("change")
        fields = [
            pl.col("change").struct.field(field).alias(name)
            for field, name in (("logicalName", "name"), ("oldValue", "old"), ("newValue", "new"))
        ]
        return cls(
            operations, values.select(pl.col("_objectid_value").alias("id"), pl.col("createdon").alias("at"), *fields)
        )

    def alive(self, at: datetime) -> pl.DataFrame:
        """Rows that existed at an instant: id, born, creator."""
        before = self.operations.filter(pl.col("at") <= at)
        born = before.filter(pl.col("operation") == _CREATED).select("id", born="at", creator="user")
        gone = before.filter(pl.col("operation") == _DELETED)
        return born.unique("id", keep="first", maintain_order=True).join(gone, on="id", how="anti")

    def touched(self, at: datetime) -> pl.DataFrame:
        """The last operation on each row up to an instant: id, touched, toucher."""
        before = self.operations.filter(pl.col("at") <= at)
        return before.group_by("id", maintain_order=True).agg(touched=pl.last("at"), toucher=pl.last("user"))

    def changed(self, name: str, at: datetime, *, new: str | None = None) -> pl.DataFrame:
        """The last change of a column up to an instant, to one value if given: id, changed."""
        chosen = (pl.col("name") == name) & (pl.col("at") <= at)
        if new is not None:
            chosen &= pl.col("new") == new
        return self.values.filter(chosen).group_by("id").agg(changed=pl.last("at"))

    def undone(self, name: str, at: datetime) -> pl.DataFrame:
        """The value at an instant of every row whose column changed later: id, value."""
        later = self.values.filter((pl.col("name") == name) & (pl.col("at") > at))
        return later.group_by("id", maintain_order=True).agg(value=pl.first("old"))

    @property
    def names(self) -> list[str]:
        """Columns that ever changed."""
        return self.values["name"].unique(maintain_order=True).to_list()
