"""How the registry's tables appear in the raw layer.

The one place where the table registry meets the lake; both sides stay ignorant of each other. What Dagster shows of
them is in `table_metadata.py`, because reading needs no Dagster.
"""

import pyarrow as pa

from d365_pm.dataverse import ATTRIBUTE_METADATA, EVERY_TABLE, OPTION_LABEL, RAW_TYPES, Table
from d365_pm.lake import RawTable

ENVIRONMENT_TABLES: dict[str, tuple[RawTable, str]] = {
    "attribute_metadata": (
        RawTable("attribute_metadata", ATTRIBUTE_METADATA, key=("table_name", "column_name")),
        "A column of the environment, and whether its changes are audited.",
    ),
    "option_label": (
        RawTable("option_label", OPTION_LABEL, key=("table_name", "column_name", "code", "language")),
        "The label of an option value in one language of the environment.",
    ),
}
"""Tables that are made from the environment's metadata instead of its rows."""


def raw_table(table: Table) -> RawTable:
    """The raw layer's view of a registry table; types do not depend on the environment."""
    fields: list[tuple[str, pa.DataType]] = []
    for column in table.columns:
        fields.append((column.wire_name, RAW_TYPES[column.kind]))
        if column.polymorphic:
            fields.append((column.type_name, pa.string()))
    names = [name for name, _ in fields]
    return RawTable(
        table.name,
        pa.schema(fields),
        key=(table.key,),
        version=tuple(name for name in ("versionnumber", "modifiedon") if name in names),
        window=table.window,
        append_only=table.append_only,
        has_guids=True,
    )


RAW_TABLES: dict[str, RawTable] = {
    **{name: raw_table(table) for name, table in EVERY_TABLE.items()},
    **{name: table for name, (table, _) in ENVIRONMENT_TABLES.items()},
}
"""Every table of the raw layer, by name."""
