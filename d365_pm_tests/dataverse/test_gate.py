"""The throttle gate: order, growth, halving, and pauses that hold for all and never add up."""

import asyncio

import pytest

from d365_pm.dataverse.gate import MOST, Gate, parse_advice
from d365_pm_tests.dataverse.virtual_time import now, run_virtual


def gate(**options: int) -> Gate:
    return Gate(clock=now, **options)


async def _work(one: Gate, seconds: float = 1.0) -> float:
    """Hold a place for so long and be answered well; the time at which it was entered."""
    async with one.passage():
        entered = now()
        await asyncio.sleep(seconds)
        one.clean()
    return entered


def test_the_first_requests_are_few_and_more_follow_while_answers_are_clean() -> None:
    async def scenario() -> list[int]:
        one, limits = gate(), []
        limits.append(one.limit)
        for _ in range(3):
            await asyncio.gather(*(_work(one) for _ in range(2 * one.limit)))
            limits.append(one.limit)
        return limits

    limits = run_virtual(scenario())
    assert limits[0] == 4
    assert limits == sorted(limits)
    assert limits[-1] > 4


def test_the_number_never_passes_forty_however_many_want_in() -> None:
    async def scenario() -> int:
        one, inside, most = gate(), 0, 0

        async def worker() -> None:
            nonlocal inside, most
            async with one.passage():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(1)
                one.clean()
                inside -= 1

        await asyncio.gather(*(worker() for _ in range(600)))
        return most

    assert run_virtual(scenario()) == MOST == 40


def test_the_setting_bounds_the_number_from_the_start() -> None:
    async def scenario() -> tuple[int, int]:
        one = gate(most=2)
        start = one.limit
        await asyncio.gather(*(_work(one) for _ in range(50)))
        return start, one.limit

    assert run_virtual(scenario()) == (2, 2)


def test_an_idle_gate_does_not_grow() -> None:
    async def scenario() -> int:
        one = gate()
        for _ in range(100):
            await _work(one)
        return one.limit

    assert run_virtual(scenario()) == 4


def test_the_advice_of_the_server_bounds_at_once_and_frees_again() -> None:
    async def scenario() -> list[int]:
        one = gate()
        one.recommend(2)
        limits = [one.limit]
        await asyncio.gather(*(_work(one) for _ in range(30)))
        limits.append(one.limit)
        one.recommend(10)
        await asyncio.gather(*(_work(one) for _ in range(100)))
        limits.append(one.limit)
        return limits

    assert run_virtual(scenario()) == [2, 2, 10]


def test_the_first_advice_of_the_server_is_taken_at_once_unless_there_was_trouble() -> None:
    async def scenario(*, is_troubled: bool) -> list[int]:
        one = gate()
        if is_troubled:
            one.pause(1)
        one.recommend(30)
        limits = [one.limit]
        one.recommend(20)
        limits.append(one.limit)
        one.recommend(30)
        return [*limits, one.limit]

    assert run_virtual(scenario(is_troubled=False)) == [30, 20, 20]
    assert run_virtual(scenario(is_troubled=True)) == [4, 4, 4]


def test_requests_that_are_refused_together_halve_the_number_once() -> None:
    async def scenario() -> list[int]:
        one = gate()
        await asyncio.gather(*(_work(one) for _ in range(200)))
        limits = [one.limit]

        async def refused() -> None:
            async with one.passage() as passage:
                await asyncio.sleep(1)
                one.halve(passage)

        await asyncio.gather(*(refused() for _ in range(one.limit)))
        limits.append(one.limit)
        await asyncio.gather(*(refused() for _ in range(one.limit)))
        limits.append(one.limit)
        return limits

    assert run_virtual(scenario()) == [40, 20, 10]


def test_the_number_never_falls_below_one() -> None:
    async def scenario() -> int:
        one = gate()
        for _ in range(10):
            async with one.passage() as passage:
                one.halve(passage)
        await _work(one)
        return one.limit

    assert run_virtual(scenario()) >= 1


def test_after_trouble_it_grows_by_one_for_a_round_of_clean_answers() -> None:
    async def scenario() -> list[int]:
        one = gate()
        await asyncio.gather(*(_work(one) for _ in range(200)))
        async with one.passage() as passage:
            one.halve(passage)
        limits = [one.limit]
        await asyncio.gather(*(_work(one) for _ in range(100)))
        limits.append(one.limit)
        return limits

    # Rounds of 20, 21, 22 and 23 clean answers make 86; the next one would need 24 more while others still wait.
    low, later = run_virtual(scenario())
    assert low == 20
    assert 22 <= later <= 24


def test_requests_pass_in_the_order_in_which_they_came() -> None:
    async def scenario() -> list[int]:
        one, order = gate(most=1), []

        async def worker(number: int) -> None:
            async with one.passage():
                order.append(number)
                await asyncio.sleep(1)

        await asyncio.gather(*(worker(number) for number in range(30)))
        return order

    assert run_virtual(scenario()) == list(range(30))


def test_a_pause_holds_for_everybody_and_is_waited_in_full_but_hardly_longer() -> None:
    async def scenario() -> list[float]:
        one = gate()
        one.pause(100.0)
        return await asyncio.gather(*(_work(one, 0.0) for _ in range(20)))

    entered = run_virtual(scenario())
    assert min(entered) >= 100.0
    assert max(entered) <= 100.5


def test_of_several_pauses_the_latest_end_counts_and_nothing_adds_up() -> None:
    async def scenario() -> float:
        one = gate()
        one.pause(10.0)
        waiting = asyncio.create_task(_work(one, 0.0))
        await asyncio.sleep(4.0)
        one.pause(20.0)
        one.pause(3.0)
        return await waiting

    assert 24.0 <= run_virtual(scenario()) <= 24.7


def test_a_request_that_waits_for_a_place_obeys_a_pause_that_begins_meanwhile() -> None:
    async def scenario() -> float:
        one = gate(most=1)

        async def throttled() -> None:
            async with one.passage():
                await asyncio.sleep(1.0)
                one.pause(30.0)

        first = asyncio.create_task(throttled())
        await asyncio.sleep(0.1)
        entered = await _work(one, 0.0)
        await first
        return entered

    assert 31.0 <= run_virtual(scenario()) <= 31.6


@pytest.mark.parametrize("when", [0.5, 5.0], ids=["while-holding", "while-pausing"])
def test_who_is_cancelled_leaves_no_place_taken_and_no_pause_forgotten(when: float) -> None:
    async def scenario() -> float:
        one = gate(most=1)
        holder = asyncio.create_task(_work(one, 2.0))
        await asyncio.sleep(0.1)
        waiting = [asyncio.create_task(_work(one, 0.0)) for _ in range(3)]
        one.pause(10.0)
        await asyncio.sleep(when)
        for task in waiting:
            task.cancel()
        await asyncio.gather(holder, *waiting, return_exceptions=True)
        return await _work(one, 0.0)

    assert 10.0 <= run_virtual(scenario()) <= 11.0


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("17", 17),
        (" 4 ", 4),
        ("0", None),
        ("-3", None),
        ("4.5", None),
        ("many", None),
        ("", None),
        (None, None),
        ("9" * 5000, None),
    ],
)
def test_advice_is_a_positive_number_or_none(header: str | None, number: int | None) -> None:
    assert parse_advice(header) == number
