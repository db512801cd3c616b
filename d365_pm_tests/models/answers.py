"""What the models answer to one test: the events, cases and log rows of its own cases."""

from collections.abc import Sequence

from d365_pm_tests.models.evidence import assert_evidence, assert_published_evidence
from d365_pm_tests.models.invariants import assert_invariants
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.model_run import ModelRun


class Answers:
    """Rows of the models, limited to the cases of one test.

    Args:
        run: The models over the rows of one test or of several.
        cases: Ids of the cases of this test.
    """

    def __init__(self, run: ModelRun, cases: Sequence[str]) -> None:
        self._run = run
        self._cases = ", ".join(f"'{case}'" for case in cases)

    def activity(self, code: str) -> Rows:
        """Events of one activity, in the order of time; fails where one has other evidence than its rule."""
        order = "event_time, source_row_id, rule"
        events = self._run.select(f"activities.{code}", where=f"case_id in ({self._cases})", order=order)
        assert_evidence(events)
        return events

    def events(self) -> Rows:
        """Events, case by case in their order; fails where an invariant of every log or the evidence is broken."""
        events = self._run.select("marts.events", where=self._own, order='"CaseGuid", "SeqInCase"')
        assert_invariants(events)
        assert_published_evidence(events)
        return events

    def cases(self) -> Rows:
        """Cases."""
        return self._run.select("marts.cases", where=self._own, order='"CaseGuid"')

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

    @property
    def _own(self) -> str:
        return f'"CaseGuid" in ({self._cases})'
