"""`d365-pm doctor`: what an environment can give, before anything is loaded.

Three steps, the last two pure: facts are gathered (`gathering.py`), judged as findings and forecast (`report.judge`),
and shown (`rendering.py`, `report.as_json`). What each activity and attribute needs is data, in `sources.csv`. Knows
nothing of Dagster and writes nothing.
"""

from d365_pm.doctor.facts import Facts
from d365_pm.doctor.finding import Finding, Severity
from d365_pm.doctor.forecast import Outlook, Verdict
from d365_pm.doctor.gathering import gather_facts
from d365_pm.doctor.report import Report, Status, as_json, judge

__all__ = [
    "Facts",
    "Finding",
    "Outlook",
    "Report",
    "Severity",
    "Status",
    "Verdict",
    "as_json",
    "gather_facts",
    "judge",
]
