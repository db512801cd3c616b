"""Seed files: the rules of an organisation as CSV, read strictly.

Belongs here: reading and checking, and the choice between the file that ships and the file that an organisation puts in
its place. A seed that cannot be understood whole is an error: a rule that silently does not apply makes a wrong log.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from d365_pm.contracts.errors import SeedError
from d365_pm.contracts.seed_spec import Cell, Seed, SeedColumn, SeedSpec

_FLAGS = {"true": True, "false": False}
_INTEGER = 2**31
_LOGICAL_NAME = re.compile("[a-z][a-z0-9]*_[a-z0-9_]+")
"""Name of a column that an organisation or a solution has added: it begins with its publisher's prefix."""


def read_seeds(
    folder: Path, specs: Mapping[str, SeedSpec], *, profile: Path | None = None, overrides: Path | None = None
) -> tuple[Seed, ...]:
    """Read every seed, each from the overriding folder if it is there, else from the profile's.

    Args:
        folder: Folder of the seeds that ship.
        specs: What each seed promises, by name.
        profile: Folder of the seeds in which a profile differs from those that ship; None for no difference.
        overrides: Folder with whole seed files that replace those of the same name.

    Raises:
        SeedError: A file is missing, unknown or breaks its promise.
    """
    replaced: dict[str, Path] = {}
    for replacing in (profile, overrides):
        if replacing is not None:
            replaced |= _overriding_files(replacing, specs)
    _overriding_files(folder, specs)
    return tuple(read_seed(replaced.get(name, folder / f"{name}.csv"), spec) for name, spec in specs.items())


def read_seed(path: Path, spec: SeedSpec) -> Seed:
    """Read one seed file.

    Raises:
        SeedError: Names the file, the line, the column and what is allowed there.
    """
    lines = list(_lines(path))
    if not lines:
        raise SeedError(f"{path} is empty; its first line must be {','.join(c.name for c in spec.columns)}.")
    order = _order(path, lines[0][1], spec)
    rows: dict[tuple[Cell, ...], int] = {}
    keys: dict[tuple[Cell, ...], int] = {}
    places = [[column.name for column in spec.columns].index(name) for name in spec.key]
    for number, cells in lines[1:]:
        row = _row(path, number, cells, spec, order)
        _check_value(path, number, row, spec)
        key = tuple(row[place] for place in places)
        if key in keys:
            raise SeedError(
                f"{path}:{number}: the same {', '.join(spec.key)} is already on line {keys[key]}; keep one of the two."
            )
        keys[key] = number
        rows[row] = number
    return Seed(spec, path, tuple(rows))


def _overriding_files(folder: Path, specs: Mapping[str, SeedSpec]) -> dict[str, Path]:
    if not folder.is_dir():
        raise SeedError(f"There is no folder of seeds at {folder}; create it or correct D365_PM_SEEDS_DIR.")
    files = {path.name: path for path in sorted(folder.iterdir()) if not path.name.startswith(".")}
    for name, path in files.items():
        if name.removesuffix(".csv") not in specs or path.suffix != ".csv" or not path.is_file():
            known = ", ".join(f"{seed}.csv" for seed in sorted(specs))
            raise SeedError(f"{path} is no seed that anything reads; rename or remove it. Seeds are {known}.")
    return {name.removesuffix(".csv"): path for name, path in files.items()}


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line on which it ends; empty lines are left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
    except FileNotFoundError:
        raise SeedError(f"{path} is missing; restore it, or give a file of that name in D365_PM_SEEDS_DIR.") from None
    except UnicodeDecodeError:
        raise SeedError(f"{path} is not UTF-8; save it as 'CSV UTF-8'.") from None
    except csv.Error as error:
        raise SeedError(f"{path}:{reader.line_num}: this is not CSV ({error}); check its quotes.") from None
    except OSError as error:
        raise SeedError(f"{path} cannot be read ({error.strerror}); check its mode.") from None


def _order(path: Path, header: Sequence[str], spec: SeedSpec) -> list[int]:
    """Place of each column of the specification in the file."""
    names = [name.strip() for name in header]
    wanted = [column.name for column in spec.columns]
    unknown = [name for name in names if name not in wanted]
    missing = [name for name in wanted if name not in names]
    if unknown or missing or len(set(names)) != len(names):
        problems = [f"unknown column '{name}'" for name in unknown] + [f"no column '{name}'" for name in missing]
        problem = "; ".join(problems) or "a column is there twice"
        raise SeedError(f"{path}:1: {problem}. The first line must be {','.join(wanted)}, separated by commas.")
    return [names.index(name) for name in wanted]


def _row(path: Path, number: int, cells: Sequence[str], spec: SeedSpec, order: Sequence[int]) -> tuple[Cell, ...]:
    if len(cells) != len(order):
        raise SeedError(
            f"{path}:{number}: {len(cells)} values for {len(order)} columns; quote a value that has a comma in it."
        )
    row = []
    for column, place in zip(spec.columns, order, strict=True):
        try:
            row.append(_cell(cells[place].strip(), column))
        except ValueError as problem:
            raise SeedError(f"{path}:{number}: column '{column.name}' {problem}.") from None
    return tuple(row)


def _check_value(path: Path, number: int, row: Sequence[Cell], spec: SeedSpec) -> None:
    if not spec.values_of:
        return
    cells = dict(zip((column.name for column in spec.columns), row, strict=True))
    allowed = spec.values_of[str(cells["key"])]
    if cells["value"] in allowed:
        return
    others = ""
    if cells["key"] in spec.column_keys:
        if _LOGICAL_NAME.fullmatch(str(cells["value"])):
            return
        others = " and no logical name of a column"
    known = ", ".join(sorted(allowed))
    raise SeedError(f"{path}:{number}: '{cells['key']}' is '{cells['value']}', which is none of {known}{others}.")


def _cell(text: str, column: SeedColumn) -> Cell:
    if not text:
        if column.required:
            raise ValueError("must not be empty")
        return None
    if column.allowed is not None and text not in column.allowed:
        raise ValueError(f"is '{text}', which is none of {', '.join(sorted(column.allowed))}")
    if column.type == "flag":
        if text.lower() not in _FLAGS:
            raise ValueError(f"is '{text}', but must be true or false")
        return _FLAGS[text.lower()]
    if column.type == "whole":
        return _whole(text)
    return _decimal(text) if column.type == "decimal" else text


def _whole(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or not -_INTEGER <= int(text) < _INTEGER:
        raise ValueError(f"is '{text}', but must be a whole number of at most nine digits")
    return int(text)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"is '{text}', but must be a number with a decimal point") from None
    if not value.is_finite():
        raise ValueError(f"is '{text}', but must be a finite number")
    return value
