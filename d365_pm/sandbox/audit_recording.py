"""What the switches of auditing leave of the audit rows: an environment holds only what it would have recorded.

Belongs here: rows that auditing never wrote or that it wrote shorter (Web API reference 7.1 to 7.3). Does not belong
here: which rows can be read at an instant (`audit_store.py`). The rows are looked at again whenever they change, so
that what happens while the sandbox runs goes the same way.
"""

import datetime as dt
import threading

import polars as pl

from d365_pm.sandbox.audit_store import NOBODY, SWITCH_ACTIONS
from d365_pm.sandbox.audit_texts import cut_values, has_long_values, without_columns
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.stored import StoredTable, stable_id
from d365_pm.sandbox.switches import Switches

_TOUCHED = ("createdon", "changedata", "attributemask")
_FIELDS = (*_TOUCHED, "action", "objecttypecode")
_STARTED, _ENABLED, _DISABLED, _UPDATE = 105, 107, 110, 2


class AuditRecording:
    """Keeps the audit rows of one environment to what its switches allow; safe to use from several threads."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._seen: StoredTable | None = None

    def refresh(self) -> None:
        """Look at the rows if they are others than the last time."""
        table = self._environment.tables.get("audit")
        if table is None or table is self._seen:
            return
        with self._lock:
            if table is not self._seen:
                self._keep(table)

    def _keep(self, table: StoredTable) -> None:
        """Write what differs; what was written, and what came in meanwhile, is looked at the next time."""
        self._seen = table
        switches = self._environment.switches
        before = table.rows.select("auditid", *(table.values(table.definition.by_name[name]) for name in _FIELDS))
        if not (_has_effect(switches) or has_long_values(before, switches.audit_value_limit)):
            return
        after = _recorded(self._environment, before)
        changed = after.join(before, on=["auditid", *_TOUCHED], how="anti", nulls_equal=True)
        gone = before["auditid"].filter(~before["auditid"].is_in(after["auditid"].implode()))
        if len(gone):
            self._environment.delete("audit", gone)
        if changed.height:
            self._environment.upsert("audit", changed.select("auditid", *_TOUCHED))
        if missing := [*_missing_start(switches, after), *_missing_pauses(switches, after)]:
            self._environment.upsert("audit", missing)


def _has_effect(switches: Switches) -> bool:
    is_timed = switches.audit_off or switches.audit_since or switches.audit_pauses
    is_partial = is_timed or switches.unaudited_tables or switches.unaudited_columns
    return bool(is_partial) or switches.audit_has_fractions or switches.attribute_masks != "brought"


def _recorded(environment: Environment, rows: pl.DataFrame) -> pl.DataFrame:
    switches = environment.switches
    if switches.audit_off:
        return rows.clear()
    rows = rows.filter(~pl.col("objecttypecode").is_in(list(switches.unaudited_tables)))
    if switches.audit_since is not None:
        rows = _since(rows, switches)
    for pause in switches.audit_pauses:
        rows = rows.filter(_is_switch() | ~pl.col("createdon").is_between(*pause, closed="left"))
    rows = without_columns(rows, switches.unaudited_columns)
    rows = cut_values(rows, switches.audit_value_limit)
    if switches.audit_has_fractions:
        rows = rows.with_columns(_finer(pl.col("createdon"), pl.col("auditid")))
    return rows if switches.attribute_masks == "brought" else rows.with_columns(_masks(environment, rows))


def _since(rows: pl.DataFrame, switches: Switches) -> pl.DataFrame:
    """Nothing before auditing began; what tells of its beginning moves to that moment."""
    is_earlier = pl.col("createdon") < switches.audit_since
    moved = pl.when(is_earlier).then(pl.lit(switches.audit_since, dtype=rows.schema["createdon"]))
    return rows.filter(~is_earlier | _is_switch()).with_columns(moved.otherwise("createdon").alias("createdon"))


def _is_switch() -> pl.Expr:
    return pl.col("action").is_in(list(SWITCH_ACTIONS))


def _missing_start(switches: Switches, rows: pl.DataFrame) -> list[dict[str, object]]:
    """The row that tells when auditing of cases began, where nobody brought one."""
    is_start = (rows["action"] == _STARTED) & (rows["objecttypecode"] == "incident")
    if switches.audit_since is None or switches.audit_off or is_start.any() or "incident" in switches.unaudited_tables:
        return []
    return [_switch(stable_id("audit started"), switches.audit_since, _STARTED, "incident")]


def _missing_pauses(switches: Switches, rows: pl.DataFrame) -> list[dict[str, object]]:
    """The rows that tell when auditing was switched off and on again, unless they have been written."""
    if switches.audit_off:
        return []
    told = [
        _switch(stable_id("audit", action, at), at, action, "organization")
        for pause in switches.audit_pauses
        for at, action in zip(pause, (_DISABLED, _ENABLED), strict=True)
    ]
    return [row for row in told if row["auditid"] not in rows["auditid"]]


def _switch(audit_id: str, at: dt.datetime, action: int, table: str) -> dict[str, object]:
    return {
        "auditid": audit_id,
        "createdon": at,
        "action": action,
        "operation": _UPDATE,
        "objecttypecode": table,
        "_objectid_value": NOBODY,
        "_objectid_type": table,
    }


def _finer(instant: pl.Expr, row_id: pl.Expr) -> pl.Expr:
    """The same second with a fraction that depends on the row alone."""
    fraction = row_id.str.replace_all("-", "").str.slice(0, 7).str.to_integer(base=16) % 999_999 + 1
    return (instant.dt.truncate("1s") + pl.duration(microseconds=fraction)).alias(instant.meta.output_name())


def _masks(environment: Environment, rows: pl.DataFrame) -> pl.Series:
    """Numbers of the changed columns."""
    numbers = [
        {"objecttypecode": name, "column": column.name, "number": str(number)}
        for name, table in environment.tables.items()
        for number, column in enumerate(table.definition.columns, start=1)
    ]
    named = rows.select("auditid", "objecttypecode", column=_names(pl.col("changedata"))).explode("column")
    masks = (
        named.join(pl.DataFrame(numbers), on=["objecttypecode", "column"], how="inner", maintain_order="left")
        .group_by("auditid", maintain_order=True)
        .agg(pl.col("number").str.join(",").alias("mask"))
    )
    found = rows.select("auditid").join(masks, on="auditid", how="left", maintain_order="left")["mask"]
    is_wrapped = environment.switches.attribute_masks == "wrapped"
    return (("," + found + ",") if is_wrapped else found).alias("attributemask")


def _names(changedata: pl.Expr) -> pl.Expr:
    pairs = changedata.str.extract_all(r'"logicalName"\s*:\s*"\w+"')
    return pairs.list.eval(pl.element().str.extract(r'"(\w+)"$'))
