"""Changes of owner that hit many cases at once (4.10)."""

from collections import defaultdict
from collections.abc import Iterable

from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.rules import BULK_CASES


def bulk_changes(cases: Iterable[Dossier]) -> frozenset[str]:
    """Audit rows of owner changes by one actor in one second over at least 20 cases."""
    groups: dict[object, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for case in cases:
        for change in case.updates("ownerid"):
            groups[change.user, change.time][case.id].add(change.audit_id)
    large = [hits for hits in groups.values() if len(hits) >= BULK_CASES]
    return frozenset(audit for hits in large for audits in hits.values() for audit in audits)
