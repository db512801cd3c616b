"""The raw layer: commits pages of Dataverse rows durably as Parquet and tells SQL how to read them back.

Belongs here: files, their atomic replacement, the newest version of a row, which rows are deleted, the facts of each
extraction and how far it got. Does not belong here: where rows come from (`dataverse/`) and what they mean
(`dbt_like_sql/staging`).
"""

from d365_pm.lake.errors import LakeError
from d365_pm.lake.facts import VISIBLE as LOADS
from d365_pm.lake.facts import LoadFacts, LoadKind, Window
from d365_pm.lake.latest import newest_instant
from d365_pm.lake.load import Committed, Load
from d365_pm.lake.opening import open_load, record_missing
from d365_pm.lake.origin import claim
from d365_pm.lake.publish import CommittedFile
from d365_pm.lake.reconcile import mark_absent
from d365_pm.lake.state import TableState, state
from d365_pm.lake.stream import Stream
from d365_pm.lake.table import RawTable
from d365_pm.lake.told import mark_deleted
from d365_pm.lake.unchanged import record_unchanged
from d365_pm.lake.views import loads_sql, view_sql, views_sql

__all__ = [
    "LOADS",
    "Committed",
    "CommittedFile",
    "LakeError",
    "Load",
    "LoadFacts",
    "LoadKind",
    "RawTable",
    "Stream",
    "TableState",
    "Window",
    "claim",
    "loads_sql",
    "mark_absent",
    "mark_deleted",
    "newest_instant",
    "open_load",
    "record_missing",
    "record_unchanged",
    "state",
    "view_sql",
    "views_sql",
]
