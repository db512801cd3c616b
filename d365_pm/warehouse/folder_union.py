"""Reading a folder as one table: `from activities` means all of its models, one below the other.

Belongs here: writing the union out. The columns are listed, in the order of the first file: `union all by name` would
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


def expand(text: str, uses: Sequence[FolderUse], *, tables: Sequence[TableName], columns: Sequence[str]) -> str:
    """Write every use of the folder's name out as a union of its models."""
    listed = ", ".join(columns)
    # On one line, so that the lines of the file keep their numbers.
    union = " union all ".join(f"select {listed} from {table}" for table in tables)
    for use in sorted(uses, key=lambda use: use.start, reverse=True):
        alias = "" if use.has_alias else f" as {UNION_LAYER}"
        text = f"{text[: use.start]}({union}){alias}{text[use.end :]}"
    return text


def _name(columns: Sequence[str], place: int) -> str:
    return f"'{columns[place]}'" if place < len(columns) else "missing"
