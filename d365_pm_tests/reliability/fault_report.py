"""The tables of the fault matrix, as Markdown.

Belongs here: counting cells. Does not belong here: running them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from d365_pm_tests.reliability.fault_scripts import Position, Script
from d365_pm_tests.reliability.fault_verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix and its outcome; `situation` is the reader's name for peers."""

    script: Script
    situation: str
    table: str
    page: Position
    outcome: Outcome

    def __str__(self) -> str:
        found, place = self.outcome, f"{self.script.name}, {self.situation}, {self.table}, page {self.page}"
        details = [f"{found.difference}"] if found.verdict is Verdict.SILENT else []
        details += [found.message.partition("\n")[0][:200]] if found.message else []
        details += ["the next run is NOT whole"] if found.heals is False else []
        details += ["the table is NOT named"] if not found.is_named else []
        details += ["the fault was NOT met"] if not found.fired else []
        return ": ".join([place, str(found.verdict), *details])


def our_table(cells: Sequence[Cell]) -> str:
    """One line per kind: how its cells ended, in both situations."""
    lines = [
        "| fault | cells | whole | loud | silent | endless | rows lost | doubled | wrong | loud, then whole |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    scripts = list(dict.fromkeys(cell.script for cell in cells))
    lines += [_line(script.name, [cell.outcome for cell in cells if cell.script == script]) for script in scripts]
    lines.append(_line(f"**all {len(scripts)}**", [cell.outcome for cell in cells]))
    unmet = [str(cell) for cell in cells if not cell.outcome.fired]
    return "\n".join([*lines, *(["", "Never met:", *unmet] if unmet else [])])


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    differences = [outcome.difference for outcome in outcomes]
    healed = [outcome.heals for outcome in outcomes if outcome.verdict is Verdict.LOUD]
    values = [
        len(outcomes),
        *(verdicts[verdict] for verdict in Verdict),
        sum(difference.lost for difference in differences),
        sum(difference.doubled for difference in differences),
        sum(difference.wrong for difference in differences),
        f"{sum(map(bool, healed))} of {len(healed)}" if healed else "",
    ]
    return f"| {name} | {' | '.join(map(str, values))} |"


def peer_table(ours: Sequence[Cell], theirs: Sequence[Cell]) -> str:
    """The ten kinds that the peers were put to, side by side with our first run."""
    names = list(dict.fromkeys(cell.situation for cell in theirs))
    columns = {"d365-pm": [cell for cell in ours if cell.situation == "first run"]} if ours else {}
    columns |= {name: [cell for cell in theirs if cell.situation == name] for name in names}
    lines = [f"| fault | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    scripts = list(dict.fromkeys(cell.script for cell in theirs))
    for script in scripts:
        said = (_said(cell.outcome.verdict for cell in cells if cell.script == script) for cells in columns.values())
        lines.append(f"| {script.name} | {' | '.join(said)} |")
    said = (_said(cell.outcome.verdict for cell in cells if cell.script in scripts) for cells in columns.values())
    lines.append(f"| **all {len(scripts)}** | {' | '.join(said)} |")
    return "\n".join(lines)


def _said(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(verdicts)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
