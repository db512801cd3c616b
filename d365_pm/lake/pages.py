"""Pages of a load that survive the process: one file per page, which also tells where to go on.

Belongs here: writing a page durably, and finding the pages that an interrupted attempt left. Rows, deletes and cursor
of a page are one file, so that after a crash all of them are there or none.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from d365_pm.lake.errors import LakeError
from d365_pm.lake.files import sync

_METADATA_KEY = b"d365_pm.page"
# Stream, number in the stream, arrival in the load: what tells pages apart and in order without opening them.
_NAME = re.compile(r"page\.([0-9a-f]{16})\.(\d{8})\.(\d{15})\.arrow")
# Arrow's own file format: written and read back in a tenth of the time of Parquet, and deleted soon.
_WRITE = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True, slots=True)
class PageFile:
    """A durable page.

    Attributes:
        path: Its file.
        stream: Digest of the name of its stream.
        number: Its place in the stream, from 0.
        arrival: Running number, within the load, of its first row.
    """

    path: Path
    stream: str
    number: int
    arrival: int


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a durable page tells beside its rows.

    Attributes:
        cursor: Where its stream goes on; None on the last page.
        rows: Rows of the page.
        rows_so_far: Rows of the stream up to and including the page.
        deleted: Ids that the page reports as deleted; they come after its rows.
    """

    cursor: str | None
    rows: int
    rows_so_far: int
    deleted: tuple[str, ...]

    @property
    def arrivals(self) -> int:
        """How many running numbers the page takes."""
        return self.rows + len(self.deleted)


def stream_digest(name: str) -> str:
    """The name of a stream as it is used in file names."""
    return sha256(name.encode()).hexdigest()[:16]


def write_page(folder: Path, rows: pa.Table, *, stream: str, number: int, arrival: int, facts: PageFacts) -> PageFile:
    """Write a page; when this returns, the page survives a crash of process and machine."""
    name = f"page.{stream}.{number:08}.{arrival:015}.arrow"
    temporary = folder / f"{name}.tmp"
    rows = rows.combine_chunks().replace_schema_metadata({_METADATA_KEY: json.dumps(asdict(facts))})
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, rows.schema, options=_WRITE) as file:
        file.write_table(rows)
    sync(temporary)
    temporary.replace(folder / name)
    sync(folder)
    return PageFile(folder / name, stream, number, arrival)


def find_pages(folder: Path) -> dict[str, list[PageFile]]:
    """Find the pages of each stream, in order, up to the first that is missing or the last that can be read."""
    found = sorted(_page_files(folder), key=lambda page: (page.stream, page.number))
    streams = {stream: list(pages) for stream, pages in groupby(found, key=lambda page: page.stream)}
    return {stream: _readable(_unbroken(pages)) for stream, pages in streams.items()}


def read_facts(page: PageFile) -> PageFacts:
    """Read what a page tells beside its rows.

    Raises:
        LakeError: The file is damaged.
    """
    with _opened(page) as file:
        return _facts(file)


def read_page(page: PageFile) -> tuple[pa.Table, PageFacts]:
    """Read a page.

    Raises:
        LakeError: The file is damaged.
    """
    with _opened(page) as file:
        return file.read_all(), _facts(file)


def read_columns(page: PageFile, names: Sequence[str]) -> pa.Table:
    """Read some columns of a page.

    Raises:
        LakeError: The file is damaged.
    """
    with _opened(page) as file:
        places = [file.schema.get_field_index(name) for name in names]
    with _opened(page, places) as file:
        return file.read_all().select(list(names))


def remove_pages(folder: Path, pages: Sequence[PageFile]) -> None:
    """Remove pages of a stream for good, the last first, so that those left are always its beginning."""
    for page in sorted(pages, key=lambda page: page.number, reverse=True):
        page.path.unlink(missing_ok=True)
    sync(folder)


def _page_files(folder: Path) -> Iterator[PageFile]:
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            yield PageFile(path, match[1], int(match[2]), int(match[3]))


def _unbroken(pages: list[PageFile]) -> list[PageFile]:
    return [page for place, page in enumerate(pages) if page.number == place]


def _readable(pages: list[PageFile]) -> list[PageFile]:
    """Without the last pages, should they be damaged: the stream goes on from the one before."""
    while pages:
        try:
            read_facts(pages[-1])
        except LakeError:
            pages = pages[:-1]
        else:
            return pages
    return pages


@contextmanager
def _opened(page: PageFile, places: Sequence[int] = ()) -> Iterator[pa.RecordBatchFileReader]:
    options = pa.ipc.IpcReadOptions(included_fields=list(places))
    try:
        with pa.OSFile(str(page.path)) as source, pa.ipc.open_file(source, options=options) as file:
            yield file
    except (pa.ArrowInvalid, OSError):
        raise _damaged(page) from None


def _facts(file: pa.RecordBatchFileReader) -> PageFacts:
    described: dict[str, Any] = json.loads(file.schema.metadata[_METADATA_KEY])
    return PageFacts(**{**described, "deleted": tuple(described["deleted"])})


def _damaged(page: PageFile) -> LakeError:
    return LakeError(f"{page.path} is damaged; delete the folder it lies in and load again.")
