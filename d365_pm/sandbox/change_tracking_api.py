"""Requests that track changes: the first full read, the changes since a delta link, and their number.

Belongs here: from a request with `odata.track-changes`, a delta token or a tracking cookie to an answer (Web API
reference 5). Does not belong here: what changed (`change_tracking.py`). A run shows the changes up to the moment of its
first page, which its cookies carry; whatever is written meanwhile comes with the next delta link.
"""

from dataclasses import dataclass, replace

import msgspec

from d365_pm.sandbox.answers import COUNT_CEILING, Answer, DeltaLink, collection, context, next_link
from d365_pm.sandbox.call import Call
from d365_pm.sandbox.change_tracking import ChangeSet, DeltaToken, check_age, expired, not_tracked
from d365_pm.sandbox.errors import COOKIE_MISMATCH, bad_request, missing_privilege
from d365_pm.sandbox.lookup_texts import LookupTexts
from d365_pm.sandbox.options import QueryOptions, standing_query
from d365_pm.sandbox.paging import CookieColumn, PagingToken, read_token
from d365_pm.sandbox.prefer import FORMATTED_VALUE, LARGEST_PAGE
from d365_pm.sandbox.query import QueryEngine, selected_columns
from d365_pm.sandbox.render import Renderer
from d365_pm.sandbox.schema import Column
from d365_pm.sandbox.stored import StoredTable, stable_id

_DELETION, _VERSION = "isdeleted", "versionnumber"


def is_tracking(call: Call, options: QueryOptions) -> bool:
    """The request belongs to change tracking. A run that began without it cannot join in on a later page."""
    if options.skip_token is not None:
        return "istracking=%22True%22" in options.skip_token
    return options.delta_token is not None or call.preferences.tracks_changes


@dataclass(frozen=True)
class _Run:
    """One request that tracks changes.

    Attributes:
        until: The end of what the run shows; what its delta link says.
        cookie: Where the page begins; None on the first one.
    """

    call: Call
    options: QueryOptions
    table: StoredTable
    until: DeltaToken
    cookie: PagingToken | None

    @property
    def url(self) -> str:
        return f"{self.call.base}/{self.call.path}"

    def next_link(self, token: PagingToken) -> str:
        return next_link(self.url, self.options, replace(token, tracking=self.until.text))


class ChangeTrackingApi:
    """Answers requests that track changes."""

    def __init__(self, engine: QueryEngine, lookups: LookupTexts) -> None:
        self._engine = engine
        self._environment = engine.environment
        self._lookups = lookups
        self._selects: dict[tuple[str, str], set[frozenset[str]]] = {}

    def rows(self, call: Call, entity_set: str, options: QueryOptions) -> Answer:
        """One page of a first read or of the changes.

        Raises:
            ApiError: The table does not track changes, an option is not supported, or the token is no longer good.
        """
        run = self._run(call, entity_set, options)
        return self._first_read(run) if options.delta_token is None else self._changes(run)

    def count(self, call: Call, entity_set: str, options: QueryOptions) -> Answer:
        """`GET <set>/$count?$deltatoken=...`: how many rows changed or went."""
        run = self._run(call, entity_set, options)
        total = len(ChangeSet.between(run.table, self._since(run), run.until))
        return Answer((str(min(total, COUNT_CEILING)).encode(),), media_type="text/plain")

    def _run(self, call: Call, entity_set: str, options: QueryOptions) -> _Run:
        now = DeltaToken.now(self._environment)
        table = self._environment.by_entity_set(entity_set)
        definition = table.definition
        if not definition.has_change_tracking:
            raise not_tracked(definition.name)
        if definition.name in self._environment.switches.shallow_tables:
            privilege = stable_id("prvRead", definition.name)
            user = self._environment.user_id
            raise missing_privilege(definition.name, definition.object_type_code, user, privilege)
        _refuse(options)
        is_lenient = self._environment.switches.takes_rewritten_links
        cookie = None if options.skip_token is None else read_token(options.skip_token, may_be_rewritten=is_lenient)
        until = now if cookie is None else DeltaToken.read(cookie.tracking or "")
        return _Run(call, options, table, until, cookie)

    def _since(self, run: _Run) -> DeltaToken:
        token = DeltaToken.read(run.options.delta_token or "")
        check_age(self._environment, run.table, token)
        if self._environment.switches.delta_token_binds_select:
            known = self._selects.get((run.table.definition.name, token.text), set())
            if frozenset(run.options.select) not in known:
                raise expired(self._environment.switches.expired_token_status)
        return token

    def _first_read(self, run: _Run) -> Answer:
        page = self._engine.page(run.table, run.options, run.call.preferences.page_size)
        columns = self._columns(run)
        renderer = Renderer(self._lookups, run.call.preferences)
        rows = renderer.array(run.table.definition, run.table.take(columns, page.positions), columns)
        link = None if page.next_token is None else run.next_link(page.next_token)
        return self._answer(run, rows, page.total, link, suffix="")

    def _changes(self, run: _Run) -> Answer:
        changes = ChangeSet.between(run.table, self._since(run), run.until)
        start = 0 if run.cookie is None else _start(changes, run.cookie)
        end = start + (run.call.preferences.page_size or LARGEST_PAGE)
        changed = len(changes.versions)
        columns = self._columns(run)
        taken = run.table.take(columns, changes.positions[start:end])
        rows = Renderer(self._lookups, run.call.preferences).array(run.table.definition, taken, columns)
        gone = changes.deleted[max(start - changed, 0) : max(end - changed, 0)].to_list()
        if gone:
            rows = memoryview(b",".join([*([bytes(rows)] if len(rows) else []), *self._deletions(run, gone)]))
        is_last = end >= len(changes)
        link = None if is_last else run.next_link(_cookie(changes, start, end, _page(run)))
        return self._answer(run, rows, len(changes), link, suffix="/$delta")

    def _deletions(self, run: _Run, ids: list[str]) -> list[bytes]:
        about = f"{run.call.base}/$metadata#{run.table.definition.entity_set}/$deletedEntity"
        return [msgspec.json.encode({"@odata.context": about, "id": row_id, "reason": "deleted"}) for row_id in ids]

    def _columns(self, run: _Run) -> tuple[Column, ...]:
        return selected_columns(run.table, run.options.select, changedata=self._environment.switches.returns_changedata)

    def _answer(self, run: _Run, rows: memoryview, total: int, link: str | None, *, suffix: str) -> Answer:
        return collection(
            rows,
            context_url=context(run.call.base, run.table.definition.entity_set, run.options) + suffix,
            preferences=run.call.preferences,
            total=total if run.options.has_count else None,
            metadata_version=self._environment.metadata_version,
            next_link=link,
            delta_link=self._delta_link(run) if link is None else None,
        )

    def _delta_link(self, run: _Run) -> DeltaLink | None:
        switches = self._environment.switches
        preferences = run.call.preferences
        if switches.labels_hide_delta_link and preferences.wants(FORMATTED_VALUE):
            return None
        if switches.tracking_repeats_preference and run.cookie is not None and not preferences.tracks_changes:
            return None
        key = run.table.definition.name, run.until.text
        self._selects.setdefault(key, set()).add(frozenset(run.options.select))
        standing = standing_query(run.options)
        query = f"{standing}&" if standing else ""
        return DeltaLink(f"{run.url}?{query}$deltatoken={run.until.url_text}", switches.delta_link_before_value)


def _refuse(options: QueryOptions) -> None:
    given = (("$filter", options.filter), ("$orderby", options.order), ("$top", options.top), ("$apply", options.apply))
    for name, value in (*given, ("$expand", options.expand or None)):
        if value is not None:
            raise bad_request(f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.')


def _page(run: _Run) -> int:
    return 1 if run.cookie is None else run.cookie.page


def _cookie(changes: ChangeSet, start: int, end: int, page: int) -> PagingToken:
    """Where the next page of changes begins: the kind and the version of this page's ends."""
    first, last = changes.entry(start), changes.entry(end - 1)
    columns = (
        CookieColumn(_DELETION, str(int(last[0])), str(int(first[0]))),
        CookieColumn(_VERSION, str(last[1]), str(first[1])),
    )
    return PagingToken(page + 1, columns)


def _start(changes: ChangeSet, cookie: PagingToken) -> int:
    found = {column.name: column.last or "" for column in cookie.columns}
    if found.keys() != {_DELETION, _VERSION}:
        raise bad_request("The paging cookie does not fit a run of changes.", code=COOKIE_MISMATCH)
    return changes.after(is_deletion=found[_DELETION] == "1", version=int(found[_VERSION]))
