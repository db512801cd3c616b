"""Cases and queue items at an earlier instant, undone by the desk's own audit.

Belongs here: the two audited tables. Does not belong here: tables without audit (`past.py`). An item that left its
queue is in no row of the finished desk; the record of its deletion says what it was.
"""

from datetime import datetime

import polars as pl

from d365_pm.sandbox.conform import MOMENT, engine_type
from d365_pm.sandbox.mover.changes import Changes
from d365_pm.sandbox.schema import TABLES, AttributeType, Column

_SLA_STATUS = {0: 1, 1: 4, 2: 2, 3: 1, 4: 3, 5: 1}
"""Status of a clock on the case, by the clock's own status."""
_CLOCKS = (
    ("_firstresponsebykpiid_value", "firstresponseslastatus", "responseby"),
    ("_resolvebykpiid_value", "resolvebyslastatus", "resolveby"),
)
"""Of each clock on a case: its lookup, its status and its deadline."""
_CHAIN = 6
_RESOLVED = 1


def cases(final: pl.DataFrame, changes: Changes, clocks: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """The cases at an instant.

    Args:
        final: The cases of the finished desk.
        changes: Their audit.
        clocks: The SLA clocks at that instant, and those to come.
        at: The instant.
    """
    rows = final.join(changes.alive(at).select(incidentid="id"), on="incidentid", how="semi", maintain_order="left")
    rows = _undone(rows, "incident", "incidentid", changes, at)
    is_user = pl.col("_ownerid_type") == "systemuser"
    rows = rows.with_columns(
        pl.when(is_user).then("_ownerid_value").alias("_owninguser_value"),
        pl.when(~is_user).then("_ownerid_value").alias("_owningteam_value"),
        pl.when(pl.col("escalatedon") <= at).then("escalatedon").alias("escalatedon"),
    )
    rows = _with_resolution(rows, changes, at)
    rows = _with_clocks(rows, clocks, at)
    return _with_last_touch(rows, "incidentid", changes, at).select(final.columns)


def queue_items(final: pl.DataFrame, changes: Changes, titles: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """The queue items at an instant, those included that were taken out later.

    Args:
        final: The queue items of the finished desk.
        changes: Their audit.
        titles: incidentid and title of every case.
        at: The instant.
    """
    alive = changes.alive(at)
    removed = _removed(final, changes, alive, titles)
    rows = pl.concat([final, removed], how="diagonal")
    rows = rows.join(alive.select(queueitemid="id"), on="queueitemid", how="semi", maintain_order="left")
    rows = _undone(rows, "queueitem", "queueitemid", changes, at)
    entered = _latest(rows, "queueitemid", changes.changed("queueid", at)).fill_null(rows["createdon"])
    worked = _latest(rows, "queueitemid", changes.changed("workerid", at))
    is_later = pl.col("modifiedon").is_null() | (pl.col("modifiedon") > at)
    rows = rows.with_columns(
        pl.when(is_later).then(entered).otherwise("enteredon").alias("enteredon"),
        pl.when(is_later).then(worked).otherwise("workeridmodifiedon").alias("workeridmodifiedon"),
    )
    return _with_last_touch(rows, "queueitemid", changes, at).select(final.columns)


def _removed(final: pl.DataFrame, changes: Changes, alive: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """Items that exist at the instant and not in the end, as they were when they were taken out."""
    rows = alive.join(final.select(id="queueitemid"), on="id", how="anti")
    rows = rows.select(queueitemid="id", createdon="born", _createdby_value="creator")
    last = changes.values.filter(pl.col("new").is_null())
    for name in changes.names:
        column = TABLES["queueitem"].by_name[name]
        values = last.filter(pl.col("name") == name).group_by("id").agg(value=pl.last("old"))
        rows = _with_values(rows, "queueitemid", column, values, keeps=False)
    rows = rows.join(titles, left_on="_objectid_value", right_on="incidentid", how="left")
    code = pl.lit(112).cast(final.schema["objecttypecode"]).alias("objecttypecode")
    return rows.with_columns(code).select(name for name in final.columns if name in {*rows.columns, "objecttypecode"})


def _undone(rows: pl.DataFrame, table: str, key: str, changes: Changes, at: datetime) -> pl.DataFrame:
    """Every audited column as it was."""
    for name in changes.names:
        rows = _with_values(rows, key, TABLES[table].by_name[name], changes.undone(name, at), keeps=True)
    return rows


def _with_values(rows: pl.DataFrame, key: str, column: Column, values: pl.DataFrame, *, keeps: bool) -> pl.DataFrame:
    """Put audited texts into a column; rows without one keep what they have, if they have it."""
    texts = values.with_columns(is_known=pl.lit(True))
    joined = rows.join(texts, left_on=key, right_on="id", how="left", maintain_order="left")
    parsed = {column.wire_name: _parsed(column)}
    if column.type.is_lookup:
        parsed[column.type_name] = pl.col("value").str.split(",").list.get(0)
    kept = [name for name in parsed if keeps and name in rows.columns]
    new = [
        pl.when("is_known").then(value).otherwise(pl.col(name) if name in kept else None).alias(name)
        for name, value in parsed.items()
        if not keeps or name in kept
    ]
    return joined.with_columns(new).drop("value", "is_known")


def _parsed(column: Column) -> pl.Expr:
    text = pl.col("value")
    if column.type.is_lookup:
        return text.str.split(",").list.get(1, null_on_oob=True)
    if column.type is AttributeType.BOOLEAN:
        return text == "True"
    return text.cast(engine_type(column))


def _latest(rows: pl.DataFrame, key: str, changed: pl.DataFrame) -> pl.Series:
    joined = rows.select(key).join(changed, left_on=key, right_on="id", how="left", maintain_order="left")
    return joined["changed"].cast(MOMENT)


def _with_resolution(rows: pl.DataFrame, changes: Changes, at: datetime) -> pl.DataFrame:
    resolved = _latest(rows, "incidentid", changes.changed("statecode", at, new=str(_RESOLVED)))
    final = pl.when(pl.col("deactivatedon") <= at).then("deactivatedon")
    known = pl.when(pl.col("statecode") == _RESOLVED).then(pl.coalesce(final, resolved))
    return rows.with_columns(known.alias("deactivatedon"))


def _with_clocks(rows: pl.DataFrame, clocks: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """The clock that each case showed then, with its deadline and status."""
    running = clocks.filter(pl.col("createdon") <= at)
    before = clocks.filter(pl.col("createdon") > at).select("slakpiinstanceid", "msdyn_prevslakpiinstanceid")
    for link, shown, deadline in _CLOCKS:
        for _ in range(_CHAIN):
            rows = rows.with_columns(_replaced(link, before, "msdyn_prevslakpiinstanceid", otherwise=pl.col(link)))
        status = _replaced(link, running, "status").replace_strict(_SLA_STATUS, default=1)
        rows = rows.with_columns(
            _replaced(link, running, "failuretime").alias(deadline),
            status.cast(rows.schema[shown]).alias(shown),
        )
    has_clock = pl.col("_resolvebykpiid_value").is_not_null()
    services = ("_slaid_value", "_slainvokedid_value")
    return rows.with_columns(pl.when(has_clock).then(name).alias(name) for name in services)


def _replaced(link: str, clocks: pl.DataFrame, column: str, *, otherwise: pl.Expr | None = None) -> pl.Expr:
    ids, values = clocks["slakpiinstanceid"], clocks[column]
    default = otherwise if otherwise is not None else None
    return pl.col(link).replace_strict(ids, values, default=default, return_dtype=values.dtype)


def _with_last_touch(rows: pl.DataFrame, key: str, changes: Changes, at: datetime) -> pl.DataFrame:
    touched = changes.touched(at)
    joined = rows.join(touched, left_on=key, right_on="id", how="left", maintain_order="left")
    is_later = pl.col("modifiedon").is_null() | (pl.col("modifiedon") > at)
    return joined.with_columns(
        pl.when(is_later).then(pl.max_horizontal("createdon", "touched")).otherwise("modifiedon").alias("modifiedon"),
        pl.when(is_later).then("toucher").otherwise("_modifiedby_value").alias("_modifiedby_value"),
    )
