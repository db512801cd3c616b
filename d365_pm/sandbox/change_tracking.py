"""Change tracking: delta tokens, and what changed between two of them (Web API reference 5).

Belongs here: the token's text, whether it is still good, and the changed and deleted rows of a table. Does not belong
here: requests and answers (`change_tracking_api.py`).
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from d365_pm.sandbox.errors import ApiError, bad_request
from d365_pm.sandbox.paging import lower_hex
from d365_pm.sandbox.stored import StoredTable

if TYPE_CHECKING:
    from d365_pm.sandbox.environment import Environment

EXPIRED = "0x80044352"
NOT_TRACKED = "0x80072491"
_TOKEN = re.compile(r"(\d{1,18})!(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
_TIME = "%m/%d/%Y %H:%M:%S"
_USUAL_DAYS = 7


@dataclass(frozen=True, slots=True)
class DeltaToken:
    """A place in the stream of an environment's writes.

    Attributes:
        version: Version number of the last write before it.
        at: UTC, whole seconds.
    """

    version: int
    at: dt.datetime

    @classmethod
    def now(cls, environment: "Environment") -> "DeltaToken":
        """The present end of the stream; tables must be looked up after it, so that no write falls in between."""
        return cls(environment.version_number, environment.clock().astimezone(dt.UTC).replace(microsecond=0))

    @classmethod
    def read(cls, text: str) -> "DeltaToken":
        """Read a token that was percent-decoded.

        Raises:
            ApiError: 400; this is no token.
        """
        match = _TOKEN.fullmatch(text)
        try:
            if match is not None:
                return cls(int(match[1]), dt.datetime.strptime(match[2], _TIME).replace(tzinfo=dt.UTC))
        except ValueError:
            pass
        raise bad_request("The delta token in $deltatoken is malformed; use the link of the answer unchanged.")

    @property
    def text(self) -> str:
        """The token, not encoded."""
        return f"{self.version}!{self.at:{_TIME}}"

    @property
    def url_text(self) -> str:
        """The token as it stands in a link."""
        return lower_hex(self.text)


def expired(status: int) -> ApiError:
    """The refusal of a token or stamp that is no longer good."""
    message = "Version stamp associated with the client has expired. Please perform a full sync."
    return ApiError(status, EXPIRED, message)


def not_tracked(table: str) -> ApiError:
    """The refusal where a table does not track changes."""
    return bad_request(f"Entity {table} isn't enabled for change tracking.", code=NOT_TRACKED)


def check_age(environment: "Environment", table: StoredTable, token: DeltaToken) -> None:
    """See that a token is still good: young enough, no newer than the environment, and of the table's present shape.

    Raises:
        ApiError: Code 0x80044352.
    """
    days = organization_days(environment, "expirechangetrackingindays", _USUAL_DAYS)
    is_old = environment.clock() - token.at > dt.timedelta(days=days)
    if is_old or token.version < table.altered or token.version > environment.version_number:
        raise expired(environment.switches.expired_token_status)


def organization_days(environment: "Environment", column: str, usual: int) -> int:
    """A number of days from the organisation's row."""
    table = environment.tables.get("organization")
    if table is None or column not in table.rows.columns or table.rows.is_empty():
        return usual
    days = table.rows[column][0]
    return usual if days is None else int(days)


@dataclass(frozen=True)
class ChangeSet:
    """What changed in a table between two tokens, each id once.

    Attributes:
        positions: Row numbers of the new and changed rows, by version.
        versions: Their version numbers.
        deleted: Ids of the deleted rows, by version.
        deletions: Version numbers of the deletions.
    """

    positions: npt.NDArray[np.uint32]
    versions: npt.NDArray[np.int64]
    deleted: pl.Series
    deletions: npt.NDArray[np.int64]

    @classmethod
    def between(cls, table: StoredTable, since: DeltaToken, until: DeltaToken) -> "ChangeSet":
        """The changes after one token up to and including another."""
        number = pl.col("versionnumber")
        rows = pl.DataFrame(schema={"position": pl.UInt32, "versionnumber": pl.Int64})
        if "versionnumber" in table.rows.columns:
            rows = table.rows.select("versionnumber").with_row_index("position")
        rows = rows.filter(number.is_between(since.version, until.version, closed="right")).sort("versionnumber")
        gone = table.deleted.filter(pl.col("version").is_between(since.version, until.version, closed="right"))
        gone = gone.sort("version")
        return cls(
            rows["position"].to_numpy(), rows["versionnumber"].to_numpy(), gone["id"], gone["version"].to_numpy()
        )

    def __len__(self) -> int:
        return len(self.versions) + len(self.deletions)

    def after(self, *, is_deletion: bool, version: int) -> int:
        """Number of entries up to one with this version, whether or not it is still among them."""
        if is_deletion:
            return len(self.versions) + int(np.searchsorted(self.deletions, version, side="right"))
        return int(np.searchsorted(self.versions, version, side="right"))

    def entry(self, number: int) -> tuple[bool, int]:
        """Whether an entry is a deletion, and its version."""
        if number < len(self.versions):
            return False, int(self.versions[number])
        return True, int(self.deletions[number - len(self.versions)])
