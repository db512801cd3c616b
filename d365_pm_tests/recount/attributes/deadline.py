"""SLA target and verdict of a case (2.7, 2.20)."""

from dataclasses import dataclass
from datetime import datetime

from d365_pm_tests.recount.activities.timers import CANCELED, Clocks, ended
from d365_pm_tests.recount.attributes.judgement import Story
from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.raw import Row
from d365_pm_tests.recount.rules import CANCELLED_AT_RESOLUTION

_NONCOMPLIANT, _SUCCEEDED = 1, 4
_RUNNING = frozenset({0, 2})
_CASE_SUCCEEDED, _CASE_NONCOMPLIANT = 3, 4


@dataclass(frozen=True)
class Deadlines:
    """The resolution clocks of cases."""

    clocks: Clocks

    def target(self, case: Dossier) -> int | None:
        """`SlaTargetResolutionTime` in seconds."""
        instances = self.clocks.instances(case, "resolution")
        if not instances:
            return _seconds(case.created, case.row.get("resolveby"))
        governing = _governing(instances)
        item = self.clocks.items.get(governing.get("_msdyn_slaitemid_value") or "", {})
        if item.get("failureafter") is not None:
            return int(item["failureafter"]) * 60
        root = self._root(case, governing)
        return _seconds(root.get("applicablefromvalue"), root.get("failuretime"))

    def is_breached(self, story: Story, as_of: datetime) -> bool | None:
        """`IsSlaBreached` by the platform's own verdict."""
        instances = self.clocks.instances(story.case, "resolution")
        if not instances:
            return _without_instance(story)
        governing = _governing(instances)
        failure, status = governing.get("failuretime"), governing["status"]
        if status == _NONCOMPLIANT:
            return True
        if status == _SUCCEEDED:
            met = governing.get("succeededon")
            return failure is not None and met is not None and met > failure
        if status in _RUNNING:
            return True if failure is not None and failure < as_of else None
        return _cancelled(governing, story) if status == CANCELED else None

    def _root(self, case: Dossier, instance: Row) -> Row:
        roots = self.clocks.roots(case, "resolution")
        return max(
            (row for row in roots if row["createdon"] <= instance["createdon"]),
            key=lambda row: row["createdon"],
            default=instance,
        )


def _governing(instances: list[Row]) -> Row:
    live = [row for row in instances if row["status"] != CANCELED]
    return (live or instances)[-1]


def _cancelled(instance: Row, story: Story) -> bool | None:
    resolved, end, failure = story.last_resolution, ended(instance), instance.get("failuretime")
    if not story.is_resolved or resolved is None or failure is None or not isinstance(end, datetime):
        return None
    return False if abs(end - resolved) <= CANCELLED_AT_RESOLUTION and failure >= resolved else None


def _without_instance(story: Story) -> bool | None:
    row = story.case.row
    if row.get("_resolvebykpiid_value") is not None and row.get("resolvebyslastatus") in {3, 4}:
        return bool(row["resolvebyslastatus"] == _CASE_NONCOMPLIANT)
    if row.get("resolveby") is None or story.last_resolution is None or not story.is_resolved:
        return None
    return bool(story.last_resolution > row["resolveby"])


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else int((end - start).total_seconds())
