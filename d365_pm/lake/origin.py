"""Which environment a raw layer belongs to.

Rows of two environments in one folder would make one wrong log without any error, so the first load claims the folder
for its organisation and every later load has to come from the same.
"""

import json
from pathlib import Path

from d365_pm.lake.errors import LakeError, explained
from d365_pm.lake.files import commit_file, work_folder

_FILE = "origin.json"


def claim(root: Path, organization_id: str) -> None:
    """Claim a raw layer for an organisation, or confirm that it is its own.

    Args:
        root: Folder of the raw layer.
        organization_id: GUID of the Dataverse organisation.

    Raises:
        LakeError: The folder holds the rows of another organisation, or cannot be used.
    """
    owner = _owner(root / _FILE)
    if owner is None:
        _write(root, organization_id)
    elif owner != organization_id.lower():
        raise LakeError(
            f"{root} holds rows of another Dataverse environment; set D365_PM_DATA_DIR to another folder, "
            "or delete this one if you no longer need what it holds."
        )


def _owner(path: Path) -> str | None:
    with explained(path):
        if not path.exists():
            return None
        try:
            return str(json.loads(path.read_text())["organization_id"])
        except (ValueError, KeyError):
            raise LakeError(f"{path} is damaged; delete it if you are sure whose rows the folder holds.") from None


def _write(root: Path, organization_id: str) -> None:
    with explained(root), work_folder(root) as work:
        temporary = work / "origin.tmp"
        temporary.write_text(json.dumps({"organization_id": organization_id.lower()}))
        commit_file(temporary, root / _FILE)
