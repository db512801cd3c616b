"""A peer in a process of its own that reads one table after the other, as told, until its input ends.

Belongs here: the conversation between the two processes, one JSON line each way. Does not belong here: the peers, and
who waits how long (`fault_peers.py`).
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

Read = Callable[[dict[str, str], str, Sequence[str]], list[dict[str, Any]]]


def serve(read: Read) -> None:
    """Answer questions until the input ends."""
    with os.fdopen(os.dup(1), "w") as answers:
        # Whatever the peer prints must not mix with the answers.
        os.dup2(2, 1)
        answers.write('{"ready":true}\n')
        answers.flush()
        for line in sys.stdin:
            question = json.loads(line)
            answers.write(json.dumps(_answer(read, question)) + "\n")
            answers.flush()


def _answer(read: Read, question: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"rows": read(question["environment"], question["table"], question["columns"])}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:2000]}
