"""Row ids: random-looking GUIDs that depend on nothing but the seed, the table and the row's position."""

from zlib import crc32

import numpy as np
import pyarrow as pa

_HEX = np.frombuffer(bytes(range(256)).hex().encode(), dtype=np.uint8).reshape(256, 2)
_DIGITS = np.array([n for n in range(36) if n not in (8, 13, 18, 23)])


class Guids:
    """The ids of every table of one desk."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: dict[str, pa.StringArray] = {}

    def of(self, table: str, count: int) -> pa.StringArray:
        """Ids of the first rows of a table; always the same for the same row."""
        if table not in self._known or len(self._known[table]) < count:
            self._known[table] = _guids(self._seed, table, count)
        return self._known[table].slice(0, count)


def _guids(seed: int, table: str, count: int) -> pa.StringArray:
    random = np.random.Generator(np.random.PCG64([seed, crc32(table.encode())]))
    octets = random.integers(0, 1 << 64, size=(count, 2), dtype=np.uint64).view(np.uint8).reshape(count, 16)
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    text = np.full((count, 36), ord("-"), dtype=np.uint8)
    text[:, _DIGITS] = _HEX[octets].reshape(count, 32)
    offsets = np.arange(count + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text.tobytes()))
