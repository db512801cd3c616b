"""Giving a finished database to its readers, in one step.

Belongs here: the copy beside the target and its atomic replacement. The caller has audited what it publishes. A reader
that has the old file open keeps it; the next one to open the path sees the new file.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from d365_pm.warehouse.connection import connected
from d365_pm.warehouse.errors import WarehouseError, reason


def publish(working: Path, target: Path) -> None:
    """Replace the database that readers open by a copy of the working database.

    The copy has no raw views: they name files of this machine and would break elsewhere.

    Args:
        working: Working database; no other process may have it open.
        target: Published database; it need not exist.

    Raises:
        WarehouseError: The copy cannot be made; the published file is what it was.
    """
    if not working.exists():
        raise WarehouseError(f"There is nothing to publish: {working} does not exist; build the models first.")
    with connected(working) as connection:
        connection.execute("checkpoint")
    with _explained(target), _beside(target) as copy:
        shutil.copyfile(working, copy)
        with connected(copy) as connection:
            connection.execute("drop schema if exists raw cascade")
            connection.execute("checkpoint")
        _sync(copy)
        # A log of changes beside the old file would be applied to the new one.
        target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
        copy.replace(target)
        _sync(target.parent)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A hidden name on the target's file system; whatever has it is removed at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    copy = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        yield copy
    finally:
        for left_over in target.parent.glob(f"{copy.name}*"):
            left_over.unlink() if left_over.is_file() else shutil.rmtree(left_over, ignore_errors=True)


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.Error) as error:
        why = reason(error) if isinstance(error, duckdb.Error) else error.strerror or type(error).__name__
        raise WarehouseError(
            f"{target} cannot be replaced ({why}); free some space or change the folder's owner. "
            "The database published before stays readable."
        ) from None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
