"""Following a living sandbox: changes, deletes, schema changes, interrupted reads, and what is remembered of it."""

from collections.abc import Callable, Coroutine
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from d365_pm.dataverse import (
    BrokenChainError,
    Cut,
    DataverseClient,
    ExpiredTokenError,
    NotTrackedError,
    Page,
    TableShape,
    Window,
)
from d365_pm.sandbox.schema import AttributeType, Column
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.dataverse.test_sandbox import CASES, START, cases, guid, settings
from d365_pm_tests.dataverse.wire import collect, run

pytestmark = pytest.mark.slow

Mirror = dict[str, dict[str, Any]]


@pytest.fixture
def sandbox() -> Any:
    with running_server({"incident": cases()}) as running:
        yield running


def ask(
    sandbox: RunningSandbox,
    question: Callable[[DataverseClient], Coroutine[Any, Any, Any]],
    *,
    memory: Path | None = None,
) -> Any:
    async def scenario() -> Any:
        async with DataverseClient.open(settings(sandbox), memory=memory) as client:
            await client.environment()
            return await question(client)

    return run(scenario())


def applied(mirror: Mirror, pages: list[Page]) -> str | None:
    """Put pages of changes into a mirror; the link for the next time."""
    for page in pages:
        mirror |= {row["incidentid"]: row for row in page.rows.to_pylist()}
        for key in page.deleted:
            mirror.pop(key, None)
    return pages[-1].delta_link


async def whole(client: DataverseClient, shape: TableShape) -> Mirror:
    pages = await collect(client.pages(shape))
    return {row["incidentid"]: row for page in pages for row in page.rows.to_pylist()}


def rename(sandbox: RunningSandbox, numbers: range, title: str) -> None:
    sandbox.environment.upsert("incident", [{"incidentid": guid(number), "title": title} for number in numbers])


def come_and_go(sandbox: RunningSandbox, number: int) -> None:
    sandbox.environment.upsert("incident", [new_case(number)])
    sandbox.environment.delete("incident", [guid(number)])


def new_case(number: int) -> dict[str, Any]:
    return {"incidentid": guid(number), "ticketnumber": f"CAS-{number}", "title": "new", "statuscode": 1}


def test_a_mirror_that_follows_the_links_equals_the_table(sandbox: RunningSandbox) -> None:
    async def follow(client: DataverseClient) -> None:
        shape = await client.shape("incident")
        assert shape.is_tracked
        mirror: Mirror = {}
        link = applied(mirror, await collect(client.changes(shape, since=None)))
        assert len(mirror) == CASES
        steps: list[Callable[[], Any]] = [
            lambda: None,
            lambda: rename(sandbox, range(6000), "renamed"),
            lambda: sandbox.environment.delete("incident", [guid(number) for number in range(0, 900, 3)]),
            lambda: sandbox.environment.upsert("incident", [new_case(CASES + number) for number in range(20)]),
            lambda: sandbox.environment.upsert("incident", [new_case(number) for number in range(0, 90, 3)]),
            lambda: come_and_go(sandbox, CASES + 50),
        ]
        for step in steps:
            step()
            assert link is not None
            counted = await client.changed_count(shape, link)
            pages = await collect(client.changes(shape, since=link))
            assert counted in {None, sum(page.rows.num_rows + len(page.deleted) for page in pages)}
            link = applied(mirror, pages)
            assert mirror == await whole(client, shape)

    ask(sandbox, follow)


def test_nothing_new_is_one_request(sandbox: RunningSandbox) -> None:
    async def again(client: DataverseClient) -> int:
        shape = await client.shape("incident")
        link = applied({}, await collect(client.changes(shape, since=None)))
        before = client.statistics.requests
        pages = await collect(client.changes(shape, since=link))
        assert [(page.rows.num_rows, page.deleted) for page in pages] == [(0, ())]
        return client.statistics.requests - before

    assert ask(sandbox, again) == 1


def test_an_interrupted_delta_goes_on_at_its_link(sandbox: RunningSandbox) -> None:
    async def interrupted(client: DataverseClient) -> None:
        shape = await client.shape("incident")
        mirror: Mirror = {}
        link = applied(mirror, await collect(client.changes(shape, since=None)))
        rename(sandbox, range(1000), "renamed")
        sandbox.environment.delete("incident", [guid(number) for number in range(2000, 2600)])
        async with aclosing(client.changes(shape, since=link, page_size=250)) as pages:
            first = await anext(pages)
        rest = await collect(client.changes(shape, since=link, resume=first.next_link, page_size=250))
        assert applied(mirror, [first, *rest]) is not None
        assert mirror == await whole(client, shape)

    ask(sandbox, interrupted)


def test_a_schema_change_ends_the_link(sandbox: RunningSandbox) -> None:
    async def changed(client: DataverseClient) -> None:
        shape = await client.shape("incident")
        link = applied({}, await collect(client.changes(shape, since=None)))
        sandbox.environment.add_column("incident", Column("new_region", AttributeType.STRING))
        with pytest.raises(ExpiredTokenError, match="table incident"):
            await collect(client.changes(shape, since=link))

    ask(sandbox, changed)


@pytest.mark.parametrize("status", [400, 410])
def test_an_old_link_has_expired(status: int) -> None:
    with running_server({"incident": cases()}, Switches(expired_token_status=status)) as sandbox:

        async def late(client: DataverseClient) -> None:
            shape = await client.shape("incident")
            link = applied({}, await collect(client.changes(shape, since=None)))
            sandbox.environment.clock = lambda: datetime.now(UTC) + timedelta(days=400)
            with pytest.raises(ExpiredTokenError):
                await collect(client.changes(shape, since=link))

        ask(sandbox, late)


def test_a_table_that_is_not_tracked_says_so() -> None:
    with running_server({}, Switches(tracked_tables=frozenset())) as sandbox:

        async def untracked(client: DataverseClient) -> None:
            shape = await client.shape("incident")
            assert not shape.is_tracked
            with pytest.raises(NotTrackedError):
                await collect(client.changes(shape, since=None))

        ask(sandbox, untracked)


def test_an_interrupted_read_goes_on_at_its_link(sandbox: RunningSandbox) -> None:
    async def interrupted(client: DataverseClient) -> list[str]:
        shape = await client.shape("incident")
        window = Window(START, None)
        async with aclosing(client.pages(shape, window=window, page_size=1000)) as pages:
            taken = [await anext(pages) for _ in range(3)]
        rest = await collect(client.pages(shape, window=window, resume=taken[-1].next_link, page_size=1000))
        return [key for page in [*taken, *rest] for key in page.rows.column("incidentid").to_pylist()]

    found = ask(sandbox, interrupted)
    assert len(found) == len(set(found)) == CASES


def test_a_column_that_goes_while_pages_are_read_costs_one_more_read(sandbox: RunningSandbox, tmp_path: Path) -> None:
    async def read_twice(client: DataverseClient) -> pa.Table:
        shape = await client.shape("incident")
        async with aclosing(client.pages(shape, page_size=1000)) as pages:
            await anext(pages)
            sandbox.environment.remove_column("incident", "title")
            with pytest.raises(BrokenChainError):
                await anext(pages)
        assert (await client.shape("incident")).missing_columns == ("title",)
        again = await collect(client.pages(shape))
        return pa.concat_tables(page.rows for page in again)

    found = ask(sandbox, read_twice, memory=tmp_path / "memory.json")
    assert found.num_rows == CASES
    assert found.column("title").null_count == CASES
    assert not (tmp_path / "memory.json").exists()


def test_a_column_that_comes_while_pages_are_read_is_noticed(sandbox: RunningSandbox, tmp_path: Path) -> None:
    async def read(client: DataverseClient) -> int:
        shape = await client.shape("incident")
        async with aclosing(client.pages(shape, page_size=1000)) as pages:
            first = await anext(pages)
            sandbox.environment.add_column("incident", Column("new_region", AttributeType.STRING))
            counts = [first.rows.num_rows] + [page.rows.num_rows async for page in pages]
            return int(sum(counts))

    assert ask(sandbox, read, memory=tmp_path / "memory.json") == CASES
    assert not (tmp_path / "memory.json").exists()


def test_the_second_run_asks_for_no_metadata(sandbox: RunningSandbox, tmp_path: Path) -> None:
    async def shapes(client: DataverseClient) -> tuple[bool, int, list[TableShape]]:
        found = [await client.shape(name) for name in ("incident", "audit", "subject", "msfp_surveyinvite")]
        await client.option_labels()
        await client.attribute_metadata()
        await client.audit_route()
        return client.metadata_unchanged, client.statistics.requests, found

    first = ask(sandbox, shapes, memory=tmp_path / "memory.json")
    second = ask(sandbox, shapes, memory=tmp_path / "memory.json")
    assert (first[0], second[0]) == (False, True)
    assert second[1] == 1 < first[1]
    assert second[2] == first[2]


@pytest.mark.parametrize("rows", [3000, 50_000])
def test_parts_are_the_whole_table(sandbox: RunningSandbox, rows: int) -> None:
    async def parts(client: DataverseClient) -> tuple[Cut, list[int]]:
        shape = await client.shape("incident")
        found = await client.cut(shape, Window(), rows=rows)
        tables = [await collect(client.pages(shape, window=each)) for each in found.parts]
        return found, [sum(page.rows.num_rows for page in pages) for pages in tables]

    found, read = ask(sandbox, parts)
    assert found.counted == sum(read) == CASES
    assert (len(read) > 1) == (rows < CASES)
    assert max(read) <= rows
    assert all(left.end == right.start for left, right in pairwise(found.parts))


@pytest.mark.parametrize(
    ("window", "rows"), [(None, CASES), (Window(START, START + timedelta(hours=1, seconds=100)), 700)]
)
def test_keys_are_ids_only(sandbox: RunningSandbox, window: Window | None, rows: int) -> None:
    async def ids(client: DataverseClient) -> list[pa.Array]:
        return await collect(client.keys(await client.shape("incident"), window=window))

    found = ask(sandbox, ids)
    assert {each.type for each in found} == {pa.string()}
    assert len({key for each in found for key in each.to_pylist()}) == rows
