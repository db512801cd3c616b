"""Finding out the facts: which questions are asked, in what order, and what is kept when one fails.

One refusal never ends the examination: it is noted as unanswered, and its fact stays unknown. Only the first question
decides whether there is anybody to ask.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from d365_pm.dataverse import TABLES, DataverseClient, DataverseError, RequirementError, TableShape
from d365_pm.doctor import questions
from d365_pm.doctor.audit_history import READ_AUDIT, READ_AUDIT_VALUES, AuditHistory
from d365_pm.doctor.facts import (
    Caller,
    Depth,
    Facts,
    Organization,
    PageTiming,
    TableFacts,
    Unanswered,
)
from d365_pm.doctor.tables import describe_table, with_depth

Progress = Callable[[str], None]
Value = TypeVar("Value")

_AUDITED = ("incident", "queueitem")
"""Tables whose history the event log reads from the audit."""
_UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What reading an answer of an unexpected form raises."""


class Examination:
    """One round of questions to one environment."""

    def __init__(self, client: DataverseClient, facts: Facts, progress: Progress) -> None:
        self._client = client
        self._facts = facts
        self._progress = progress
        self._unanswered: list[Unanswered] = []
        self._shapes: dict[str, TableShape] = {}

    async def run(self) -> Facts:
        """Ask everything.

        Raises:
            DataverseError: The first question is refused, so that there is nobody to ask.
        """
        self._progress("signing in")
        try:
            welcome = await questions.who_am_i(self._client)
        except _UNREADABLE:
            raise DataverseError(
                f"{self._facts.address} answers, but not as a Dataverse: set D365_URL to the environment's address."
            ) from None
        self._facts = replace(self._facts, requests_hint=welcome.requests_hint)
        await self._read_environment(welcome)
        self._progress(f"looking at {len(TABLES)} tables")
        tables = await self._tables()
        self._progress("looking at privileges")
        tables, privileges = await self._with_privileges(tables, welcome.user_id)
        self._progress("looking at the audit history")
        tables = await self._with_ages(await self._with_counts(tables))
        audit = await self._audit(tables["audit"], privileges)
        self._progress("measuring pages")
        timings = await self._timings(tables)
        return replace(
            self._facts,
            tables=tables,
            privileges=privileges,
            audit=audit,
            timings=timings,
            unanswered=tuple(self._unanswered),
        )

    async def _answer(self, question: str, asked: Awaitable[Value], otherwise: Value) -> Value:
        """The answer, or another value if there is none; the reason is kept."""
        try:
            return await asked
        except DataverseError as error:
            self._unanswered.append(Unanswered(question, str(error)))
        except _UNREADABLE:
            self._unanswered.append(Unanswered(question, "The answer has a form that is not documented."))
        return otherwise

    async def _read_environment(self, welcome: questions.Welcome) -> None:
        version, spoken, languages = await asyncio.gather(
            self._answer("version", self._client.version(), None),
            self._answer("user settings", questions.user_settings(self._client, welcome.user_id), (None, None)),
            self._answer("option labels", self._label_languages(), None),
        )
        self._facts = replace(
            self._facts,
            version=version,
            caller=Caller(welcome.user_id, welcome.organization_id, *spoken),
            organization=await self._answer("organisation", self._organization(), Organization()),
            label_languages=languages,
        )

    async def _organization(self) -> Organization:
        return await questions.organization(self._client, await self._client.shape("organization"))

    async def _label_languages(self) -> frozenset[int] | None:
        labels = await self._client.option_labels(["incident"])
        found = frozenset(language for language in labels.column("language").to_pylist() if language)
        return found or None

    async def _tables(self) -> dict[str, TableFacts]:
        described = await asyncio.gather(*(self._table(name) for name in TABLES))
        return {table.name: table for table in described}

    async def _table(self, name: str) -> TableFacts:
        nothing = (TableFacts(name, is_required=TABLES[name].required, is_unknown=True), None)
        table, shape = await self._answer(f"table {name}", describe_table(self._client, name), nothing)
        if shape and not shape.is_missing:
            self._shapes[name] = shape
        return table

    async def _with_privileges(
        self, tables: Mapping[str, TableFacts], user_id: str
    ) -> tuple[dict[str, TableFacts], dict[str, bool]]:
        held = await self._answer("privileges", questions.all_privileges(self._client, user_id), {})
        asked = await asyncio.gather(*(self._with_depth(table, held, user_id) for table in tables.values()))
        audit: dict[str, bool] = {}
        for name in (READ_AUDIT, READ_AUDIT_VALUES):
            depth = await self._depth(name, held, user_id)
            audit |= {} if depth is None else {name: depth is not Depth.NONE}
        return {table.name: table for table in asked}, audit

    async def _depth(self, name: str, held: Mapping[str, Depth], user_id: str) -> Depth | None:
        if held:
            return held.get(name.lower(), Depth.NONE)
        return await self._answer(f"privilege {name}", questions.privilege(self._client, user_id, name), None)

    async def _with_depth(self, table: TableFacts, held: Mapping[str, Depth], user_id: str) -> TableFacts:
        shape = self._shapes.get(table.name)
        if not table.is_readable or shape is None:
            return table

        async def ask(name: str) -> Depth | None:
            return await self._depth(name, held, user_id)

        return await self._answer(f"reading {table.name}", with_depth(self._client, table, shape, ask), table)

    async def _with_counts(self, tables: Mapping[str, TableFacts]) -> dict[str, TableFacts]:
        names = [table.name for table in tables.values() if not table.is_missing]
        counts = await self._answer("row counts", self._client.total_record_counts(names), {})
        return {
            name: replace(table, rows=counts[name] if counts.get(name, -1) >= 0 else None)
            for name, table in tables.items()
        }

    async def _with_ages(self, tables: dict[str, TableFacts]) -> dict[str, TableFacts]:
        for name in _AUDITED:
            if tables[name].is_readable and name in self._shapes:
                asked = questions.oldest(self._client, self._shapes[name].entity_set)
                moment = await self._answer(f"oldest row of {name}", asked, None)
                tables[name] = replace(tables[name], oldest=moment)
        return tables

    async def _audit(self, table: TableFacts, privileges: Mapping[str, bool]) -> AuditHistory:
        shape = self._shapes.get("audit")
        if shape is None or not table.is_readable or privileges.get(READ_AUDIT) is False:
            return AuditHistory(is_examined=False)
        earliest: dict[str, datetime] = {}
        for name in _AUDITED:
            asked = questions.oldest(self._client, shape.entity_set, where=f"objecttypecode eq '{name}'")
            moment = await self._answer(f"oldest audit row of {name}", asked, None)
            earliest |= {name: moment} if moment else {}
        switches = await self._answer("audit switches", questions.audit_switches(self._client, shape.entity_set), ())
        route, can_read = await self._answer("audit route", self._route(), (None, None))
        return AuditHistory(earliest, switches, can_read, route, is_examined=not self._lacks_times())

    def _lacks_times(self) -> bool:
        """Whether a question about time stayed without an answer."""
        return any(each.question.startswith(("oldest", "audit switches")) for each in self._unanswered)

    async def _route(self) -> tuple[str | None, bool | None]:
        """The route to the values of audit rows, and whether there is one."""
        try:
            return str(await self._client.audit_route()), True
        except RequirementError:
            return None, False

    async def _timings(self, tables: Mapping[str, TableFacts]) -> tuple[PageTiming, ...]:
        """Two pages: one of the cases, one of the largest other table."""
        readable = [name for name, table in tables.items() if table.is_readable and name in self._shapes]
        others = sorted((name for name in readable if name != "incident"), key=lambda name: -(tables[name].rows or 0))
        timings = []
        for name in [*(["incident"] if "incident" in readable else []), *others[:1]]:
            asked = questions.time_page(self._client, self._shapes[name])
            timing = await self._answer(f"a page of {name}", asked, None)
            timings += [timing] if timing else []
        return tuple(timings)
