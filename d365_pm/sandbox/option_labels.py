"""Option labels of one environment: the schema's, corrected by the `stringmap` rows that somebody brought.

Belongs here: merging both, and the rows of `stringmap` that follow. A status reason that only the rows know takes its
state from the rows of its own table.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from d365_pm.sandbox.schema import ENGLISH, LANGUAGES, PORTUGUESE, AttributeType, Column, Option
from d365_pm.sandbox.stored import StoredTable, stable_id

Labels = dict[tuple[str, str], dict[int, dict[int, str]]]
"""(table, column) -> code -> language -> label."""

_ROWS = {
    "stringmapid": pl.String,
    "objecttypecode": pl.String,
    "attributename": pl.String,
    "attributevalue": pl.Int32,
    "value": pl.String,
    "langid": pl.Int32,
    "displayorder": pl.Int32,
}


def with_labels(tables: Mapping[str, StoredTable]) -> dict[str, StoredTable]:
    """Put brought labels into the columns' options, then make `stringmap` say what the columns say."""
    labelled = dict(tables)
    if "stringmap" not in tables:
        return labelled
    for (table, column), labels in _brought_labels(tables["stringmap"]).items():
        if table in labelled and column in labelled[table].definition.by_name:
            labelled[table] = _relabelled(labelled[table], column, labels)
    rows = pl.DataFrame(list(_label_rows(labelled)), schema=_ROWS, orient="row")
    labelled["stringmap"] = StoredTable(tables["stringmap"].definition, rows)
    return labelled


def _brought_labels(table: StoredTable) -> Labels:
    labels: Labels = defaultdict(lambda: defaultdict(dict))
    wanted = ("objecttypecode", "attributename", "attributevalue", "value", "langid")
    rows = table.rows.select(table.values(table.definition.by_name[name]) for name in wanted)
    for object_type, attribute, code, label, language in rows.iter_rows():
        if None not in (object_type, attribute, code, label):
            labels[object_type, attribute][code][language or ENGLISH] = label
    return labels


def _relabelled(table: StoredTable, name: str, labels: Mapping[int, Mapping[int, str]]) -> StoredTable:
    column = table.definition.by_name[name]
    options = {option.code: option for option in column.options}
    for code, by_language in labels.items():
        options[code] = _merged(options.get(code), code, by_language, _state_of(table, column, code))
    changed = replace(column, options=tuple(options.values()))
    columns = tuple(changed if each.name == name else each for each in table.definition.columns)
    return StoredTable(replace(table.definition, columns=columns), table.rows)


def _merged(old: Option | None, code: int, labels: Mapping[int, str], state: int | None) -> Option:
    some_label = next(iter(labels.values()))
    if old is None:
        old = Option(code, labels.get(ENGLISH, some_label), labels.get(PORTUGUESE, some_label), state)
    return replace(old, english=labels.get(ENGLISH, old.english), portuguese=labels.get(PORTUGUESE, old.portuguese))


def _state_of(table: StoredTable, column: Column, code: int) -> int | None:
    """State in which the rows use a status reason; the active one when none uses it."""
    if column.type is not AttributeType.STATUS:
        return None
    if not {"statecode", "statuscode"} <= set(table.rows.columns):
        return 0
    states = table.rows.filter(pl.col("statuscode") == code)["statecode"].drop_nulls()
    return int(states.mode().sort()[0]) if len(states) else 0


def _label_rows(tables: Mapping[str, StoredTable]) -> Iterator[tuple[str, str, str, int, str, int, int]]:
    for name, table in tables.items():
        for column in table.definition.columns:
            for order, option in enumerate(column.options, start=1):
                for language in LANGUAGES:
                    row_id = stable_id("stringmap", name, column.name, option.code, language)
                    yield row_id, name, column.name, option.code, option.label(language), language, order
