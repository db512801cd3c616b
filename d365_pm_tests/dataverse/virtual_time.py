"""An event loop whose clock jumps instead of waiting, so that hours of pauses are tested in milliseconds.

Everything that waits through asyncio waits in virtual time: sleeps, timeouts and slow answers of a canned server alike.
Work for threads is done on the spot, because no thread waits in virtual time.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class _JumpingSelector(selectors.DefaultSelector):
    """Reports what is ready, and lets time jump to the next timer when nothing is."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise AssertionError("every task waits for another one")
            self.now += timeout
        return ready


class _OnTheSpot(ThreadPoolExecutor):
    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        executor: Executor = _OnTheSpot(max_workers=1)
        self.set_default_executor(executor)

    def time(self) -> float:
        return self._jumping.now

    async def shutdown_default_executor(self) -> None:
        """Nothing to wait for: asyncio's own would wait for a real thread, in a time that only jumps."""


def now() -> float:
    """Virtual seconds since the run began."""
    return asyncio.get_running_loop().time()


def run_virtual(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
