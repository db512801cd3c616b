"""The note that a table is still what it was: nothing was read, since something cheaper said that nothing changed."""

from datetime import datetime
from pathlib import Path

from d365_pm.lake.errors import explained
from d365_pm.lake.facts import LoadFacts, LoadKind
from d365_pm.lake.files import locked, work_folder
from d365_pm.lake.ledger import append_to_ledger
from d365_pm.lake.table import RawTable


def record_unchanged(root: Path, table: RawTable, *, extracted_at: datetime) -> None:
    """Record that a table was looked at and had not changed, so that its rows count as read at that instant.

    Raises:
        LakeError: The folder cannot be used.
    """
    folder = root / table.name
    facts = LoadFacts(table.name, extracted_at, None, None, 0, kind=LoadKind.DELTA.value)
    with explained(folder), work_folder(folder) as work, locked(folder):
        append_to_ledger(folder, facts, work=work)
