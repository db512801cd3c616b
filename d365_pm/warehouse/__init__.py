"""Runs the SQL models on an engine and publishes the result; knows their columns and where those come from.

Belongs here: SQL files, DuckDB. Does not belong here: the raw files (`lake/`) and what the tables promise
(`contracts/`).
"""

from d365_pm.contracts.seed_spec import Seed
from d365_pm.warehouse.engine import ModelRun, Warehouse
from d365_pm.warehouse.errors import ModelError, WarehouseError
from d365_pm.warehouse.lineage import Lineage
from d365_pm.warehouse.model import ColumnName, Header, Model, ModelColumn, Stored, TableName
from d365_pm.warehouse.project import Project, load_project
from d365_pm.warehouse.publish import publish

__all__ = [
    "ColumnName",
    "Header",
    "Lineage",
    "Model",
    "ModelColumn",
    "ModelError",
    "ModelRun",
    "Project",
    "Seed",
    "Stored",
    "TableName",
    "Warehouse",
    "WarehouseError",
    "load_project",
    "publish",
]
