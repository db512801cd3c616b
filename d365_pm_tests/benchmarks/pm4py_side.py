"""pm4py on the finished log: formatting, durations of cases, rework, variants; in pandas, on one core.

Belongs here: what an analyst would call first, with what they find, so that nobody times nothing. It runs in an
environment of its own, because pm4py is under the AGPL and needs thirty packages; nothing of ours is imported.
"""

import time
from typing import Any


def analyse(*, log: str) -> dict[str, Any]:
    """Read a log and ask pm4py the four questions.

    Args:
        log: Parquet file with the 21 columns of the event log.

    Returns:
        `steps` with the seconds of each step, reading the file among them; `events`, `cases`, `variants` and `rework`
        (cases in which an activity happens again, added up over the activities).
    """
    import pandas
    import pm4py

    steps: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal clock
        steps[step], clock = time.perf_counter() - clock, time.perf_counter()

    table = pandas.read_parquet(log)
    lap("reading")
    table = pm4py.format_dataframe(
        table, case_id="ServiceRequest", activity_key="ActivityName", timestamp_key="EventTime"
    )
    lap("formatting")
    durations = pm4py.get_all_case_durations(table)
    lap("case durations")
    rework = pm4py.get_rework_cases_per_activity(table)
    lap("rework")
    variants = pm4py.get_variants(table)
    lap("variants")
    found = {"events": len(table), "cases": len(durations), "variants": len(variants), "rework": sum(rework.values())}
    return {"steps": steps, **found}
