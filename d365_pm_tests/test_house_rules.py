"""Who may know whom: the boundaries of DESIGN's floor plan, read from the imports of every module."""

import ast
from pathlib import Path

import pytest

import d365_pm

_ROOT = Path(d365_pm.__file__).parent
_FORBIDDEN = {
    "dataverse": ("dagster", "d365_pm.lake", "d365_pm.warehouse", "d365_pm.assets", "d365_pm.sandbox"),
    "lake": ("dagster", "d365_pm.dataverse", "d365_pm.warehouse", "d365_pm.assets", "d365_pm.sandbox"),
    "warehouse": ("dagster", "d365_pm.dataverse", "d365_pm.lake", "d365_pm.assets", "d365_pm.sandbox"),
    "contracts": (
        "dagster",
        "d365_pm.warehouse",
        "d365_pm.dataverse",
        "d365_pm.lake",
        "d365_pm.assets",
        "d365_pm.sandbox",
    ),
    "sandbox": ("dagster", "d365_pm.dataverse", "d365_pm.lake", "d365_pm.warehouse", "d365_pm.assets"),
}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", _FORBIDDEN)
def test_a_package_knows_only_whom_it_may(package: str):
    offences = [
        f"{path.relative_to(_ROOT)} imports {name}"
        for path in sorted((_ROOT / package).rglob("*.py"))
        for name in _imports(path)
        if name.startswith(_FORBIDDEN[package])
    ]

    assert offences == []


def test_no_asset_module_postpones_its_annotations():
    """Dagster reads the annotation of `context` at import; a postponed one is refused."""
    postponed = [path for path in _ROOT.rglob("*.py") if "__future__" in _imports(path)]

    assert postponed == []
