"""How many different keys there are among the rows of many pages, however many there are.

Ids of Dataverse are counted as the 16 bytes that they stand for: two million of them take 32 MB, where a table of their
texts takes ten times as much. Does not belong here: which of the rows is kept (`newest.py`).
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_LENGTH = 36
_DASHES = [8, 13, 18, 23]
_DIGITS = [place for place in range(_LENGTH) if place not in _DASHES]
_NO_DIGIT = 255
_VALUES = np.full(256, _NO_DIGIT, np.uint8)
# Capitals are no digits here: as texts the ids would differ.
_VALUES[list(b"0123456789abcdef")] = range(16)
_GROUPS = 16
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HIGHEST = np.uint64(60)

_Numbers = npt.NDArray[np.uint64]


def count_distinct(tables: Iterable[pa.Table]) -> int:
    """Count the rows that differ.

    Args:
        tables: Key columns only, the same in each; read one after the other.
    """
    ids: list[_Numbers] = []
    others: list[pa.Table] = []
    for keys in tables:
        if keys.num_columns != 1 or not pa.types.is_string(keys.schema.field(0).type):
            others.append(keys)
            continue
        is_id = np.zeros(keys.num_rows, np.bool_)
        found = _ids(keys.column(0), is_id)
        ids.append(found)
        if not is_id.all():
            others.append(keys.filter(pa.array(~is_id)))
    return _count_ids(ids) + _count_others(others)


def _ids(texts: pa.ChunkedArray, is_id: npt.NDArray[np.bool_]) -> _Numbers:
    """The ids among texts as pairs of numbers; says in `is_id` which texts were ids."""
    is_long = pc.fill_null(pc.equal(pc.binary_length(texts), _LENGTH), False).combine_chunks()
    long = texts.filter(is_long).cast(pa.binary(_LENGTH)).combine_chunks()
    letters = np.frombuffer(long.buffers()[1] or b"", np.uint8, len(long) * _LENGTH).reshape(-1, _LENGTH)
    digits = _VALUES[letters[:, _DIGITS]]
    is_whole = (digits != _NO_DIGIT).all(axis=1) & (letters[:, _DASHES] == ord("-")).all(axis=1)
    is_id[is_long.to_numpy(zero_copy_only=False)] = is_whole
    digits = digits[is_whole]
    return np.ascontiguousarray(digits[:, 0::2] << 4 | digits[:, 1::2]).view(np.uint64).reshape(-1, 2)


def _count_ids(ids: list[_Numbers]) -> int:
    """Sorted in groups, so that the copies that sorting takes are small."""
    groups = [(((pairs[:, 0] ^ pairs[:, 1]) * _SPREAD) >> _HIGHEST).astype(np.uint8) for pairs in ids]
    return sum(
        _count_sorted(np.concatenate([pairs[group == number] for pairs, group in zip(ids, groups, strict=True)]))
        for number in (range(_GROUPS) if ids else ())
    )


def _count_sorted(pairs: _Numbers) -> int:
    if not len(pairs):
        return 0
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return 1 + int((pairs[1:] != pairs[:-1]).any(axis=1).sum())


def _count_others(tables: list[pa.Table]) -> int:
    if not tables:
        return 0
    every = pa.concat_tables(tables)
    return int(every.group_by(every.column_names).aggregate([]).num_rows)
