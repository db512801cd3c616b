"""Reading a folder as one table: `from activities` means all of its models, one below the other.

Belongs here: the text of the union. The columns are listed, in the order of the first file: `union all by name` would
be traced by position, silently wrong.
"""

from collections.abc import Sequence
from pathlib import Path

from d365_pm.warehouse.errors import ModelError
from d365_pm.warehouse.model import UNION_LAYER, ModelColumn, TableName
from d365_pm.warehouse.statement import FolderUse


def require_same_columns(members: Sequence[tuple[Path, Sequence[ModelColumn]]]) -> None:
    """Refuse a folder whose files differ in their columns or the order of them.

    Raises:
        ModelError: Names the first file that differs from the first one, and the column.
    """
    for path, columns in members[1:]:
        first_path, expected = members[0]
        wanted, found = [column.name for column in expected], [column.name for column in columns]
        if wanted == found:
            continue
        place = next(
            (i for i, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b), min(len(wanted), len(found))
        )
        raise ModelError(
            path,
            1,
            f"column {place + 1} is {_name(found, place)}, in {first_path.name} it is {_name(wanted, place)}; "
            f"all files of {UNION_LAYER} have the same columns in the same order.",
        )


def union(use: FolderUse, *, tables: Sequence[TableName], columns: Sequence[str]) -> str:
    """What stands for the folder's name: the union of its models, on one line, so that lines keep their numbers."""
    listed = ", ".join(columns)
    alias = "" if use.has_alias else f" as {UNION_LAYER}"
    return f"({' union all '.join(f'select {listed} from {table}' for table in tables)}){alias}"


def _name(columns: Sequence[str], place: int) -> str:
    return f"'{columns[place]}'" if place < len(columns) else "missing"
