"""Who may know whom: the boundaries of DESIGN's floor plan, read from the imports of every module."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import d365_pm

_ROOT = Path(d365_pm.__file__).parent
_MAY_KNOW = {
    "dataverse": {"dataverse"},
    "lake": {"lake"},
    "contracts": {"contracts"},
    "warehouse": {"warehouse", "contracts"},
    "sandbox": {"sandbox"},
}
_COMMON = {"errors", "settings", "paths"}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", _MAY_KNOW)
def test_a_package_knows_only_whom_it_may(package: str):
    offences = [
        f"{path.relative_to(_ROOT)} imports {name}"
        for path in sorted((_ROOT / package).rglob("*.py"))
        for name in _imports(path)
        if not _is_allowed(name, _MAY_KNOW[package] | _COMMON)
    ]

    assert offences == []


def _is_allowed(name: str, known: set[str]) -> bool:
    top, *rest = name.split(".")
    return top != "dagster" if top != "d365_pm" else bool(rest) and rest[0] in known


def test_no_asset_module_postpones_its_annotations():
    """Dagster reads the annotation of `context` at import; a postponed one is refused."""
    postponed = [path for path in _ROOT.rglob("*.py") if "__future__" in _imports(path)]

    assert postponed == []


def test_reading_needs_neither_dagster_nor_pandas():
    """Dagster alone takes 60 MB, in every process that reads."""
    program = "import sys, d365_pm.assets.extraction; print({'dagster', 'pandas'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
