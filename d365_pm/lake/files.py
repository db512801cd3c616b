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

WORK_PREFIX = ".load-"
STALE_SECONDS = 24 * 3600
LOCK = "lock"
"""File in the folder of a load that its process holds locked (`attempt.py`)."""


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """Make a hidden folder for the temporary files of one load and remove it at the end.

    It lies inside the table's folder, so that a rename stays on one file system, and its name matches no reader's glob,
    so that what a killed process leaves is invisible. Left-overs older than a day are removed first.

    Raises:
        LakeError: The folder cannot be made.
    """
    work = folder / f"{WORK_PREFIX}{uuid.uuid4().hex}"
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        remove_stale(folder)
        work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def remove_stale(folder: Path) -> None:
    """Remove folders for temporary files that are older than a day and belong to no load that can be resumed."""
    oldest = time.time() - STALE_SECONDS
    for left_over in folder.glob(f"{WORK_PREFIX}*"):
        # A load that ends meanwhile removes its own folder.
        with suppress(FileNotFoundError):
            if not (left_over / LOCK).exists() and left_over.stat().st_mtime < oldest:
                shutil.rmtree(left_over, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the table's lock against other loads; the operating system frees it when the process dies."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def commit_file(temporary: Path, target: Path) -> None:
    """Put a finished file in the place of `target`, durably and in one step."""
    place_file(temporary, target)
    sync(target.parent.parent)


def place_file(temporary: Path, target: Path) -> None:
    """The same for one of many folders with a file: durable once the caller has synced their common parent."""
    sync(temporary)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Have the operating system write a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
