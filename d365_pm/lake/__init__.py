"""The raw layer: commits pages of Dataverse rows durably as Parquet and tells SQL how to read them back.

Belongs here: files, their atomic replacement, the newest version of a row, the facts of each extraction. Does not
belong here: where rows come from (`dataverse/`) and what they mean (`dbt_like_sql/staging`).
"""

from d365_pm.lake.errors import LakeError
from d365_pm.lake.facts import SCHEMA as LOADS
from d365_pm.lake.facts import LoadFacts, Window
from d365_pm.lake.load import Committed, CommittedFile, Load, open_load, record_missing
from d365_pm.lake.origin import claim
from d365_pm.lake.table import RawTable
from d365_pm.lake.views import loads_sql, view_sql

__all__ = [
    "LOADS",
    "Committed",
    "CommittedFile",
    "LakeError",
    "Load",
    "LoadFacts",
    "RawTable",
    "Window",
    "claim",
    "loads_sql",
    "open_load",
    "record_missing",
    "view_sql",
]
