"""Contracts as asset checks: their specs, and how an outcome is shown."""

import dagster as dg
import polars as pl

from d365_pm.contracts.contract import Contract, Outcome


def check_spec(contract: Contract) -> dg.AssetCheckSpec:
    """The check that a contract becomes, on the asset that makes its table."""
    return dg.AssetCheckSpec(
        contract.name,
        asset=dg.AssetKey(contract.table.split(".")),
        description=contract.description,
        blocking=contract.blocking,
    )


def check_result(outcome: Outcome) -> dg.AssetCheckResult:
    """What the UI shows of an outcome; integers become a history plot there."""
    contract = outcome.contract
    metadata: dict[str, dg.MetadataValue] = {
        "rows_judged": dg.MetadataValue.int(outcome.judged),
        "rows_failed": dg.MetadataValue.int(outcome.failed),
    }
    if not outcome.passed:
        metadata["failing_rows"] = dg.MetadataValue.md(markdown_table(outcome.sample))
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
        f"{outcome.judged:,} rows. The failing rows are in the check's metadata."
    )


def markdown_table(frame: pl.DataFrame) -> str:
    """A small frame as a table that the UI renders."""
    lines = [frame.columns, ["---"] * frame.width, *([_cell(value) for value in row] for row in frame.rows())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(value: object) -> str:
    return "*null*" if value is None else str(value).replace("|", "\\|").replace("\n", " ")[:80]
