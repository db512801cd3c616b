"""The folder of a load on its way: who works in it, and whether what an interrupted load left in it can be used.

Belongs here: the lock that tells a live load from a dead one, and adoption. Does not belong here: what the pages in it
are (`pages.py`) and what becomes of them (`load.py`).
"""

import fcntl
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from d365_pm.lake.errors import explained
from d365_pm.lake.files import LOCK, STALE_SECONDS, WORK_PREFIX, commit_file, locked, remove_stale
from d365_pm.lake.pages import PageFile, find_pages

_FILE = "attempt.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be the same for the pages of one load to serve another.

    Attributes:
        window: Span that is read.
        kind: Kind of the load.
        columns: Digest of the table's columns and types.
        fingerprint: Whatever else the caller wants to be the same.
    """

    window: str
    kind: str
    columns: str
    fingerprint: str


class Attempt:
    """The folder of one load, held by one process; made by `attempt`."""

    def __init__(self, folder: Path, lock: IO[str], identity: Identity, extracted_at: datetime) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.extracted_at = extracted_at
        self.is_done = False
        self._lock = lock
        self._identity = identity

    def outlive(self) -> None:
        """Have the pages of this folder found by the next load of the same identity, should this one not end well."""
        if not (self.folder / _FILE).exists():
            described = {"identity": asdict(self._identity), "extracted_at": self.extracted_at.isoformat()}
            temporary = self.work / "attempt.tmp"
            temporary.write_text(json.dumps(described))
            commit_file(temporary, self.folder / _FILE)

    def pages(self) -> dict[str, list[PageFile]]:
        """The pages of each stream that an interrupted load has left, without a gap; those after one are removed."""
        streams = find_pages(self.folder)
        usable = {page.path for pages in streams.values() for page in pages}
        for path in self.folder.glob("page.*"):
            if path not in usable:
                path.unlink()
        return streams

    def close(self) -> None:
        """Let go of the folder; what nobody can use again is removed."""
        shutil.rmtree(self.work if self._is_resumable else self.folder, ignore_errors=True)
        self._lock.close()

    @property
    def _is_resumable(self) -> bool:
        return not self.is_done and (self.folder / _FILE).exists() and any(find_pages(self.folder).values())


@contextmanager
def attempt(
    folder: Path, identity: Identity, *, extracted_at: datetime, is_superseded: Callable[[datetime], bool]
) -> Iterator[Attempt]:
    """Hold the folder of a load: that of an interrupted one of the same identity if there is one, else a new one.

    Args:
        folder: Folder of the table.
        identity: What the load reads.
        extracted_at: Start of a new load.
        is_superseded: Whether a load that started at an instant has nothing more to tell.

    Raises:
        LakeError: The folder cannot be used.
    """
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            remove_stale(folder)
            held = _adopted(folder, identity, is_superseded) or _new(folder, identity, extracted_at)
        shutil.rmtree(held.work, ignore_errors=True)
        held.work.mkdir()
    try:
        yield held
    finally:
        held.close()


def _new(folder: Path, identity: Identity, extracted_at: datetime) -> Attempt:
    path = folder / f"{WORK_PREFIX}{uuid.uuid4().hex}"
    path.mkdir()
    lock = (path / LOCK).open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return Attempt(path, lock, identity, extracted_at)


def _adopted(folder: Path, identity: Identity, is_superseded: Callable[[datetime], bool]) -> Attempt | None:
    """Take over what is left of an interrupted load, and remove what nobody will ever take over."""
    chosen: Attempt | None = None
    for path in sorted(folder.glob(f"{WORK_PREFIX}*")):
        lock = _taken(path)
        if lock is None:
            continue
        described = _described(path)
        usable = described and described["identity"] == asdict(identity) and chosen is None
        if described and usable:
            started = datetime.fromisoformat(described["extracted_at"])
            if not is_superseded(started):
                chosen = Attempt(path, lock, identity, started)
                continue
        if described is None or _is_about(described, identity):
            shutil.rmtree(path, ignore_errors=True)
        lock.close()
    return chosen


def _taken(path: Path) -> IO[str] | None:
    """Lock the folder of a load that no process holds any more."""
    # A load that ends meanwhile removes its own folder.
    with suppress(FileNotFoundError):
        lock = (path / LOCK).open("r+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock
    return None


def _described(path: Path) -> dict[str, Any] | None:
    """What an interrupted load was about; None if it is too old or left nothing that could be used."""
    with suppress(FileNotFoundError, ValueError):
        if (path / _FILE).stat().st_mtime >= time.time() - STALE_SECONDS:
            described: dict[str, Any] = json.loads((path / _FILE).read_text())
            return described
    return None


def _is_about(described: dict[str, Any], identity: Identity) -> bool:
    """Whether a load read the same span of the table; another span may still be asked for again."""
    return all(described["identity"][name] == getattr(identity, name) for name in ("window", "kind"))
