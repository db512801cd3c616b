"""The report in a person's words, shared by the terminal and the UI."""

from d365_pm.doctor.facts import Facts
from d365_pm.doctor.forecast import Outlook, Verdict
from d365_pm.doctor.load import CUSTOMER_SERVICE_ENTITLEMENT, SMALLEST_ENTITLEMENT, LoadForecast
from d365_pm.doctor.report import Report, Status

_VERDICTS = {
    Verdict.COMPLETE: "complete",
    Verdict.PARTIAL: "partial",
    Verdict.IMPOSSIBLE: "impossible",
}
_HEADLINES = {
    Status.HEALTHY: "healthy: everything that the event log wants is there",
    Status.LOSSES: "works with losses: a log can be made, with gaps",
    Status.UNUSABLE: "unusable: no log can be made",
}


def headline(report: Report) -> str:
    """The state of the environment in one line."""
    return f"{report.facts.address or 'no environment'}: {_HEADLINES[report.status]}"


def verdict(outlook: Outlook) -> str:
    """How much of a subject can be known."""
    if outlook.verdict is Verdict.SINCE and outlook.since:
        return f"partial: whole since {outlook.since:%Y-%m-%d}"
    return _VERDICTS[outlook.verdict]


def losses(outlook: Outlook) -> list[str]:
    """What is left of each part, with the rule that has to do."""
    return [
        f"{loss.part}: {f'fall-back {loss.rule}: ' if loss.rule else ''}{loss.tells}".removesuffix(": ")
        for loss in outlook.losses
    ]


def load_lines(facts: Facts, load: LoadForecast) -> list[str]:
    """The cost of a full load."""
    pages = f"A full load takes about {load.requests:,} requests"
    if load.seconds is None or load.parallel_seconds is None or load.seconds_per_page is None:
        time = "; no page could be measured, so its time is unknown"
    else:
        time = (
            f" and {duration(load.seconds)} one after the other, or {duration(load.parallel_seconds)} with "
            f"{load.parallelism} at once ({len(facts.timings)} pages measured, {load.seconds_per_page:.2f} s each)"
        )
    entitlement = (
        f"Entitlement in 24 hours: {SMALLEST_ENTITLEMENT:,} with Power Apps licences only, from "
        f"{CUSTOMER_SERVICE_ENTITLEMENT:,} with Dynamics 365 licences."
    )
    lines = [f"{pages}{time}.", entitlement]
    if load.uncounted:
        lines.append(f"Not counted by the server, one page assumed: {', '.join(load.uncounted)}.")
    return lines


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
