"""Time that goes on in a running environment.

Belongs here: the present of a moving desk, and bringing an environment there. Does not belong here: how the past of a
finished desk looked (`past.py`, `past_cases.py`). The whole life is made at once, with a later end, and shown up to the
present; so one seed gives one life, and at its end the environment holds exactly the finished desk, whose truth is
known. Deletions come on top, at the end of each advance: a deleted case was never needed by another one, so the truth
about all others stands.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.sandbox.desk import Desk, generate
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.mover.cascade import choose, deletable, deletion_records, without_cases
from d365_pm.sandbox.mover.changes import Changes
from d365_pm.sandbox.mover.past import Frames, earlier
from d365_pm.sandbox.mover.past_cases import cases, queue_items
from d365_pm.sandbox.switches import Switches

_FIRST = ("incident", "queueitem", "slakpiinstance")


@dataclass(frozen=True, slots=True)
class Happenings:
    """What one advance brought.

    Attributes:
        now: The present after it.
        created: New rows by table; tables without any are left out.
        changed: Changed rows by table.
        deleted: Rows that went, by table.
        merged: Ids of the cases that were merged into another.
        deleted_cases: Ids of the cases that were deleted with all that hung on them.
    """

    now: datetime
    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    merged: tuple[str, ...] = ()
    deleted_cases: tuple[str, ...] = ()


class Mover:
    """A desk that lives on.

    Args:
        cases: Cases of the whole life, what is still to come included.
        seed: The same seed gives the same life.
        now: The present at the beginning, with a time zone; now if not given.
        days: Days of life before it.
        days_ahead: Days of life still to come.
        deletions_per_day: How many cases somebody deletes each day.
        switches: How the environment behaves.

    Attributes:
        environment: Serves the desk's present; its clock is the desk's.
        desk: The finished desk.
    """

    def __init__(
        self,
        *,
        cases: int = 1000,
        seed: int = 1,
        now: datetime | None = None,
        days: int = 60,
        days_ahead: int = 30,
        deletions_per_day: float = 1.0,
        switches: Switches | None = None,
    ) -> None:
        self._now = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        end = self._now + timedelta(days=days_ahead)
        self.desk: Desk = generate(cases=cases, seed=seed, end=end, days=days + days_ahead)
        self._final = {name: _frame(table) for name, table in self.desk.tables.items()}
        self._changes = {name: Changes.of(self.desk.tables["audit"], name) for name in ("incident", "queueitem")}
        self._random = np.random.default_rng([seed, 1])
        self._deletions_per_day, self._owed = deletions_per_day, 0.0
        self._deletions: list[tuple[str, datetime]] = []
        self.environment = Environment({name: rows.to_arrow() for name, rows in self.tables().items()}, switches)
        self.environment.clock = lambda: self._now

    @property
    def now(self) -> datetime:
        """The desk's present, UTC."""
        return self._now

    @property
    def is_over(self) -> bool:
        """The life has come to its end."""
        return self._now >= self.desk.end

    def tables(self) -> Frames:
        """Every table as it is at the present."""
        past = earlier(self._final, self._now)
        # Clocks to come are needed too: they name the clock before them.
        later = self._final["slakpiinstance"].filter(pl.col("createdon") > self._now)
        clocks = pl.concat([past["slakpiinstance"], later])
        past["incident"] = cases(self._final["incident"], self._changes["incident"], clocks, self._now)
        titles = self._final["incident"].select("incidentid", "title")
        past["queueitem"] = queue_items(self._final["queueitem"], self._changes["queueitem"], titles, self._now)
        kept = without_cases(past, self.deleted_cases)
        user = self._final["systemuser"]["systemuserid"][-1]
        records = deletion_records(self._deletions, user, kept["audit"].schema)
        kept["audit"] = pl.concat([self._recorded(kept["audit"]), records])
        return kept

    @property
    def deleted_cases(self) -> tuple[str, ...]:
        """Ids of the cases that were deleted so far."""
        return tuple(case for case, _ in self._deletions)

    def advance(self, hours: float) -> Happenings:
        """Let time go on, up to the end of the life, and bring the environment to it."""
        before, merged_before = self._now, self._merged()
        self._now = min(self._now + timedelta(seconds=round(hours * 3600)), self.desk.end)
        gone = self._delete((self._now - before) / timedelta(days=1))
        tables = self.tables()
        counts = {name: self._bring(name, tables[name]) for name in sorted(tables, key=_order)}
        created, changed, deleted = (
            {name: count[part] for name, count in counts.items() if count[part]} for part in range(3)
        )
        merged = tuple(case for case in self._merged() if case not in merged_before)
        return Happenings(self._now, created, changed, deleted, merged, tuple(gone))

    def truth(self, language: str) -> pa.Table:
        """The event log that is right at the present, without deleted cases.

        Exact at the end of the life. Before, attributes of a case and what later events prove of earlier ones are those
        of the end, as with `Story.tell`.
        """
        log = self.desk.truth(self._now, language)
        return log.filter(pc.invert(pc.is_in(log["CaseGuid"], pa.array(self.deleted_cases, pa.string()))))

    def _recorded(self, audit: pl.DataFrame) -> pl.DataFrame:
        """The audit without what deleted cases and their queue items would still have lived through."""
        ends = pl.DataFrame(
            self._deletions, schema={"case": pl.String, "gone_on": audit.schema["createdon"]}, orient="row"
        )
        items = self._changes["queueitem"].values.filter(pl.col("name") == "objectid").drop_nulls("new")
        items = items.select(item="id", case=pl.col("new").str.split(",").list.get(1)).unique("item")
        of_items = items.join(ends, on="case").select(case="item", gone_on="gone_on")
        joined = audit.join(pl.concat([ends, of_items]), left_on="_objectid_value", right_on="case", how="left")
        return joined.filter((pl.col("createdon") <= pl.col("gone_on")).fill_null(value=True)).drop("gone_on")

    def _bring(self, name: str, rows: pl.DataFrame) -> tuple[int, int, int]:
        """Bring one table to the present: how many rows were created, changed, deleted."""
        old, version = self.environment.tables[name], self.environment.version_number
        key = old.definition.key
        known = old.rows[key]
        self.environment.replace_rows(name, rows)
        new = rows.filter(~pl.col(key).is_in(known.implode())).height
        gone = known.len() + new - rows.height
        return new, self.environment.version_number - version - new - gone, gone

    def _delete(self, days: float) -> list[str]:
        """Delete as many cases as are due, among those that are there."""
        self._owed += days * self._deletions_per_day
        due, self._owed = int(self._owed), self._owed % 1
        present = set(self.environment.tables["incident"].rows["incidentid"])
        candidates = [case for case in deletable(self._final, self.deleted_cases) if case in present]
        gone = choose(candidates, due, self._random)
        self._deletions += [(case, self._now) for case in gone]
        return gone

    def _merged(self) -> list[str]:
        rows = self.environment.tables["incident"].rows
        return rows.filter(pl.col("_masterid_value").is_not_null())["incidentid"].to_list()


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _order(name: str) -> tuple[bool, str]:
    """Cases before what hangs on them, audit last: who reads in between finds no row without its case."""
    return name == "audit", str(_FIRST.index(name)) if name in _FIRST else name
