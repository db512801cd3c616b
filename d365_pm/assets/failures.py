"""The one place where our errors become Dagster's.

A person has to put a `D365PMError` right, so retrying a step cannot help; the sentence of the error is what the UI
shows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from d365_pm.errors import D365PMError


@contextmanager
def permanent_failures() -> Iterator[None]:
    """Turn errors that a person has to mend into failures that Dagster does not retry."""
    try:
        yield
    except D365PMError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
