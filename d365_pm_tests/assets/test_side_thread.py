"""An asynchronous generator worked off aside: order, errors, early end."""

import asyncio
import threading
from collections.abc import AsyncGenerator

import pytest

from d365_pm.assets.side_thread import iterate_aside


async def _numbers(upto: int, *, then: Exception | None = None) -> AsyncGenerator[int, None]:
    for number in range(upto):
        await asyncio.sleep(0)
        yield number
    if then:
        raise then


def test_everything_comes_in_order():
    assert list(iterate_aside(_numbers(50))) == list(range(50))


def test_an_error_comes_after_everything_before_it():
    iterator = iterate_aside(_numbers(3, then=ValueError("broken")))

    assert [next(iterator) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="broken"):
        next(iterator)


def test_stopping_early_lets_the_generator_clean_up():
    cleaned = threading.Event()

    async def endless() -> AsyncGenerator[int, None]:
        try:
            while True:
                yield 1
                await asyncio.sleep(0.01)
        finally:
            cleaned.set()

    iterator = iterate_aside(endless())
    assert next(iterator) == 1
    iterator.close()

    assert cleaned.wait(5)
    assert not [thread for thread in threading.enumerate() if thread.name == "extraction"]


def test_the_generator_goes_on_while_a_result_is_being_used():
    arrived = threading.Event()

    async def two() -> AsyncGenerator[int, None]:
        yield 1
        arrived.set()
        yield 2

    iterator = iterate_aside(two())
    assert next(iterator) == 1
    assert arrived.wait(5)
    assert next(iterator) == 2
