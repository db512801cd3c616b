"""Scripted faults: what shall go wrong, where, and how often.

Belongs here: the kinds, the plan and whose turn it is. Does not belong here: how a fault looks in an answer
(`fault_answers.py`, `fault_pages.py`) and on the wire (`fault_wire.py`).
"""

import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec

from d365_pm.errors import D365PMError
from d365_pm.sandbox.request_target import TOKEN_ENDPOINT, Target

_KEPT_FIRED = 10_000
LAST: Literal["last"] = "last"


class FaultFileError(D365PMError):
    """A file of `--faults` cannot be used."""


class FaultKind(StrEnum):
    """What can go wrong; sources: Web API reference 1.7, 3, 5, 6, 9 and 10."""

    THROTTLED = "throttled"
    """429 with `Retry-After`."""
    UNAVAILABLE = "unavailable"
    """503 without a useful body."""
    BAD_GATEWAY = "bad gateway"
    """502 as a web page."""
    GATEWAY_TIMEOUT = "gateway timeout"
    """504 as a web page."""
    REQUEST_TIMEOUT = "request timeout"
    """408."""
    SQL_TIMEOUT = "SQL timeout"
    """500, code 0x80044151."""
    UNAUTHORIZED = "unauthorized"
    """401 with an empty body: the token of the request has ended, and stays so."""
    SIGN_IN_DOWN = "sign-in down"
    """The same, and the token endpoint answers 500 the next `sign_in_failures` times."""
    SERVER_ERROR = "server error"
    """500 with a JSON body that is no Dataverse envelope; the fault of a token endpoint."""
    TABLE_GONE = "table gone"
    """404 for the entity set."""
    FORBIDDEN = "forbidden"
    """403 for a missing privilege."""
    EXPIRED_DELTA = "expired delta token"
    """400, code 0x80044352; played on requests that continue from a delta link."""
    HTML = "web page"
    """200 with HTML."""
    ERROR_BODY = "error body"
    """200 with an error envelope."""
    EMPTY_BODY = "empty body"
    """200 without a body."""
    CUT_JSON = "cut JSON"
    """200, whole as HTTP, with half of the JSON."""
    WRONG_TYPE = "wrong content type"
    """The right body, called text/plain."""
    REPEATED_LINK = "repeated link"
    """The page's nextLink leads to the page itself."""
    DUPLICATE_PAGE = "duplicate page"
    """The page comes a second time under another link, then the read goes on."""
    SKIPPED_PAGE = "skipped page"
    """The page's rows are left out; the read goes on."""
    OUT_OF_ORDER = "out of order"
    """The page and the next one change places; the last page comes backwards."""
    LOST_LINK = "lost link"
    """The page's nextLink is missing, so that the read seems to end."""
    FOREIGN_LINK = "foreign link"
    """The page's nextLink leads to another host."""
    MISSING_DELTA_LINK = "missing delta link"
    """The last page of a tracked read has no deltaLink."""
    LARGE_ROW = "large row"
    """The page's first row is 5 MB longer."""
    BAD_TEXT = "bad text"
    """A text of the page's first row begins with NUL and a lone surrogate."""
    RESET = "reset"
    """The connection is reset before any header."""
    DROP_AFTER_HEADERS = "drop after headers"
    """The connection ends after the headers."""
    CUT_BODY = "cut body"
    """The connection ends in the middle of the body."""
    SLOW_BODY = "slow body"
    """The body takes `seconds`."""
    DAMAGED_GZIP = "damaged gzip"
    """The compressed body has wrong bytes in its middle."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that shall go wrong.

    Attributes:
        kind: What.
        entity_set: At which entity set, or `token` for the sign-in; None means any request to the Web API.
        page: At which page of a read, the first being 1, or the last one; None means any request.
        times: How many times in a row.
        seconds: `Retry-After` of a 429 and 503 (0 leaves it out of a 503); how long a slow body takes.
        growth: Seconds that each further `Retry-After` is longer.
        sign_in_failures: For `SIGN_IN_DOWN`.
    """

    kind: FaultKind
    entity_set: str | None = None
    page: int | Literal["last"] | None = None
    times: int = 1
    seconds: float = 0.0
    growth: float = 0.0
    sign_in_failures: int = 1

    def is_at(self, target: Target, *, is_last: bool) -> bool:
        """This is where the fault shall happen."""
        wanted = target.entity_set if self.entity_set is None else self.entity_set
        if wanted != target.entity_set or (self.entity_set is None and wanted == TOKEN_ENDPOINT):
            return False
        if self.page is None:
            return True
        return target.page is not None and (is_last if self.page == LAST else self.page == target.page)


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that was played; `ordinal` counts its repetitions from 0."""

    fault: Fault
    target: Target
    ordinal: int

    @property
    def seconds(self) -> float:
        """Seconds of this repetition."""
        return self.fault.seconds + self.ordinal * self.fault.growth


class FaultPlan:
    """The faults still to come, in the order in which they were added; safe to use from several threads."""

    def __init__(self) -> None:
        self._left: list[tuple[Fault, int]] = []
        self._fired: deque[Fired] = deque(maxlen=_KEPT_FIRED)
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Let these happen, after those that wait at the same place."""
        with self._lock:
            self._left += [(fault, 0) for fault in faults if fault.times > 0]

    def clear(self) -> None:
        """Forget what is still to come and what has happened."""
        with self._lock:
            self._left.clear()
            self._fired.clear()

    @property
    def is_empty(self) -> bool:
        """Nothing is still to come."""
        return not self._left

    @property
    def waiting(self) -> tuple[Fault, ...]:
        """What is still to come."""
        with self._lock:
            return tuple(fault for fault, _ in self._left)

    @property
    def fired(self) -> tuple[Fired, ...]:
        """What has happened, in order."""
        with self._lock:
            return tuple(self._fired)

    def take(
        self, target: Target, *, is_last: bool = False, is_delta: bool = False, ends: bool = False
    ) -> Fired | None:
        """The fault whose turn it is at this request; it counts as played.

        Args:
            target: What the request aims at.
            is_last: The page has no nextLink.
            is_delta: The request continues from a delta link.
            ends: The page has a deltaLink.
        """
        unfit = set() if is_delta else {FaultKind.EXPIRED_DELTA}
        unfit |= set() if ends else {FaultKind.MISSING_DELTA_LINK}
        with self._lock:
            for place, (fault, played) in enumerate(self._left):
                if fault.kind in unfit or not fault.is_at(target, is_last=is_last):
                    continue
                if played + 1 < fault.times:
                    self._left[place] = (fault, played + 1)
                else:
                    del self._left[place]
                fired = Fired(fault, target, played)
                self._fired.append(fired)
                return fired
        return None


def read_faults(path: Path) -> list[Fault]:
    """Read a JSON list of faults; the names are those of `Fault`.

    Raises:
        FaultFileError: The file is missing or does not fit.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Fault])
    except OSError:
        raise FaultFileError(f"--faults {path}: the file cannot be read; give a JSON list of faults.") from None
    except msgspec.DecodeError as error:
        raise FaultFileError(f"--faults {path}: {error}; give a JSON list of faults.") from None
