"""The published tables in the forms of other tools.

Belongs here: one module per form, each from the published database to files. Does not belong here: what the tables say
(`dbt_like_sql/marts`).
"""

from d365_pm.exports.errors import ExportError
from d365_pm.exports.parquet import MARTS, write_parquet

__all__ = ["MARTS", "ExportError", "write_parquet"]
