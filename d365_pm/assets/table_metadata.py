"""How the tables of the raw layer appear in Dagster's metadata."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from d365_pm.lake import RawTable


def column_schema(table: RawTable) -> dg.TableSchema:
    """The columns of a raw table as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                field.name,
                str(field.type),
                constraints=dg.TableColumnConstraints(nullable=field.name not in table.key),
                tags={"key": "true"} if field.name in table.key else None,
            )
            for field in table.schema
        ]
    )


def load_metadata(table: RawTable, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata of a raw materialization: its columns, and the facts of its load."""
    return {"dagster/column_schema": column_schema(table), **facts}
