"""The rules of an organisation with status reasons of its own, as it would write them.

Belongs here: its folder of seeds. Does not belong here: the status reasons (`sandbox/desk/catalogue.py`).
"""

from pathlib import Path

from d365_pm.paths import sql_root
from d365_pm.sandbox.desk.catalogue import OWN_STATUSES


def write_rules(folder: Path) -> Path:
    """Write the shipped roles of status reasons and those of the organisation's own; returns the folder of seeds."""
    seeds = folder / "rules"
    seeds.mkdir()
    shipped = (sql_root() / "seeds" / "status_roles.csv").read_text()
    own = "".join(f"{each.code.value},{each.role},{each.english}\n" for each in OWN_STATUSES)
    (seeds / "status_roles.csv").write_text(shipped + own)
    return seeds
