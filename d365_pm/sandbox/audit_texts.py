"""Changes to the text in which the log keeps changed columns.

Belongs here: columns taken out and values cut (Web API reference 7.1). Does not belong here: reading the text
(`audit_values.py`).
"""

from collections.abc import Callable, Iterable

import msgspec
import polars as pl

from d365_pm.sandbox.audit_values import Change, read_changes

_ELLIPSIS = "…"


def without_columns(rows: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Take columns out of audit rows; a row that tells of nothing else goes.

    Args:
        rows: Audit rows with `objecttypecode` and `changedata`.
        columns: Names such as `incident.ownerid`.
    """
    for table, _, name in (each.partition(".") for each in columns):
        is_told = pl.col("changedata").str.contains(rf'"logicalName"\s*:\s*"{name}"').fill_null(False)
        rows = _rewritten(rows, (pl.col("objecttypecode") == table) & is_told, _dropper(name))
    return rows


def _dropper(name: str) -> Callable[[Change], Change | None]:
    return lambda change: None if change.name == name else change


def has_long_values(rows: pl.DataFrame, limit: int) -> bool:
    """Some text is long enough to hold a value that is too long."""
    return bool((rows["changedata"].str.len_bytes() > limit).any())


def cut_values(rows: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Cut values longer than a number of characters; they end in an ellipsis then."""

    def cut(text: str | None) -> str | None:
        is_long = text is not None and len(text) > limit and not (len(text) == limit + 1 and text.endswith(_ELLIPSIS))
        return text[:limit] + _ELLIPSIS if is_long and text is not None else text

    is_long = (pl.col("changedata").str.len_chars() > limit).fill_null(False)
    return _rewritten(rows, is_long, lambda change: Change(change.name, cut(change.old), cut(change.new)))


def _rewritten(rows: pl.DataFrame, chosen: pl.Expr, change: Callable[[Change], Change | None]) -> pl.DataFrame:
    """Some rows with every change replaced; rows without changes afterwards go."""
    numbered = rows.with_row_index("position")
    affected = numbered.filter(chosen)
    if affected.is_empty():
        return rows
    texts = [_text(changedata, change) for changedata in affected["changedata"]]
    written = pl.DataFrame({"position": affected["position"], "text": pl.Series(texts, dtype=pl.String)})
    joined = numbered.join(written.with_columns(is_written=True), on="position", how="left", maintain_order="left")
    kept = joined.filter(pl.col("is_written").is_null() | pl.col("text").is_not_null())
    return kept.with_columns(pl.coalesce("text", "changedata").alias("changedata")).select(rows.columns)


def _text(changedata: str, change: Callable[[Change], Change | None]) -> str | None:
    """None for a row that tells of nothing any more; a text of another form stays."""
    changes = read_changes(changedata)
    if not changes:
        return changedata
    kept = [new for new in map(change, changes) if new is not None]
    if not kept:
        return None
    told = [{"logicalName": each.name, "oldValue": each.old, "newValue": each.new} for each in kept]
    return msgspec.json.encode({"changedAttributes": told}).decode()
