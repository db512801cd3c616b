"""What the models answer to one test: the events, cases and log rows of its own cases."""

from collections.abc import Callable, Sequence

from d365_pm_tests.models.case_columns import Basis, assert_case
from d365_pm_tests.models.event_columns import assert_columns
from d365_pm_tests.models.evidence import assert_evidence, assert_identity, assert_published_evidence
from d365_pm_tests.models.invariants import assert_invariants
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.model_run import ModelRun
from d365_pm_tests.models.names import instant
from d365_pm_tests.models.raw_answers import RawAnswers

_SIGNS = ("case_contact", "owner_ping_pong", "inferred_reactivation")
"""Models that have a row of a case where it has something."""


class Answers:
    """Rows of the models, limited to the cases of one test.

    Args:
        run: The models over the rows of one test or of several.
        cases: Ids of the cases of this test.
        guid: GUID of a short name of this test.
    """

    def __init__(self, run: ModelRun, cases: Sequence[str], guid: Callable[[str], str]) -> None:
        self._run = run
        self._raw = RawAnswers(run, guid)
        self._cases = ", ".join(f"'{case}'" for case in cases)

    def activity(self, code: str) -> Rows:
        """Events of one activity, in the order of time; fails where one has other evidence than its rule."""
        order = "event_time, source_row_id, rule"
        events = self._run.select(f"activities.{code}", where=f"case_id in ({self._cases})", order=order)
        assert_evidence(events)
        assert_identity(events)
        return events

    def events(self) -> Rows:
        """Events, case by case in their order; fails where an invariant of every log or the evidence is broken."""
        events = self._run.select("marts.events", where=self._own, order='"CaseGuid", "SeqInCase"')
        assert_invariants(events)
        assert_published_evidence(events)
        assert_columns(events, self._raw)
        return events

    def cases(self) -> Rows:
        """Cases; fails where a column is not what the case's row and its events say."""
        cases = self._run.select("marts.cases", where=self._own, order='"CaseGuid"')
        bases = self._bases()
        for case in cases:
            assert_case(case, bases[case["CaseGuid"]], self._raw)
        return cases

    def log(self) -> Rows:
        """The event log in the order of time."""
        self._run.select("marts.cases", where="false")
        own = f'"ServiceRequest" in (select "ServiceRequest" from marts.cases where {self._own})'
        return self._run.select("marts.event_log", where=own, order='"EventTime", "ActivityName"')

    def rows_of(self, model: str) -> Rows:
        """Every row of a model that has no cases."""
        return self._run.select(model)

    def columns(self, model: str) -> dict[str, str]:
        """Columns of a model in order, with their types."""
        return self._run.columns(model)

    def _bases(self) -> dict[str, Basis]:
        """What the columns of each case rest on, read in one go."""
        of_case = {
            model: self._by_case(self._run.select(f"staging.{model}", where=f"case_id in ({self._cases})"))
            for model in ("incident", "audit_coverage", "sla_verdict", *_SIGNS)
        }
        keys = f"case_key in (select case_key from staging.incident where case_id in ({self._cases}))"
        events = self._run.select("marts.event_position", where=keys, order="case_key, seq_in_case")
        by_key: dict[int, Rows] = {}
        for event in events:
            by_key.setdefault(event["case_key"], Rows()).append(event)
        has_contacts = self._run.select("staging.table_presence").one()["has_contacts"]
        as_of = instant(self._run.select("staging.as_of").one()["as_of"])
        return {
            case: Basis(
                row=self._raw.row("incident", case),
                events=by_key.get(rows.one()["case_key"], Rows()),
                coverage=of_case["audit_coverage"][case].one(),
                clocks={row["sla_kpi"]: row for row in of_case["sla_verdict"].get(case, ())},
                was_contacted=case in of_case["case_contact"],
                has_contacts=has_contacts,
                has_ping_pong=case in of_case["owner_ping_pong"],
                inferred=sum(row["reactivations"] for row in of_case["inferred_reactivation"].get(case, ())),
                as_of=as_of,
            )
            for case, rows in of_case["incident"].items()
        }

    @staticmethod
    def _by_case(rows: Rows) -> dict[str, Rows]:
        grouped: dict[str, Rows] = {}
        for row in rows:
            grouped.setdefault(row["case_id"], Rows()).append(row)
        return grouped

    @property
    def _own(self) -> str:
        return f'"CaseGuid" in ({self._cases})'
