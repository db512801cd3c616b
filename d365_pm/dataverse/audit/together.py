"""Several questions at once, all answered or none left running."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

Answer = TypeVar("Answer")


async def together(questions: Sequence[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """Answers in order; the first error ends all, and is raised as it is."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
