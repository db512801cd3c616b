"""The report on a terminal: problems first, then the forecast, then the cost of a load."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from d365_pm.doctor import wording
from d365_pm.doctor.finding import Finding, Severity
from d365_pm.doctor.forecast import Outlook, Verdict
from d365_pm.doctor.report import Report, Status

_SEVERITY_STYLES = {Severity.FATAL: "bold red", Severity.LOSS: "red", Severity.ADVICE: "yellow", Severity.OK: "green"}
_VERDICT_STYLES = {
    Verdict.COMPLETE: "green",
    Verdict.SINCE: "yellow",
    Verdict.PARTIAL: "yellow",
    Verdict.IMPOSSIBLE: "red",
}
_STATUS_STYLES = {Status.HEALTHY: "green", Status.LOSSES: "yellow", Status.UNUSABLE: "bold red"}
_LARGEST = 10
"""Tables that the load forecast shows by name."""


def print_report(console: Console, report: Report) -> None:
    """Print everything that a person needs to know or do."""
    problems = [finding for finding in report.findings if finding.severity is not Severity.OK]
    if problems:
        console.print(_findings("What to change", problems))
    if len(problems) < len(report.findings):
        console.print(_findings("As it should be", [each for each in report.findings if each not in problems]))
    if report.outlooks:
        console.print(_forecast("Activities", report.activities))
        console.print(_forecast("Attributes", report.attributes))
    if report.load:
        console.print(_load(report))
        for line in wording.load_lines(report.facts, report.load):
            console.print(line, markup=False, highlight=False)
    console.print(wording.headline(report), style=_STATUS_STYLES[report.status], markup=False, highlight=False)


def _findings(title: str, findings: Sequence[Finding]) -> Table:
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("check", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("finding", ratio=1)
    has_remedies = any(finding.remedy for finding in findings)
    if has_remedies:
        table.add_column("remedy", ratio=1)
    for finding in findings:
        severity = f"[{_SEVERITY_STYLES[finding.severity]}]{finding.severity}[/]"
        cells = [finding.check, severity, _plain(finding.finding)]
        table.add_row(*cells, *([_plain(finding.remedy)] if has_remedies else []))
    return table


def _forecast(title: str, outlooks: Sequence[Outlook]) -> Table:
    table = Table(title=f"Forecast: {title.lower()}", title_justify="left")
    table.add_column(title.lower(), no_wrap=True)
    table.add_column("forecast", no_wrap=True)
    table.add_column("why, and what is left", ratio=1)
    for outlook in outlooks:
        verdict = f"[{_VERDICT_STYLES[outlook.verdict]}]{wording.verdict(outlook)}[/]"
        why = " ".join(outlook.reasons)
        lines = [why, *wording.losses(outlook)] if why else []
        table.add_row(outlook.subject, verdict, _plain("\n".join(lines)))
    return table


def _load(report: Report) -> Table:
    assert report.load is not None
    table = Table(title=f"Full load: the {_LARGEST} largest tables", title_justify="left")
    table.add_column("table", no_wrap=True)
    for name in ("rows", "requests", "seconds"):
        table.add_column(name, justify="right")
    for each in report.load.tables[:_LARGEST]:
        rows = "not counted" if each.rows is None else f"{each.rows:,}"
        table.add_row(each.table, rows, f"{each.pages:,}", "-" if each.seconds is None else f"{each.seconds:,.1f}")
    return table


def _plain(text: str) -> str:
    """Text in which rich sees no markup."""
    return text.replace("[", r"\[")
