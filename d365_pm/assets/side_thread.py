"""An asynchronous generator, worked off in a thread of its own, as an ordinary iterator.

Dagster writes an event per partition while it takes a result; on the same thread the network would stand still
meanwhile.
"""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from typing import TypeVar

_T = TypeVar("_T")


class _End:
    """Last entry of the queue: the generator is exhausted, or failed."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def iterate_aside(source: AsyncGenerator[_T, None]) -> Iterator[_T]:
    """Yield what the generator yields, while it goes on working.

    Stopping early cancels the generator and waits until it has cleaned up.

    Raises:
        BaseException: Whatever the generator raises, after everything that it yielded before.
    """
    results: queue.SimpleQueue[_T | _End] = queue.SimpleQueue()
    loop = asyncio.new_event_loop()
    task = loop.create_task(_drain(source, results))
    thread = threading.Thread(target=_run, args=(loop, task), name="extraction", daemon=True)
    thread.start()
    try:
        while not isinstance(item := results.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        # A thread that has just closed its loop may still be alive.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(task.cancel)
        thread.join()


async def _drain(source: AsyncGenerator[_T, None], results: "queue.SimpleQueue[_T | _End]") -> None:
    error: BaseException | None = None
    try:
        async with aclosing(source):
            async for item in source:
                results.put(item)
    except BaseException as caught:
        error = caught
    results.put(_End(error))


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    try:
        loop.run_until_complete(task)
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
