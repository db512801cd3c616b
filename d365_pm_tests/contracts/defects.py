"""Planting a defect into healthy tables, and what the checks say of it."""

from dataclasses import dataclass

import duckdb

from d365_pm.contracts.catalogue import contracts
from d365_pm.contracts.contract import Outcome
from d365_pm.contracts.judgement import judge


@dataclass(frozen=True)
class Defect:
    """Something wrong with the tables.

    Attributes:
        sql: Statements that plant it.
        failed: Rows, cases or ids that the check has to report.
        also: Other checks that cannot but see it too.
    """

    sql: str
    failed: int = 1
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plant:
    """The tables of a healthy desk, in a transaction."""

    connection: duckdb.DuckDBPyConnection

    def broken_by(self, sql: str) -> dict[str, Outcome]:
        """Plant a defect, and hold all tables against all promises: those that are broken."""
        self.connection.execute(sql)
        outcomes = judge(self.connection, contracts())
        return {outcome.contract.name: outcome for outcome in outcomes if not outcome.passed}

    def judged(self, name: str) -> Outcome:
        """What one check says of the tables as they are."""
        [outcome] = judge(self.connection, [contract for contract in contracts() if contract.name == name])
        return outcome

    def assert_only(self, name: str, defect: Defect) -> None:
        """Plant a defect and see exactly its check fail, with the right count, rows that name it, and a reason."""
        broken = self.broken_by(defect.sql)
        assert set(broken) == {name} | defect.also
        outcome = broken[name]
        assert outcome.failed == defect.failed
        assert outcome.rows.num_rows == defect.failed
        assert set(outcome.contract.keys) <= set(outcome.rows.column_names)
        assert all(outcome.rows.column("reason").to_pylist())


def first(table: str, where: str) -> str:
    """Condition for the one row of a table that comes first among those that fulfil another."""
    return f"rowid = (select min(rowid) from {table} where {where})"


def event(assignments: str, where: str) -> str:
    """Statement that changes one event."""
    return f"update marts.events set {assignments} where {first('marts.events', where)};"


def case(assignments: str, where: str = "true") -> str:
    """Statement that changes one case."""
    return f"update marts.cases set {assignments} where {first('marts.cases', where)};"


def row(assignments: str, where: str = "true") -> str:
    """Statement that changes one row of the log."""
    return f"update marts.event_log set {assignments} where {first('marts.event_log', where)};"


def sees(*checks: str) -> frozenset[str]:
    """Checks that see a defect as well."""
    return frozenset(checks)
