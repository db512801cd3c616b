"""Drafts of seed files: the rows in force and the proposed ones, ready to be read as an organisation's own seeds."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from d365_pm.contracts.seed_files import read_seed
from d365_pm.contracts.seed_spec import Cell, Seed
from d365_pm.rules.errors import RulesError
from d365_pm.rules.proposal import Proposal


def write_drafts(
    proposals: Sequence[Proposal], seeds: Sequence[Seed], folder: Path, *, force: bool = False
) -> tuple[Path, ...]:
    """Write one file per seed that something is proposed for, and read each back as a seed.

    A file is whole: a seed of an organisation replaces the one that ships.

    Args:
        proposals: What to add; a proposed row replaces one of the same key.
        seeds: The seeds in force.
        folder: Where the files go; made if it does not exist.
        force: Replace files that are there.

    Raises:
        RulesError: A file is there already, or the folder cannot be written; then nothing was written.
        SeedError: A draft breaks the promise of its seed.
    """
    in_force = {seed.spec.name: seed for seed in seeds}
    texts = {
        folder / f"{name}.csv": _text(in_force[name], [each for each in proposals if each.seed == name])
        for name in dict.fromkeys(each.seed for each in proposals)
    }
    there = [path.name for path in texts if path.exists()]
    if there and not force:
        raise RulesError(
            f"{folder} has {', '.join(there)} already; name another folder, or give --force to replace them."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise RulesError(f"{folder} cannot be written ({error.strerror}); choose a folder of your own.") from None
    for path in texts:
        read_seed(path, in_force[path.stem].spec)
    return tuple(texts)


def _text(seed: Seed, proposals: Sequence[Proposal]) -> str:
    names = [column.name for column in seed.spec.columns]
    rows = [{name: _cell(cell) for name, cell in zip(names, row, strict=True)} for row in seed.rows]
    keyed = {_key(seed, row): row for row in [*rows, *({**each.row} for each in proposals)]}
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(keyed.values())
    return text.getvalue()


def _key(seed: Seed, row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name].lower() for name in seed.spec.key)


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
