"""Files that are either old or new, never half: temporary folders, locks, atomic replacement.

Belongs here: what the operating system must be told so that a crash at any moment leaves the last good file.
"""

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from d365_pm.lake.errors import explained

_PREFIX = ".load-"
_STALE_SECONDS = 24 * 3600


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """Make a hidden folder for the temporary files of one load and remove it at the end.

    It lies inside the table's folder, so that a rename stays on one file system, and its name matches no reader's glob,
    so that what a killed process leaves is invisible. Left-overs older than a day are removed first.

    Raises:
        LakeError: The folder cannot be made.
    """
    work = folder / f"{_PREFIX}{uuid.uuid4().hex}"
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
        work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _remove_stale(folder: Path) -> None:
    oldest = time.time() - _STALE_SECONDS
    for left_over in folder.glob(f"{_PREFIX}*"):
        # A load that ends meanwhile removes its own folder.
        with suppress(FileNotFoundError):
            if left_over.stat().st_mtime < oldest:
                shutil.rmtree(left_over, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the table's lock against other loads; the operating system frees it when the process dies."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def commit_file(temporary: Path, target: Path) -> None:
    """Put a finished file in the place of `target`, durably and in one step."""
    _sync(temporary)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)
    _sync(target.parent)
    _sync(target.parent.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
