"""The story on a terminal: the case, its events, what was set aside, the gaps."""

from datetime import datetime

from rich.console import Console
from rich.table import Table

from d365_pm.explain.story import Attribute, FailedCheck, SetAside, Story, ToldEvent

_GUID = 36
"""Letters of a GUID, which stays in one piece so that it can be copied."""

_CONFIDENCE_STYLES = {"A": "green", "B": "green", "C": "yellow", "D": "red"}


def print_story(console: Console, story: Story) -> None:
    """Print everything about one case."""
    console.print(_head(story))
    console.print(_events(story))
    if story.set_aside:
        console.print(_set_aside(story.set_aside))
    lines = story.gaps or ("Nothing is missing that the models know of.",)
    console.print("Gaps", style="bold")
    for line in lines:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    for check in story.failed_checks:
        console.print(f"Check {check.name} ({check.severity}): {_failure(check)}", markup=False, highlight=False)
    console.print(f"As of {_moment(story.as_of)} UTC; all times are UTC.", highlight=False)


def _head(story: Story) -> Table:
    table = Table(title=f"Case {_plain(story.service_request)} ({story.case_guid})", title_justify="left")
    table.add_column("attribute", no_wrap=True)
    table.add_column("value", ratio=2)
    table.add_column("basis", ratio=1)
    for each in story.attributes:
        table.add_row(each.name, _value(each), _plain(each.basis or ""))
    return table


def _events(story: Story) -> Table:
    table = Table(title="Events, and why they are there", title_justify="left", show_lines=True, expand=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("UTC", no_wrap=True)
    for name, ratio in (("activity", 3), ("agent", 2), ("status after", 2)):
        table.add_column(name, ratio=ratio, overflow="fold")
    table.add_column("evidence", width=_GUID, overflow="fold")
    for event in story.events:
        style = "reverse" if event.event_id == story.asked_event else None
        cells = [event.agent or "-", event.status or "-"]
        table.add_row(
            str(event.seq),
            _when(event),
            _plain(event.activity + (f"\n{event.detail}" if event.detail else "")),
            *map(_plain, cells),
            _evidence(event),
            style=style,
        )
    return table


def _evidence(event: ToldEvent) -> str:
    color = _CONFIDENCE_STYLES.get(event.confidence, "red")
    graded = f"[{color}]{event.confidence}[/] {event.evidence_class}, audit {event.coverage}"
    meaning = f": {event.meaning}" if event.meaning else ""
    source = f"{event.source_table}.{event.source_column}\n{event.source_row}"
    return f"{_plain(event.rule + meaning)}\n{graded}\n{_plain(source)}"


def _when(event: ToldEvent) -> str:
    lines = [_moment(event.time)]
    if event.earliest or event.latest:
        lines.append(f"from {_moment(event.earliest)}")
        lines.append(f"to   {_moment(event.latest)}")
    return "\n".join(lines)


def _set_aside(rows: tuple[SetAside, ...]) -> Table:
    table = Table(title="Read, and no event", title_justify="left", expand=True)
    table.add_column("UTC", no_wrap=True)
    for name, ratio in (("what", 2), ("why", 3)):
        table.add_column(name, ratio=ratio, overflow="fold")
    table.add_column("row", width=_GUID, overflow="fold")
    for each in rows:
        table.add_row(
            _moment(each.time), _plain(each.what), _plain(each.why), _plain(f"{each.source_table}\n{each.source_row}")
        )
    return table


def _failure(check: FailedCheck) -> str:
    reason = f" {check.reason}," if check.reason else ""
    return f"{check.promise}{reason} {check.rows} row(s) of quarantine.{check.name}"


def _value(attribute: Attribute) -> str:
    if attribute.value is None:
        return "[dim]unknown[/]" if attribute.name.startswith("Is") else "-"
    if isinstance(attribute.value, datetime):
        return _moment(attribute.value)
    return _plain(str(attribute.value).lower() if isinstance(attribute.value, bool) else str(attribute.value))


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def _plain(text: str) -> str:
    # Brackets in a title or a name are no markup.
    return text.replace("[", r"\[")
