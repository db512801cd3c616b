"""Promises that compare rows, read from `checks/*.sql`: one SELECT of failing rows per file, file name = check name.

The comment on top of a file says what is promised and, as `key: value`, which table promises it (`table`), which
section of the event-log semantics demands it (`section`), what a broken promise does (`severity`: error or
warning), and the columns that name a failing row (`keys`). The last column of the SELECT is `reason`.
"""

from pathlib import Path

from d365_pm.contracts.contract import Comparison
from d365_pm.errors import D365PMError

_FOLDER = Path(__file__).parent / "checks"
_KEYS = ("table", "section", "severity", "keys")
_SEVERITIES = ("error", "warning")


class CheckFileError(D365PMError):
    """A file of `checks/` does not say what it has to say."""


def comparisons(folder: Path = _FOLDER) -> tuple[Comparison, ...]:
    """Every comparison of a folder, by name.

    Raises:
        CheckFileError: Names the file and what its comment lacks.
    """
    return tuple(_read(path) for path in sorted(folder.glob("*.sql")))


def _read(path: Path) -> Comparison:
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    comment = [line.removeprefix("--").strip() for line in lines[:end]]
    facts = {key: value for key, colon, value in (line.partition(": ") for line in comment) if colon and key in _KEYS}
    if set(facts) != set(_KEYS) or facts["severity"] not in _SEVERITIES:
        raise CheckFileError(
            f"The comment of {path} has to give {', '.join(_KEYS)}, severity as {' or '.join(_SEVERITIES)}; "
            "add what lacks."
        )
    description = " ".join(line for line in comment if line and line.partition(": ")[0] not in _KEYS)
    return Comparison(
        name=path.stem,
        table=facts["table"],
        description=description,
        section=facts["section"],
        keys=tuple(key.strip() for key in facts["keys"].split(",")),
        blocking=facts["severity"] == "error",
        query="\n".join(lines[end:]).strip(),
    )
