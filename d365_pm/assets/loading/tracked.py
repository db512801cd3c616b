"""Reading a table that tracks its changes: everything once, then what has changed since the last link.

A link is opaque and dies when the server forgets it or the table's definition changes; then this one table is read
again from the start, and no other.
"""

import asyncio
from dataclasses import dataclass

from d365_pm.assets.loading.intake import Intake
from d365_pm.assets.loading.loaded import Proof
from d365_pm.assets.loading.mark import Mark
from d365_pm.assets.loading.proof import IncompleteError
from d365_pm.dataverse import DataverseClient, ExpiredTokenError, TableShape


@dataclass(frozen=True, slots=True)
class Followed:
    """How a tracked read has ended.

    Attributes:
        link: Delta link for the next run; None if the server gave none.
        proof: Reconciliation with the server's count.
    """

    link: str | None
    proof: Proof


@dataclass(frozen=True, slots=True)
class TrackedReader:
    """Reads one table with change tracking.

    Attributes:
        client: Where from.
        shape: What.
        intake: Where to.
    """

    client: DataverseClient
    shape: TableShape
    intake: Intake

    async def baseline(self) -> Followed:
        """Read all rows and get the first link; once more if the server counts more than came.

        Raises:
            IncompleteError: Twice in a row rows are missing.
        """
        for _ in range(2):
            counted = await self.client.count(self.shape)
            mark = await self._follow("baseline", since=None, counted=counted)
            read = await self._read(mark)
            if mark.counted is not None and read < mark.counted and mark.delta_link:
                # Rows that were deleted before their page came are told by the link, and nothing else is missing.
                later = await self._follow("meanwhile", since=mark.delta_link)
                read = await self._read(mark, later)
                mark = Mark(delta_link=later.delta_link, counted=mark.counted)
            proof = Proof(read, mark.counted)
            if proof.holds:
                return Followed(mark.delta_link, proof)
            await asyncio.to_thread(self.intake.restart)
        raise IncompleteError(self.shape.table.name, proof)

    async def changes(self, since: str) -> Followed:
        """Read what has changed since a link.

        Raises:
            ExpiredTokenError: The link is no more good, or what came does not reach the server's own count.
        """
        mark = await self._follow("changes", since=since)
        read = await self._read(mark)
        if not read:
            return Followed(mark.delta_link, Proof(0))
        counted = await self.client.changed_count(self.shape, since)
        if counted is not None and counted > read and mark.delta_link:
            # Counted after reading, so the difference may be what has changed meanwhile.
            later = await self._follow("later-changes", since=mark.delta_link)
            read = await self._read(mark, later)
            mark = later
        proof = Proof(read, counted)
        if not proof.holds:
            raise ExpiredTokenError(f"{counted} rows have changed by the server's count, and {read} came.")
        return Followed(mark.delta_link, proof)

    async def _follow(self, name: str, *, since: str | None, counted: int | None = None) -> Mark:
        stream = self.intake.stream(name)
        return await self.intake.follow(
            stream, lambda link: self.client.changes(self.shape, since=since, resume=link), counted=counted
        )

    async def _read(self, *marks: Mark) -> int:
        kept = await asyncio.to_thread(self.intake.load.distinct_keys)
        return kept + sum(mark.uncounted for mark in marks)
