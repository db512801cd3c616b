"""Where the files that ship with the package are, in a checkout and in an installed wheel.

Only locations of our own files; places that a user chooses are in `settings.py`.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def sql_root() -> Path:
    """Folder of the SQL models and seeds: inside the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "dbt_like_sql"
    return installed if installed.is_dir() else _PACKAGE.parent / "dbt_like_sql"
