"""What the raw rows themselves answer about a record that a row of the log names.

Belongs here: looking a record, a name or a label up. Does not belong here: which record a column is about.
"""

import csv
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from d365_pm.dataverse.registry import EVERY_TABLE
from d365_pm.paths import sql_root
from d365_pm.settings import Language
from d365_pm_tests.models.model_run import ModelRun, seed_lines
from d365_pm_tests.models.names import name_of
from d365_pm_tests.models.raw_rows import Row

_NAMES = {"systemuser": "fullname", "team": "name", "queue": "name"}
_PREFIXES = {"systemuser": "user"}
_MACHINES = (3, 4)
_DEEPEST = 32


class RawAnswers:
    """Records behind the short names of one test.

    Args:
        run: The models over the rows of one test or of several.
        guid: GUID of a short name of this test.
    """

    def __init__(self, run: ModelRun, guid: Callable[[str], str]) -> None:
        self._run = run
        self._guid = guid
        self._tables: dict[str, Mapping[str, Row]] = {}
        self._labels: dict[tuple[str, str, int], str] | None = None

    @property
    def system(self) -> str:
        """Name of whoever is no person."""
        return "System" if self._run.settings.language is Language.ENGLISH else "Sistema"

    def guid(self, name: str) -> str:
        """GUID of a short name, or the GUID itself."""
        return self._guid(name)

    def short(self, value: str) -> str:
        """Short name of a GUID."""
        return name_of(value)

    def rows(self, table: str) -> Mapping[str, Row]:
        """Rows of a table by their GUID."""
        if table not in self._tables:
            key = EVERY_TABLE[table].key
            self._tables[table] = {row[key]: row for row in self._run.rows.get(table, []) if row[key] is not None}
        return self._tables[table]

    def row(self, table: str, name: str) -> Row:
        """The row of a short name."""
        return self.rows(table)[self.guid(name)]

    def name(self, table: str, record: str | None) -> str | None:
        """Name of a user, team or queue; the beginning of its GUID where its row is gone."""
        if record is None:
            return None
        row = self.rows(table).get(self.guid(record), {})
        return row.get(_NAMES[table]) or f"{_PREFIXES.get(table, table)}:{self.guid(record)[:8]}"

    def label(self, table: str, column: str, code: int | None) -> str | None:
        """Label of an option value, or `code:` and the value where it has none."""
        if code is None:
            return None
        if self._labels is None:
            labels = self._run.select("staging.option_label")
            self._labels = {(row["table_name"], row["column_name"], row["code"]): row["label"] for row in labels}
        return self._labels.get((table, column, code), f"code:{code}")

    def is_machine(self, user: Row) -> bool:
        """2.9: whether a user is no person."""
        listed = {row["user_id"].lower() for row in self.seed("system_users")}
        return (
            user.get("applicationid") is not None
            or user.get("accessmode") in _MACHINES
            or bool(user.get("isintegrationuser"))
            or (user.get("fullname") or "").upper() in ("SYSTEM", "INTEGRATION")
            or user["systemuserid"] in listed
        )

    def is_personal(self, queue: str) -> bool:
        """3.1: whether a queue is somebody's own."""
        key = self.guid(queue)
        name = self.rows("queue").get(key, {}).get("name") or ""
        owned = any(user.get("_queueid_value") == key for user in self.rows("systemuser").values())
        return key in self.rows("queue") and (owned or (name.startswith("<") and name.endswith(">")))

    def subject(self, audited: str | None) -> str | None:
        """Title of a category as an audit row names it."""
        if not audited:
            return None
        key = audited.rpartition(",")[2].lower()
        return self.rows("subject").get(key, {}).get("title") or name_of(key)

    def path(self, table: str, key: str | None, name: str, parent: str) -> list[str]:
        """Names of a node of a tree and of those above it, the root first."""
        names: list[str] = []
        row = self.rows(table).get(key or "")
        while row is not None and len(names) < _DEEPEST:
            names.insert(0, row[name])
            row = self.rows(table).get(row.get(parent) or "")
        return names

    def seed(self, name: str) -> list[dict[str, str]]:
        """Lines of a seed."""
        return seed_lines(name, self._run.settings)

    def choice(self, key: str) -> str:
        """A choice of the rules."""
        return next(line["value"] for line in self.seed("choices") if line["key"] == key)

    def threshold(self, key: str) -> int:
        """A threshold of the rules."""
        return next(int(line["value"]) for line in self.seed("thresholds") if line["key"] == key)

    def role(self, status: int | None) -> str | None:
        """4.12: role of a status reason."""
        return next((line["role"] for line in self.seed("status_roles") if line["status_code"] == str(status)), None)

    def rank(self, activity: str, kind: Any) -> int:
        """4.7: rank of an activity inside one second."""
        ranks = _activities()[activity]
        return int(ranks.get(f"rank_{kind}") or ranks["rank"])


@cache
def _activities() -> Mapping[str, Mapping[str, str]]:
    with (sql_root() / "seeds" / "activities.csv").open(encoding="utf-8", newline="") as lines:
        return {line["activity_code"]: line for line in csv.DictReader(lines)}
