"""`d365-pm doctor`: examine the configured environment and say what it can give."""

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from d365_pm.commands.sandbox import sandbox_beside
from d365_pm.doctor import Report, gather_facts, judge
from d365_pm.settings import load_settings


def examine_sandbox(console: Console, *, cases: int, seed: int) -> Report:
    """Examine the sandbox of `d365-pm demo`, started for as long as that takes.

    Raises:
        DeskError: The data directory holds a desk of other cases or another seed.
    """
    with sandbox_beside(load_settings().data_dir, cases=cases, seed=seed) as environment:
        os.environ.update(environment)
        return examine(console)


def examine(console: Console) -> Report:
    """Ask the environment everything, with a live line of what is asked.

    Raises:
        SettingsError: A setting cannot be read; one that is missing is a finding.
    """
    settings = load_settings()
    with console.status("examining", spinner="dots") as status, _quiet():
        facts = asyncio.run(gather_facts(settings, progress=status.update))
    return judge(facts)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the warnings of the client off the terminal: all of them become findings."""
    logger = logging.getLogger("d365_pm")
    handler, propagate = logging.NullHandler(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
