"""The Dataverse tables that the event log reads, as data.

Belongs here: which tables, which of their columns, what they are keyed and windowed by. Does not belong here: how they
are fetched (`client.py`), what an environment really offers (`metadata.py`) and what a column means for the event log
(`dbt_like_sql/staging`). Source of every entry: the table reference, sections 3 to 7.

To add a table, add one entry to one of the tuples and one staging model.
"""

from d365_pm.dataverse.registry.activity import ACTIVITY_TABLES
from d365_pm.dataverse.registry.case import CASE_TABLES
from d365_pm.dataverse.registry.model import Column, Kind, Table
from d365_pm.dataverse.registry.optional import OPTIONAL
from d365_pm.dataverse.registry.reference import REFERENCE_TABLES

TABLES: dict[str, Table] = {table.name: table for table in (*CASE_TABLES, *ACTIVITY_TABLES, *REFERENCE_TABLES)}
"""Every table to extract, by logical name."""

EVERY_TABLE: dict[str, Table] = {**TABLES, **{table.name: table for table in OPTIONAL}}
"""Also those that are read only where a setting asks for them."""

__all__ = ["EVERY_TABLE", "TABLES", "Column", "Kind", "Table"]
