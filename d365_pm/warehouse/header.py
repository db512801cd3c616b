"""Reading the comment on top of an SQL file: paragraphs of description, and keys from a closed list in the last one."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from d365_pm.warehouse.errors import ModelError
from d365_pm.warehouse.model import Header, Stored

_KEYS = ("rule", "unique", "not_null", "owner", "stored")
_KEY_LINE = re.compile(r"(\w+):\s+(.*)")
_Line = tuple[int, str]


def read_header(text: str, path: Path) -> Header:
    """Read the comment lines that a file starts with.

    Raises:
        ModelError: There is no description, or a key is unknown, written twice or outside the last paragraph.
    """
    paragraphs = list(_paragraphs(text))
    keys = _key_lines(paragraphs.pop()) if paragraphs and _KEY_LINE.fullmatch(paragraphs[-1][0][1]) else []
    if not paragraphs:
        raise ModelError(path, 1, "no description; start the file with a comment that says what one row is.")
    for number, line in (line for paragraph in paragraphs for line in paragraph):
        if (match := _KEY_LINE.fullmatch(line)) and match[1] in _KEYS:
            raise ModelError(
                path, number, f"the header key '{match[1]}' belongs into the last paragraph of the comment."
            )
    values = _values(keys, path)
    return Header(
        description="\n\n".join(" ".join(line for _, line in paragraph) for paragraph in paragraphs),
        rules=tuple(values.get("rule", ())),
        unique=_names(values.get("unique", ())),
        not_null=_names(values.get("not_null", ())),
        owner=next(iter(values.get("owner", ())), None),
        stored=_stored(keys, values, path),
    )


def _paragraphs(text: str) -> Iterator[list[_Line]]:
    comment = takewhile(lambda line: line.startswith("--"), text.splitlines())
    paragraph: list[_Line] = []
    for number, line in enumerate(comment, start=1):
        content = line[2:].strip()
        if content:
            paragraph.append((number, content))
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _key_lines(paragraph: Sequence[_Line]) -> list[_Line]:
    """Join a value that goes on in the next line."""
    joined: list[_Line] = []
    for number, line in paragraph:
        if _KEY_LINE.fullmatch(line):
            joined.append((number, line))
        else:
            first, start = joined[-1]
            joined[-1] = (first, f"{start} {line}")
    return joined


def _values(lines: Sequence[_Line], path: Path) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for number, line in lines:
        key, value = line.split(":", maxsplit=1)
        if key not in _KEYS:
            raise ModelError(path, number, f"unknown header key '{key}'; the keys are {', '.join(_KEYS)}.")
        if key in values and key != "rule":
            raise ModelError(path, number, f"the header key '{key}' is there twice; write one line.")
        values.setdefault(key, []).append(value.strip())
    return values


def _stored(lines: Sequence[_Line], values: dict[str, list[str]], path: Path) -> Stored:
    [value] = values.get("stored", [Stored.TABLE])
    if value not in set(Stored):
        number = next(number for number, line in lines if line.startswith("stored:"))
        raise ModelError(path, number, f"the header key 'stored' can only be one of {', '.join(Stored)}.")
    return Stored(value)


def _names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())
