"""A peer in a process of its own: the task comes in on standard input, each row goes out as a line of JSON.

Belongs here: the conversation. Does not belong here: how a peer reads, and what is thought of its rows (`verdict.py`).
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """What a peer is to read.

    Attributes:
        environment: `D365_*` variables of the sandbox.
        keys: Key column by logical name of a table.
        entity_sets: Entity set by logical name.
        page_size: Rows per page to ask for.
    """

    environment: dict[str, str]
    keys: dict[str, str]
    entity_sets: dict[str, str]
    page_size: int


def tell(read: Callable[[Task], Iterator[tuple[str, Row]]]) -> None:
    """Read what standard input asks for, and write it to standard output."""
    task = Task(**json.load(sys.stdin))
    with os.fdopen(os.dup(1), "w") as output:
        # Whatever the peer prints must not mix with the rows.
        os.dup2(2, 1)
        for table, row in read(task):
            output.write(json.dumps({"table": table, "row": row}, default=str) + "\n")
