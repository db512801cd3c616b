"""What the UI shows of a model: columns with their sources, lineage, rows, the file.

Column lineage is emitted in Dagster's standard form, and repeated in words, because the open-source UI does not draw
it.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from d365_pm.contracts.event_log import MANDATORY
from d365_pm.warehouse import ColumnName, Model, ModelRun, Project, Stored, TableName

_MOST_SOURCES = 4
"""Sources to name beside a column; a tooltip with forty helps nobody."""


STORED = {
    Stored.VIEW: "as a view: its statement runs for whoever reads it",
    Stored.STEP: "only while its layer is built, for the models of that layer",
    Stored.STEP_VIEW: "as a view that exists only while its layer is built",
}
"""What the UI says of models that are no table of the published database."""


def asset_key(table: TableName) -> dg.AssetKey:
    """Key of the asset that makes a table: its schema and its name."""
    return dg.AssetKey([table.schema, table.name])


def definition_metadata(model: Model) -> dict[str, Any]:
    """What is known of a model before it runs: its table, its rules, its SQL."""
    metadata: dict[str, Any] = {"sql": dg.MetadataValue.md(f"```sql\n{model.sql}\n```")}
    if not model.header.stored.is_step:
        metadata["dagster/table_name"] = str(model.table)
    if model.header.stored is not Stored.TABLE:
        metadata["stored"] = STORED[model.header.stored]
    if model.header.rules:
        metadata["rules"] = "; ".join(model.header.rules)
    return metadata


def run_metadata(project: Project, run: ModelRun) -> dict[str, Any]:
    """Metadata of one materialization of a model."""
    types = dict(run.columns)
    counted = {} if run.rows is None else {"dagster/row_count": run.rows}
    return counted | {
        "dagster/column_schema": _columns(project, run.model, types),
        "dagster/column_lineage": _lineage(project, run.model),
        "lineage": dg.MetadataValue.md(_in_words(project, run.model)),
        "seconds": round(run.seconds, 3),
    }


def _columns(project: Project, model: Model, types: Mapping[str, str]) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                types.get(column.name, "unknown"),
                description=_description(project, ColumnName(model.table, column.name), column.description),
                constraints=dg.TableColumnConstraints(nullable=not _is_mandatory(model, column.name)),
                tags={"mandatory": "true"} if _is_mandatory(model, column.name) else None,
            )
            for column in model.columns
        ]
    )


def _is_mandatory(model: Model, column: str) -> bool:
    return column in model.header.not_null or (model.layer == "marts" and column in MANDATORY)


def _description(project: Project, column: ColumnName, text: str) -> str:
    origins = [f"`{origin}`" for origin in project.lineage.origins(column)]
    if not origins:
        return text
    more = f" and {len(origins) - _MOST_SOURCES} more" if len(origins) > _MOST_SOURCES else ""
    return f"{text} Source: {', '.join(origins[:_MOST_SOURCES])}{more}".strip()


def _lineage(project: Project, model: Model) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(asset_key(source.table), source.name) for source in sources if _is_asset(source)]
            for name, sources in project.lineage.direct[model.table].items()
        }
    )


def _in_words(project: Project, model: Model) -> str:
    rows = [
        f"| `{name}` | {', '.join(_link(source) for source in sources) or 'constant'} |"
        for name, sources in project.lineage.direct[model.table].items()
    ]
    return "\n".join(["| column | made from |", "|---|---|", *rows])


def _link(source: ColumnName) -> str:
    text = f"`{source}`"
    return f"[{text}](/assets/{source.table.schema}/{source.table.name})" if _is_asset(source) else text


def _is_asset(source: ColumnName) -> bool:
    """Seeds and the table of loads are no assets of their own."""
    return source.table.schema != "seeds" and not source.table.name.startswith("_")
