"""Files that may be replaced while somebody reads them.

DuckDB opens a Parquet file by its path several times within one query; if the name has come to mean another file in
between, the query fails or, worse, mixes both. So every version of a file also has a hidden name of its own that never
means anything else: our readers use that one, and every other tool finds the newest version under the plain name.
"""

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

from d365_pm.lake.files import place_file, sync

_GRACE_SECONDS = 6 * 3600
"""How long a replaced version stays for those who still read it; no SQL layer runs that long."""


def commit_version(temporary: Path, target: Path) -> None:
    """Put a finished file in the place of `target`, in one step, without pulling it from under its readers."""
    place_version(temporary, target)
    sync(target.parent.parent)


def place_version(temporary: Path, target: Path) -> None:
    """The same for one of many folders with a file: durable once the caller has synced their common parent."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # On a file system without hard links readers share the plain name and may have to ask again.
    with suppress(OSError):
        os.link(temporary, target.parent / f".{target.name}.{uuid.uuid4().hex}")
    place_file(temporary, target)


def current_version(target: Path) -> Path:
    """Find the name under which the file that `target` is now will stay the same."""
    inode = target.stat().st_ino
    with os.scandir(target.parent) as entries:
        for entry in entries:
            if entry.name.startswith(f".{target.name}.") and entry.inode() == inode:
                return Path(entry.path)
    return target


def remove_replaced(folder: Path) -> None:
    """Remove the versions of a table's files that were replaced long ago."""
    oldest = time.time() - _GRACE_SECONDS
    # Hidden folders belong to loads that may end, and vanish, while we look.
    for version in folder.glob("[!.]*/.*.parquet.*"):
        facts = version.stat()
        # Losing its plain name leaves a version one name and changes its ctime.
        if facts.st_nlink == 1 and facts.st_ctime < oldest:
            version.unlink(missing_ok=True)
