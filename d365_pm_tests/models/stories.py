"""Tests in two halves that share one run of the models.

Before its `yield` a story writes the rows of its cases, after it it says what the models must have made of them. The
first halves of all stories of a module come first, then the models run once over all their rows, and each story goes on
by itself: it sees its own cases only. A test that needs settings, seeds or people of its own makes its own `Desk`
instead.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import pytest

from d365_pm_tests.models.desk import Desk

P = ParamSpec("P")
Story = Iterator[None]
_FIRST_HALF = "first_half_of_story"


def story(test: Callable[Concatenate[Desk, P], Story]) -> Callable[..., None]:
    """Make a test of a story; its first argument is the desk."""

    @wraps(test)
    def second_half(desk: Desk, *args: P.args, **kwargs: P.kwargs) -> None:
        assert next(desk.story, None) is None, "a story yields once"

    setattr(second_half, _FIRST_HALF, test)
    return second_half


def tell(items: Iterable[pytest.Item], environment: Mapping[str, Any]) -> dict[str, Desk]:
    """Write the rows of every story among the tests, on one desk; returns the part of each by node id."""
    shared = Desk(**environment)
    return {
        item.nodeid: _told(shared.part(item.nodeid), item)
        for item in items
        if isinstance(item, pytest.Function) and hasattr(item.function, _FIRST_HALF)
    }


def _told(desk: Desk, item: pytest.Function) -> Desk:
    parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    desk.story = getattr(item.function, _FIRST_HALF)(desk, **parameters)
    next(desk.story)
    return desk
