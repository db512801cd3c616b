"""Requests for rows: a table, one of its rows, the rows behind a navigation property, a number of rows.

Belongs here: from a path and its options to an answer. Does not belong here: metadata (`metadata_api.py`) and functions
(`functions_api.py`).
"""

import uuid

import numpy as np
import numpy.typing as npt

from d365_pm.sandbox.aggregation import aggregate
from d365_pm.sandbox.answers import (
    COUNT_CEILING,
    Answer,
    collection,
    context,
    next_link,
    single,
)
from d365_pm.sandbox.call import Call
from d365_pm.sandbox.change_tracking_api import ChangeTrackingApi, is_tracking
from d365_pm.sandbox.errors import ApiError, bad_request, no_record, unknown_segment
from d365_pm.sandbox.expansion import Expander, collection_options
from d365_pm.sandbox.lookup_texts import LookupTexts
from d365_pm.sandbox.navigation import CollectionNavigation, find_navigation
from d365_pm.sandbox.options import QueryOptions, parse_options
from d365_pm.sandbox.query import QueryEngine, selected_columns
from d365_pm.sandbox.render import Renderer
from d365_pm.sandbox.schema import Column
from d365_pm.sandbox.stored import StoredTable

__all__ = ["Call", "RecordsApi"]


class RecordsApi:
    """Answers requests for rows."""

    def __init__(self, engine: QueryEngine) -> None:
        self._engine = engine
        self._lookups = LookupTexts(engine.environment)
        self._changes = ChangeTrackingApi(engine, self._lookups)

    def table(self, call: Call, entity_set: str) -> Answer:
        """`GET <set>`."""
        options = parse_options(call.query)
        if is_tracking(call, options):
            return self._changes.rows(call, entity_set, options)
        table = self._engine.environment.by_entity_set(entity_set)
        if options.apply is not None:
            return aggregate(self._engine.environment, call, table, options)
        return self._rows(call, table, options)

    def count(self, call: Call, entity_set: str) -> Answer:
        """`GET <set>/$count`: a bare number with the same ceiling as everywhere."""
        options = parse_options(call.query)
        if options.delta_token is not None:
            return self._changes.count(call, entity_set, options)
        table = self._engine.environment.by_entity_set(entity_set)
        total = len(self._engine.sorted_rows(table, options.filter, None).positions)
        return Answer((str(min(total, COUNT_CEILING)).encode(),), media_type="text/plain")

    def record(self, call: Call, entity_set: str, key: str) -> Answer:
        """`GET <set>(<id>)`."""
        table = self._engine.environment.by_entity_set(entity_set)
        return self._record(call, table, _position(table, _row_id(key)))

    def related(self, call: Call, entity_set: str, key: str, name: str) -> Answer:
        """`GET <set>(<id>)/<navigation property>`."""
        table = self._engine.environment.by_entity_set(entity_set)
        row_id = _row_id(key)
        position = _position(table, row_id)
        try:
            navigation = find_navigation(table.definition, name)
        except ApiError:
            raise unknown_segment(name) from None
        if isinstance(navigation, CollectionNavigation):
            related = self._engine.environment.readable(navigation.table)
            return self._rows(call, related, collection_options(parse_options(call.query), navigation, row_id))
        row = table.take([navigation.column], position)
        target_id, target = row[navigation.column.wire_name][0], row[navigation.column.type_name][0]
        if target_id is None or target not in navigation.targets:
            return Answer((), status=204)
        related = self._engine.environment.readable(target)
        return self._record(call, related, _position(related, target_id))

    def _rows(self, call: Call, table: StoredTable, options: QueryOptions) -> Answer:
        columns = self._columns(table, options)
        page = self._engine.page(table, options, call.preferences.page_size)
        link = None if page.next_token is None else next_link(f"{call.base}/{call.path}", options, page.next_token)
        return collection(
            self._json(call, table, page.positions, columns, options),
            context_url=context(call.base, table.definition.entity_set, options),
            preferences=call.preferences,
            total=page.total if options.has_count else None,
            metadata_version=self._engine.environment.metadata_version,
            next_link=link,
        )

    def _json(
        self,
        call: Call,
        table: StoredTable,
        positions: npt.NDArray[np.uint32],
        columns: tuple[Column, ...],
        options: QueryOptions,
    ) -> memoryview:
        renderer = Renderer(self._lookups, call.preferences)
        if not options.expand:
            return renderer.array(table.definition, table.take(columns, positions), columns)
        expander = Expander(self._engine, renderer, call.base)
        return memoryview(",".join(expander.write(table, positions, columns, options.expand)).encode())

    def _record(self, call: Call, table: StoredTable, position: npt.NDArray[np.uint32]) -> Answer:
        options = parse_options(call.query)
        for name, value in (("$filter", options.filter), ("$orderby", options.order), ("$top", options.top)):
            if value is not None:
                raise bad_request(f"The query option {name} can only be applied to a collection.")
        renderer = Renderer(self._lookups, call.preferences)
        expander = Expander(self._engine, renderer, call.base)
        [text] = expander.write(table, position, self._columns(table, options), options.expand)
        url = f"{context(call.base, table.definition.entity_set, options)}/$entity"
        return single(text, url, call.preferences)

    def _columns(self, table: StoredTable, options: QueryOptions) -> tuple[Column, ...]:
        changedata = self._engine.environment.switches.returns_changedata
        return selected_columns(table, options.select, changedata=changedata)


def _row_id(key: str) -> str:
    text = key.partition("=")[2] if "=" in key else key
    try:
        return str(uuid.UUID(text.strip("'")))
    except ValueError:
        raise bad_request(f"The key value '{key}' is not valid; the key of a row is a GUID.") from None


def _position(table: StoredTable, row_id: str) -> npt.NDArray[np.uint32]:
    positions = (table.rows[table.definition.key] == row_id).arg_true().to_numpy()
    if not len(positions):
        raise no_record(table.definition.name, row_id)
    return positions.astype(np.uint32)
