"""What a finished run tells a person: rows read, events per activity, one case as a story, where to look next.

Reads only the published warehouse, as an analyst would.
"""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from d365_pm.commands.refresh import Refresh

_ACTIVITIES = """
    select ActivityName, count(*), count(distinct ServiceRequest), min(EventTime), max(EventTime)
    from marts.event_log group by all order by 2 desc, 1
"""
_TOTALS = "select count(*), count(distinct ServiceRequest), max(LastDataUpdate) from marts.event_log"
# The most varied case that is not overlong: it shows the most in the fewest lines.
_STORY_CASE = """
    select CaseGuid from marts.events group by CaseGuid
    having count(*) <= 25 order by count(distinct ActivityCode) desc, count(*), CaseGuid limit 1
"""
_STORY = """
    select
        EventTime, ActivityName, AgentName, StatusReason,
        coalesce(AssignedTo, KnowledgeArticleId, SlaKpi, CategoryTo, CloseKind, ResolutionType, '')
    from marts.events where CaseGuid = ? order by SeqInCase
"""
_STORY_HEAD = """
    select c.ServiceRequest, c.CustomerName, c.ServiceRequestType, c.Channel, c.Priority
    from marts.cases as c where c.CaseGuid = ?
"""


def print_summary(console: Console, warehouse: Path, run: Refresh, *, next_command: str) -> None:
    """Print the result of a run; `warehouse` is the published DuckDB file."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        console.print(_extracted(run))
        console.print(_activities(connection))
        _print_story(console, connection)
        events, cases, as_of = connection.execute(_TOTALS).fetchall()[0]
    console.print(f"\n[bold]{events:,} events of {cases:,} cases[/bold], as of {as_of:%Y-%m-%d %H:%M:%S} UTC")
    console.print(f"Event log: table [bold]marts.event_log[/bold] in [bold]{warehouse}[/bold]", soft_wrap=True)
    console.print(f"Next: [bold]{next_command}[/bold]", soft_wrap=True)


def _extracted(run: Refresh) -> Table:
    table = Table(title=f"Read from Dataverse, {run.first_day} to {run.last_day}", title_justify="left")
    for _ in range(2):
        table.add_column("table")
        table.add_column("rows", justify="right")
    rows = sorted(run.rows.items(), key=lambda item: (-item[1], item[0]))
    half = (len(rows) + 1) // 2
    for left, right in zip(rows[:half], [*rows[half:], ("", None)], strict=False):
        table.add_row(left[0], f"{left[1]:,}", right[0], "" if right[1] is None else f"{right[1]:,}")
    return table


def _activities(connection: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title="Events per activity", title_justify="left")
    table.add_column("activity", no_wrap=True)
    for name in ("events", "cases"):
        table.add_column(name, justify="right")
    for name in ("first", "last"):
        table.add_column(name)
    for activity, events, cases, first, last in connection.execute(_ACTIVITIES).fetchall():
        table.add_row(activity, f"{events:,}", f"{cases:,}", f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}")
    return table


def _print_story(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    chosen = connection.execute(_STORY_CASE).fetchall()
    if not chosen:
        return
    head = connection.execute(_STORY_HEAD, chosen[0]).fetchall()[0]
    case, *about = (value or "-" for value in head)
    table = Table(title=f"One case: {case} ({', '.join(about)})", title_justify="left")
    for name in ("UTC", "activity", "agent", "status after", "detail"):
        table.add_column(name, no_wrap=name in {"UTC", "activity"})
    for time, activity, agent, status, detail in connection.execute(_STORY, chosen[0]).fetchall():
        table.add_row(f"{time:%Y-%m-%d %H:%M:%S}", activity, agent or "-", status or "-", detail)
    console.print(table)
