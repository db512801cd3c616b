"""The rows of the fault matrix: each kind of fault by name, and where it can be met.

Belongs here: names and scripts. Does not belong here: how a fault looks (`d365_pm.sandbox.faults`) and what a reader
makes of it (`fault_verdict.py`).
"""

from dataclasses import dataclass, replace
from typing import Literal

from d365_pm.sandbox.faults import LAST, Fault, FaultKind

Position = int | Literal["last"]

FIRST_PAGE, MIDDLE_PAGE = 1, 3
POSITIONS: tuple[Position, ...] = (FIRST_PAGE, MIDDLE_PAGE, LAST)
ALWAYS = 1_000_000
TRACKED = ("incident", "email")


@dataclass(frozen=True, slots=True)
class Script:
    """One row of the matrix.

    Attributes:
        name: What people call it.
        fault: What happens, wherever it is met.
        positions: Pages where it can be met.
        tables: Tables where it can be met.
        is_of_ten: One of the ten that the peers are put to as well.
        is_of_changes: It can be met only where changes since a link are read.
    """

    name: str
    fault: Fault
    positions: tuple[Position, ...] = POSITIONS
    tables: tuple[str, ...] = (*TRACKED, "audit")
    is_of_ten: bool = False
    is_of_changes: bool = False

    def at(self, entity_set: str, page: Position) -> Fault:
        """The fault at one place."""
        return replace(self.fault, entity_set=entity_set, page=page)

    @property
    def passes(self) -> bool:
        """It is over before patience is, so that nothing but a whole read will do."""
        # A second 401 in a row, with a fresh token, is the server's last word (reference 6.3).
        is_refused = self.fault.kind is FaultKind.UNAUTHORIZED and self.fault.times > 1
        return max(self.fault.times, self.fault.sign_in_failures) < ALWAYS and not is_refused


def _script(
    name: str,
    kind: FaultKind,
    *,
    times: int = 1,
    seconds: float = 0.0,
    sign_in_failures: int = 1,
    positions: tuple[Position, ...] = POSITIONS,
    tables: tuple[str, ...] = (*TRACKED, "audit"),
    is_of_ten: bool = False,
    is_of_changes: bool = False,
) -> Script:
    fault = Fault(kind, times=times, seconds=seconds, sign_in_failures=sign_in_failures)
    return Script(name, fault, positions, tables, is_of_ten, is_of_changes)


SCRIPTS = (
    _script("one 429", FaultKind.THROTTLED, is_of_ten=True),
    _script("eight 429 in a row", FaultKind.THROTTLED, times=8, is_of_ten=True),
    _script("503", FaultKind.UNAVAILABLE, is_of_ten=True),
    _script("500 with SQL timeout", FaultKind.SQL_TIMEOUT, is_of_ten=True),
    _script("401 mid-run", FaultKind.UNAUTHORIZED, is_of_ten=True),
    _script("cut connection", FaultKind.CUT_BODY, is_of_ten=True),
    _script("200 with cut JSON", FaultKind.CUT_JSON, is_of_ten=True),
    _script("200 with HTML", FaultKind.HTML, is_of_ten=True),
    _script("200 with an error body", FaultKind.ERROR_BODY, is_of_ten=True),
    _script("repeated nextLink", FaultKind.REPEATED_LINK, times=ALWAYS, is_of_ten=True),
    _script("reset before headers", FaultKind.RESET),
    _script("drop after headers", FaultKind.DROP_AFTER_HEADERS),
    _script("slow body", FaultKind.SLOW_BODY, seconds=0.3),
    _script("damaged gzip", FaultKind.DAMAGED_GZIP),
    _script("wrong content type", FaultKind.WRONG_TYPE),
    _script("200 with an empty body", FaultKind.EMPTY_BODY),
    _script("duplicate page, once", FaultKind.DUPLICATE_PAGE),
    _script("duplicate page, always", FaultKind.DUPLICATE_PAGE, times=ALWAYS),
    _script("skipped page, once", FaultKind.SKIPPED_PAGE),
    _script("skipped page, always", FaultKind.SKIPPED_PAGE, times=ALWAYS),
    _script("out-of-order page, once", FaultKind.OUT_OF_ORDER),
    _script("out-of-order page, always", FaultKind.OUT_OF_ORDER, times=ALWAYS),
    _script("lost nextLink, once", FaultKind.LOST_LINK, positions=(FIRST_PAGE, MIDDLE_PAGE)),
    _script("lost nextLink, always", FaultKind.LOST_LINK, positions=(FIRST_PAGE, MIDDLE_PAGE), times=ALWAYS),
    _script("two 401s", FaultKind.UNAUTHORIZED, times=2),
    _script("token endpoint 500, once", FaultKind.SIGN_IN_DOWN),
    _script("token endpoint 500, always", FaultKind.SIGN_IN_DOWN, sign_in_failures=ALWAYS),
    _script("404 of the table", FaultKind.TABLE_GONE, times=ALWAYS),
    _script("403 on the table", FaultKind.FORBIDDEN, times=ALWAYS),
    _script("nextLink to another host", FaultKind.FOREIGN_LINK, times=ALWAYS),
    _script("a row of 5 MB", FaultKind.LARGE_ROW),
    _script("NUL and lone surrogate in text", FaultKind.BAD_TEXT),
    _script("502 as a web page", FaultKind.BAD_GATEWAY),
    _script("504 as a web page", FaultKind.GATEWAY_TIMEOUT),
    _script("408", FaultKind.REQUEST_TIMEOUT),
    _script("503 for ever", FaultKind.UNAVAILABLE, times=ALWAYS),
    _script("missing deltaLink, once", FaultKind.MISSING_DELTA_LINK, positions=(LAST,), tables=TRACKED),
    _script("missing deltaLink, always", FaultKind.MISSING_DELTA_LINK, positions=(LAST,), tables=TRACKED, times=ALWAYS),
    _script("expired delta token", FaultKind.EXPIRED_DELTA, tables=TRACKED, is_of_changes=True),
)
"""Every kind of fault; "always" and "for ever" are faults that no patience outlasts."""

TEN = tuple(script for script in SCRIPTS if script.is_of_ten)
