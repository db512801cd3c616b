"""Loading one table: find out what is there, choose the way, read, prove, commit."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from d365_pm.assets.loading.audit import note_audit
from d365_pm.assets.loading.choice import Choice, Question, choose
from d365_pm.assets.loading.deletes import compare_ids
from d365_pm.assets.loading.intake import Intake
from d365_pm.assets.loading.loaded import Loaded, Proof
from d365_pm.assets.loading.run import Run, fingerprint
from d365_pm.assets.loading.tracked import TrackedReader
from d365_pm.assets.loading.unchanged import note_unchanged
from d365_pm.assets.loading.windowed import WindowReader
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import ExpiredTokenError, NotTrackedError, RequestRefusedError, TableShape
from d365_pm.dataverse import Window as SourceWindow
from d365_pm.lake import (
    Committed,
    LoadKind,
    TableState,
    Window,
    newest_instant,
    open_load,
    record_missing,
    state,
)

logger = logging.getLogger(__name__)

_NO_LINK = "The server gave no delta link although the table tracks its changes; the next run cannot go on from here."


async def load_table(run: Run, name: str, window: Window | None) -> Loaded:
    """Read a table of the registry and commit it.

    Args:
        run: What all tables share.
        name: Logical name.
        window: Span of the window column that is wanted; ignored by tables that have none.

    Raises:
        D365PMError: It cannot be read whole; what was loaded before is unchanged, and the pages that arrived are kept
            for the next run.
    """
    clock, now = time.perf_counter(), datetime.now(UTC)
    shape = await run.shape(name)
    table = RAW_TABLES[name]
    question = Question(window if table.window else None, run.history_start, now, run.is_full)
    if shape.is_missing:
        await asyncio.to_thread(record_missing, run.root, table, extracted_at=now, window=question.window)
        return Loaded(name, now, 0, time.perf_counter() - clock, question.window, is_missing=True)
    known = await asyncio.to_thread(state, run.root, table)
    if shape.table.follows_metadata and run.client.metadata_unchanged and known.full_at and not run.is_full:
        return await note_unchanged(run, table, now=now, clock=clock)
    choice = await _choose(run, shape, question, known)
    loader = _TableLoader(run, shape, question, clock)
    try:
        loaded = await loader.load(choice)
    except ExpiredTokenError as error:
        logger.warning("%s The table is read again from the start.", error)
        return await loader.load(Choice(LoadKind.BASELINE))
    except (NotTrackedError, RequestRefusedError):
        if choice.kind is LoadKind.WINDOW:
            raise
        choice = Choice(LoadKind.WINDOW, question.window)
        loaded = await loader.load(choice)
    if choice.kind is LoadKind.WINDOW and table.marks_deleted and not table.is_snapshot and question.reaches_now:
        run.untracked.add(name)
        loaded = replace(loaded, deleted=loaded.deleted + await compare_ids(run, shape, known))
    return loaded


async def _choose(run: Run, shape: TableShape, question: Question, known: TableState) -> Choice:
    table = RAW_TABLES[shape.table.name]
    ask = partial(
        choose,
        question,
        table,
        known,
        fingerprint=fingerprint(shape),
        changes_with_another=shape.table.changed_with is not None,
    )
    choice = ask(is_tracked=shape.is_tracked)
    if choice.kind is LoadKind.BASELINE and not await run.is_short(shape):
        return ask(is_tracked=False)
    return choice


class _TableLoader:
    """Loads one table in a chosen way."""

    def __init__(self, run: Run, shape: TableShape, question: Question, clock: float) -> None:
        self._run = run
        self._shape = shape
        self._question = question
        self._clock = clock
        self._table = RAW_TABLES[shape.table.name]

    async def load(self, choice: Choice) -> Loaded:
        opened = open_load(
            self._run.root,
            self._table,
            extracted_at=self._question.now,
            window=choice.window if choice.kind is LoadKind.WINDOW else None,
            kind=choice.kind,
            fingerprint=fingerprint(self._shape),
        )
        with opened as load:
            since = self._run.history_start if choice.kind is not LoadKind.WINDOW else None
            intake = Intake(load, window_column=self._table.window, slots=self._run.slots, since=since)
            link, proof = await self._read(choice, intake)
            committed = await asyncio.to_thread(load.commit, cursor=link, source_count=proof.counted)
        newest = intake.newest or await asyncio.to_thread(newest_instant, self._run.root, self._table)
        is_linkless = link is None and (choice.kind is LoadKind.BASELINE or choice.since is not None)
        return Loaded(
            self._table.name,
            load.extracted_at,
            committed.facts.row_count,
            time.perf_counter() - self._clock,
            self._question.window,
            way=choice.label,
            proof=proof,
            deleted=committed.facts.deleted_count,
            is_whole=choice.is_whole,
            missing_columns=self._shape.missing_columns,
            newest=newest,
            remarks=await self._remarks(committed),
            warnings=(_NO_LINK,) if is_linkless else (),
        )

    async def _remarks(self, committed: Committed) -> dict[str, int | str]:
        if self._table.name != "audit":
            return {}
        found = self._run.client.audit_facts
        asked: dict[str, int | str] = {}
        if found is not None:
            asked = {"audit_route": str(found.route), "audit_detail_requests": found.requests}
        extracted_at = committed.facts.extracted_at
        return asked | await asyncio.to_thread(note_audit, self._run, committed.files, extracted_at=extracted_at)

    async def _read(self, choice: Choice, intake: Intake) -> tuple[str | None, Proof]:
        client, shape = self._run.client, self._shape
        if choice.kind is LoadKind.WINDOW or choice.window is not None:
            span = choice.window
            window = SourceWindow(span.start, span.end) if span else None
            return None, await WindowReader(client, shape, window, intake).read()
        reader = TrackedReader(client, shape, intake)
        followed = await (reader.changes(choice.since) if choice.since else reader.baseline())
        return followed.link, followed.proof
