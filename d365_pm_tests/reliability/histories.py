"""Random lives of two tables, for those who follow them by delta links.

Belongs here: seeded histories, and applying their operations to a running environment and to a model of it in plain
dictionaries at once. Does not belong here: whoever follows and compares. The same seed is the same history. A `Sync` is
where the follower reads; what it holds must equal the model at every quiet one, which the last operation always is.
"""

import datetime as dt
import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.schema import AttributeType, Column

START = dt.datetime(2026, 2, 9, 8, tzinfo=dt.UTC)
TOKEN_DAYS = 7
CASE, LETTER = "incident", "email"
KEYS = {CASE: "incidentid", LETTER: "activityid"}
COLUMNS = {
    CASE: ("title", "statecode", "prioritycode", "isescalated", "_masterid_value"),
    LETTER: ("subject", "statecode", "directioncode", "_regardingobjectid_value"),
}
"""What a history writes, added columns aside; a model row has each of these, null where nothing was written."""

_TEXTS = ("Login loop", "", "Ação ☕", 'say "no"', "50% + 1 & #2", "line\nbreak", "x" * 300, None)
_STEPS = {
    "insert": 22,
    "update": 26,
    "delete": 14,
    "re-create": 8,
    "merge": 8,
    "delete before seen": 7,
    "bulk": 3,
    "expiry": 3,
    "schema": 3,
    "sync": 16,
    "disturbed sync": 6,
}
KINDS = frozenset(_STEPS)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Upsert:
    """Rows are changed or come in; columns that a row does not name keep their values."""

    table: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """Rows go."""

    table: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A table gets a whole-number column: its delta tokens end."""

    table: str
    name: str


@dataclass(frozen=True, slots=True)
class PassTime:
    """Nothing happens for a while; beyond `TOKEN_DAYS` all delta tokens end."""

    hours: float


Write = Upsert | Delete | AddColumn | PassTime


@dataclass(frozen=True, slots=True)
class Sync:
    """The follower reads both tables.

    Attributes:
        between: Writes to apply after the first, second, ... page that it reads of its first table; none when quiet.
    """

    between: tuple[tuple[Write, ...], ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Nothing is written meanwhile, so the follower must hold exactly the model afterwards."""
        return not any(self.between)


Operation = Write | Sync


@dataclass(frozen=True, slots=True)
class History:
    """One life.

    Attributes:
        seed: Makes it again.
        page_size: Rows per page to ask for.
        operations: In order; the last one is a quiet `Sync`.
        kinds: What happens in it, of `KINDS`.
    """

    seed: int
    page_size: int
    operations: tuple[Operation, ...]
    kinds: frozenset[str]


@dataclass
class World:
    """An environment and its model, written to together."""

    environment: Environment = field(default_factory=lambda: Environment({}))
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {table: {} for table in KEYS})
    now: dt.datetime = START

    def __post_init__(self) -> None:
        self.environment.clock = lambda: self.now

    def apply(self, write: Write) -> None:
        """Carry out a write on both sides."""
        self.now += dt.timedelta(seconds=7)
        if isinstance(write, PassTime):
            self.now += dt.timedelta(hours=write.hours)
        elif isinstance(write, AddColumn):
            self.environment.add_column(write.table, Column(write.name, AttributeType.INTEGER, is_custom=True))
        elif isinstance(write, Delete):
            self.environment.delete(write.table, write.ids)
            for row_id in write.ids:
                self.rows[write.table].pop(row_id, None)
        else:
            self._upsert(write)

    def _upsert(self, write: Upsert) -> None:
        self.environment.upsert(write.table, write.rows)
        mine = self.rows[write.table]
        for row in write.rows:
            row_id = row[KEYS[write.table]]
            mine[row_id] = {**mine.get(row_id, dict.fromkeys(COLUMNS[write.table])), **row}

    def holds(self, table: str, found: Mapping[str, Row]) -> bool:
        """Whether somebody's rows of a table, by key, are the model's, in all columns that were ever written."""
        mine = self.rows[table]
        return found.keys() == mine.keys() and all(
            found[row_id].get(name) == value for row_id, row in mine.items() for name, value in row.items()
        )


def histories(count: int, *, seed: int = 0) -> Iterator[History]:
    """That many histories."""
    for number in range(count):
        yield history(seed + number)


def history(seed: int) -> History:
    """The history of a seed."""
    return _Author(seed).write()


class _Author:
    """Writes one history; knows which rows there are, and which the follower has seen."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = random.Random(seed)
        self._alive: dict[str, list[str]] = {CASE: [], LETTER: []}
        self._gone: dict[str, list[str]] = {CASE: [], LETTER: []}
        self._extra: dict[str, list[str]] = {CASE: [], LETTER: []}
        self._page_size = self._chance.randint(2, 9)
        self._kinds: set[str] = set()

    def write(self) -> History:
        operations: list[Operation] = [*self._insert(CASE, self._chance.randint(0, 12)), *self._insert(LETTER, 3)]
        for _ in range(self._chance.randint(6, 30)):
            [kind] = self._chance.choices(list(_STEPS), list(_STEPS.values()))
            self._kinds.add(kind)
            operations.extend(self._step(kind))
        operations.append(Sync())
        return History(self._seed, self._page_size, tuple(operations), frozenset(self._kinds))

    def _step(self, kind: str) -> list[Operation]:
        if kind == "sync":
            return [Sync()]
        if kind == "disturbed sync":
            return [Sync(tuple(tuple(self._some_writes()) for _ in range(self._chance.randint(1, 3))))]
        return [*self._writes(kind)]

    def _some_writes(self) -> list[Write]:
        kinds = self._chance.choices(["insert", "update", "delete", "re-create", "merge"], k=self._chance.randint(0, 3))
        return [write for kind in kinds for write in self._writes(kind)]

    def _writes(self, kind: str) -> list[Write]:
        table = self._chance.choice([CASE, CASE, LETTER])
        if kind == "insert":
            return self._insert(table, self._chance.randint(1, 3))
        if kind == "bulk":
            return self._insert(table, self._page_size * self._chance.randint(2, 4) + self._chance.randint(-1, 1))
        if kind == "delete before seen":
            born = self._insert(table, 2)
            return [*born, *self._delete(table, self._alive[table][-2:])]
        if kind == "expiry":
            return [PassTime(24 * TOKEN_DAYS + 1)]
        if kind == "schema":
            return self._add_column(table)
        return {"update": self._update, "delete": self._delete_some, "re-create": self._recreate, "merge": self._merge}[
            kind
        ](table)

    def _insert(self, table: str, count: int) -> list[Write]:
        ids = [str(uuid.UUID(int=self._chance.getrandbits(128), version=4)) for _ in range(count)]
        self._alive[table] += ids
        return [Upsert(table, tuple(self._row(table, row_id) for row_id in ids))] if ids else []

    def _update(self, table: str) -> list[Write]:
        chosen = self._choose(self._alive[table], 4)
        rows = tuple(self._part(table, self._row(table, row_id)) for row_id in chosen)
        return [Upsert(table, rows)] if rows else []

    def _delete_some(self, table: str) -> list[Write]:
        return self._delete(table, self._choose(self._alive[table], 3))

    def _delete(self, table: str, ids: list[str]) -> list[Write]:
        gone = tuple(ids)
        self._alive[table] = [row_id for row_id in self._alive[table] if row_id not in gone]
        self._gone[table] += gone
        return [Delete(table, gone)] if gone else []

    def _recreate(self, table: str) -> list[Write]:
        chosen = self._choose(self._gone[table], 2)
        self._gone[table] = [row_id for row_id in self._gone[table] if row_id not in chosen]
        self._alive[table] += chosen
        return [Upsert(table, tuple(self._row(table, row_id) for row_id in chosen))] if chosen else []

    def _merge(self, _: str) -> list[Write]:
        """One case ends in another, and some letters go over to the survivor."""
        if len(self._alive[CASE]) < 2:
            return []
        loser, survivor = self._chance.sample(self._alive[CASE], 2)
        writes: list[Write] = [Upsert(CASE, ({KEYS[CASE]: loser, "statecode": 2, "_masterid_value": survivor},))]
        letters = self._choose(self._alive[LETTER], 3)
        moved = tuple({KEYS[LETTER]: row_id, "_regardingobjectid_value": survivor} for row_id in letters)
        return [*writes, *([Upsert(LETTER, moved)] if moved else [])]

    def _add_column(self, table: str) -> list[Write]:
        name = f"new_extra{len(self._extra[table])}"
        self._extra[table].append(name)
        return [AddColumn(table, name)]

    def _choose(self, ids: list[str], most: int) -> list[str]:
        return self._chance.sample(ids, min(len(ids), self._chance.randint(1, most)))

    def _row(self, table: str, row_id: str) -> dict[str, Any]:
        chance = self._chance
        row: dict[str, Any] = {KEYS[table]: row_id, "statecode": chance.randint(0, 2)}
        if table == CASE:
            row |= {"title": chance.choice(_TEXTS), "prioritycode": chance.choice([1, 2, 3, None])}
            row |= {"isescalated": chance.choice([True, False, None])}
        else:
            row |= {"subject": chance.choice(_TEXTS), "directioncode": chance.choice([True, False])}
            row |= {"_regardingobjectid_value": chance.choice([*self._alive[CASE], None])}
        return row | {name: chance.choice([None, 0, 7]) for name in self._extra[table]}

    def _part(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """A row with some of its columns; now and then nothing but the key, which still is a write."""
        names = [name for name in row if name != KEYS[table] and self._chance.random() < 0.6]
        return {name: row[name] for name in (KEYS[table], *names)}
