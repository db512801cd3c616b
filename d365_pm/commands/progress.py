"""What a person sees while a run works.

The pipeline reports through the loggers below `d365_pm`; a handler here turns records that carry `table` and `rows`
into a live line on a terminal, and records of the step logger into one lasting line each. Nothing else is printed.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

STEPS = "d365_pm.steps"
"""Logger of finished steps: one line each, meant for a person."""

PAGES = "d365_pm.dataverse.progress"
"""Logger of pages that arrived; records carry `table` and `rows`."""


class _ProgressHandler(logging.Handler):
    def __init__(self, console: Console, status: Status) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._status = status

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == STEPS:
            self._console.print(f"  {record.getMessage()}", highlight=False, markup=False)
        elif record.name == PAGES:
            self._status.update(f"reading {record.__dict__.get('table')}: {record.__dict__.get('rows', 0):,} rows")
        elif record.levelno >= logging.WARNING:
            self._console.print(f"  ! {record.getMessage()}", style="yellow", highlight=False, markup=False)


@contextmanager
def shown_progress(console: Console) -> Iterator[None]:
    """Show the records of `d365_pm` on the console while the block runs."""
    logger = logging.getLogger("d365_pm")
    level, propagate = logger.level, logger.propagate
    with console.status("starting", spinner="dots") as status:
        handler = _ProgressHandler(console, status)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
