"""The reconciliation of what was read with what the server counts, and the error when it fails."""

from collections.abc import Sequence

from d365_pm.assets.loading.loaded import Proof
from d365_pm.errors import D365PMError


class IncompleteError(D365PMError):
    """The server counts more rows than it gives."""

    def __init__(self, table: str, proof: Proof) -> None:
        bound = min(count for count in (proof.counted, proof.recounted) if count is not None)
        super().__init__(
            f"The table {table} was read twice and is not whole: {proof.read:,} different rows came and the server "
            f"counts {bound:,}, so {bound - proof.read:,} are missing. What was loaded before is unchanged; run it "
            "again, and if it stays so, compare the security role's read depth (organisation) with the table."
        )


def total(counts: Sequence[int | None]) -> int | None:
    """Sum of counts; None if one of them is not known."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
