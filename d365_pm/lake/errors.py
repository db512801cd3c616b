"""What can go wrong with the raw layer, in sentences for the person who can mend it.

Belongs here: the error and the translation of the operating system's and DuckDB's complaints into it. Messages name
files and columns, never what a row holds.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from d365_pm.errors import D365PMError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
# pyarrow and DuckDB lose the number on the way and keep the operating system's words.
_FULL_WORDS = ("No space left", "quota exceeded", "File too large")
_FORBIDDEN_WORDS = ("Permission denied", "Read-only file system", "Operation not permitted")


class LakeError(D365PMError):
    """The raw layer cannot be written or read; the message names the path and the remedy."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a failure to read or write below `path` into one clear sentence.

    Raises:
        LakeError: Says why the path cannot be used and that what was there is kept.
    """
    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise LakeError(_sentence(path, error)) from None


def _sentence(path: Path, error: OSError | duckdb.Error) -> str:
    number = getattr(error, "errno", None)
    text = str(error)
    if number in _FULL or any(words in text for words in _FULL_WORDS):
        return f"The disk or quota under {path} is full; free some space and run again. What was there before is kept."
    if number in _FORBIDDEN or any(words in text for words in _FORBIDDEN_WORDS):
        return f"{path} cannot be written by this user; change its owner or mode, or set D365_PM_DATA_DIR elsewhere."
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"The rows for {path} do not fit into memory and spill space; free memory or disk and run again."
    if isinstance(error, duckdb.Error):
        return f"The files of {path} cannot be merged ({type(error).__name__}); delete the damaged file and load again."
    reason = error.strerror or type(error).__name__
    return f"{path} cannot be used ({reason}); check the path, or set D365_PM_DATA_DIR elsewhere."
