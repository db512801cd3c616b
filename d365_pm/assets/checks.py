"""Contracts as asset checks: their specs, and how an outcome is shown."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from d365_pm.contracts.contract import Contract, Outcome
from d365_pm.contracts.quarantine import table_of


def check_spec(contract: Contract) -> dg.AssetCheckSpec:
    """The check that a contract becomes, on the asset that makes its table."""
    return dg.AssetCheckSpec(
        contract.name,
        asset=dg.AssetKey(contract.table.split(".")),
        description=f"{contract.description} (Event-log semantics {contract.section}.)",
        blocking=contract.blocking,
    )


def check_result(outcome: Outcome, quarantine: Path) -> dg.AssetCheckResult:
    """What the UI shows of an outcome; integers become a history plot there.

    Args:
        outcome: How a table stands to a promise.
        quarantine: File that keeps the failing rows.
    """
    contract = outcome.contract
    metadata: dict[str, dg.MetadataValue] = {
        "rows_judged": dg.MetadataValue.int(outcome.judged),
        "rows_failed": dg.MetadataValue.int(outcome.failed),
    }
    if not outcome.passed:
        metadata["failing_rows"] = dg.MetadataValue.md(_markdown_table(outcome.examples()))
        metadata["rows_kept"] = dg.MetadataValue.int(outcome.rows.num_rows)
        metadata["quarantine_table"] = dg.MetadataValue.text(table_of(contract))
        metadata["quarantine_file"] = dg.MetadataValue.path(quarantine)
    return dg.AssetCheckResult(
        passed=outcome.passed,
        asset_key=dg.AssetKey(contract.table.split(".")),
        check_name=contract.name,
        severity=dg.AssetCheckSeverity.ERROR if contract.blocking else dg.AssetCheckSeverity.WARN,
        description=None if outcome.passed else _sentence(outcome),
        metadata=metadata,
    )


def _sentence(outcome: Outcome) -> str:
    return (
        f"{outcome.contract.table} breaks a promise ({outcome.contract.description}): {outcome.failed:,} of "
        f"{outcome.judged:,} rows. Read them in table {table_of(outcome.contract)} of the quarantine file."
    )


def _markdown_table(rows: Sequence[Mapping[str, object]]) -> str:
    lines = [[*rows[0]], ["---"] * len(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(value: object) -> str:
    return "*null*" if value is None else str(value).replace("|", "\\|").replace("\n", " ")[:80]
