"""The raw layer of an environment without a network: what an extraction would have written.

Belongs here: rows and definitions of a sandbox's environment, its switches obeyed, on their way through the lake. Does
not belong here: the kinds (`kinds.py`) and the models (`publication.py`).
"""

from collections.abc import Iterator
from datetime import datetime

import polars as pl
import pyarrow as pa

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.lake import open_load, record_missing
from d365_pm.sandbox.audit_definitions import audited_columns, audited_table
from d365_pm.sandbox.audit_recording import AuditRecording
from d365_pm.sandbox.audit_settings import write_settings
from d365_pm.sandbox.desk import Desk
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.schema import LANGUAGES
from d365_pm.sandbox.stored import StoredTable
from d365_pm.sandbox.switches import Switches
from d365_pm.settings import Settings

_NEVER_AUDITED = frozenset({"incidentresolution", "subject", "annotation"})
"""Tables that cannot be audited (table reference, trap 10)."""


def environment_of(desk: Desk, switches: Switches) -> Environment:
    """A desk as its environment keeps it: what auditing did not record is gone."""
    environment = Environment(desk.tables, switches)
    write_settings(environment)
    AuditRecording(environment).refresh()
    return environment


def write_raw_layer(settings: Settings, environment: Environment, *, as_of: datetime) -> None:
    """Write every table as one whole load at an instant; tables that the environment lacks are recorded as missing."""
    described = {"attribute_metadata": _attributes, "option_label": _labels}
    for name, table in RAW_TABLES.items():
        if name in described:
            rows = pa.Table.from_pylist(list(described[name](environment)), table.schema)
        elif name in environment.tables:
            rows = _page(environment.tables[name], table.schema)
        else:
            record_missing(settings.raw, table, extracted_at=as_of)
            continue
        with open_load(settings.raw, table, extracted_at=as_of) as load:
            load.write(rows)
            load.commit()


def _page(table: StoredTable, schema: pa.Schema) -> pa.Table:
    """The rows in the raw layer's columns and types."""
    wanted: dict[str, pl.Expr] = {}
    for column in table.definition.columns:
        wanted[column.wire_name] = table.values(column)
        if column.type.is_lookup:
            wanted[column.type_name] = table.targets(column)
    known = [wanted[name].alias(name) for name in schema.names if name in wanted]
    rows = table.rows.select(known).to_arrow() if table.rows.height else schema.empty_table()
    empty = {kind: pa.nulls(rows.num_rows, kind) for kind in schema.types}
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else empty[field.type] for field in schema
    ]
    return pa.table(columns, schema=schema)


def _attributes(environment: Environment) -> Iterator[dict[str, object]]:
    for name, table in environment.tables.items():
        own = audited_table(table.definition, environment.switches)
        is_table_audited = own.is_audited and name not in _NEVER_AUDITED
        for column in audited_columns(own, environment.switches).columns:
            yield {
                "table_name": name,
                "column_name": column.name,
                "attribute_type": column.type.value,
                "is_table_audited": is_table_audited,
                "is_audited": column.is_audited,
                "is_change_tracked": own.has_change_tracking,
                "is_custom": False,
            }


def _labels(environment: Environment) -> Iterator[dict[str, object]]:
    for name, table in environment.tables.items():
        for column in table.definition.columns:
            for option in column.options:
                for lcid in LANGUAGES:
                    yield {
                        "table_name": name,
                        "column_name": column.name,
                        "code": option.code,
                        "language": lcid,
                        "label": option.label(lcid),
                        "state": option.state,
                    }
