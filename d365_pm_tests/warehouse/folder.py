"""Small folders of SQL models, written by the tests."""

from collections.abc import Mapping
from pathlib import Path

from d365_pm.warehouse import Project, load_project

RAW = {"incident": ("incidentid", "createdon", "title", "_ownerid_value"), "audit": ("auditid", "changedata")}
SEEDS = {"settings": ("language", "lcid"), "roles": ("code", "role")}

CASE = """-- One row per case.

select
    i.incidentid as case_id,  -- The case.
    i.createdon as created_at -- When it was made.
from raw.incident as i
"""


def activity(code: str, *columns: str, source: str = "staging.incident") -> str:
    """An activity model with these columns, all taken from `case_id`."""
    listed = ",\n".join(f"    i.case_id as {column}" for column in columns or ("case_id", "event_time"))
    commented = "\n".join(f"{line} -- About it." for line in listed.split("\n"))
    return f"-- The activity {code}.\n\nselect\n{commented}\nfrom {source} as i\n"


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files such as `staging/incident` below a folder."""
    for name, text in files.items():
        path = root / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def project(root: Path, **files: str) -> Project:
    """Load a folder of models; `staging__incident` is the file `staging/incident.sql`."""
    return load_project(
        write(root, {name.replace("__", "/"): text for name, text in files.items()}), raw=RAW, seeds=SEEDS
    )
