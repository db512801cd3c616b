"""`$expand`: rows of other tables inside the rows of an answer.

Belongs here: finding the related rows and putting their JSON where it belongs. Does not belong here: writing JSON
(`render.py`). Source: Web API reference 2.4.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from d365_pm.sandbox.errors import bad_request, unknown_property, unsupported_option
from d365_pm.sandbox.navigation import CollectionNavigation, SingleNavigation, find_navigation
from d365_pm.sandbox.options import Expansion, QueryOptions
from d365_pm.sandbox.prefer import LARGEST_PAGE
from d365_pm.sandbox.query import QueryEngine, selected_columns
from d365_pm.sandbox.render import Inserted, Renderer
from d365_pm.sandbox.schema import Column
from d365_pm.sandbox.stored import StoredTable

_NOTHING = "null"


class Expander:
    """Carries out the `$expand` of one request.

    Args:
        engine: Where related rows come from.
        renderer: Writes them, with the annotations of the request.
        base: Address of the Web API, for the links of collections.
    """

    def __init__(self, engine: QueryEngine, renderer: Renderer, base: str) -> None:
        self._engine = engine
        self._renderer = renderer
        self._base = base

    def write(
        self,
        table: StoredTable,
        positions: npt.NDArray[np.uint32],
        columns: Sequence[Column],
        expansions: Sequence[Expansion],
        *,
        is_nested: bool = False,
    ) -> list[str]:
        """Rows of a table as JSON objects, expanded rows inside.

        Raises:
            ApiError: An expansion is one that Dataverse would refuse.
        """
        links = [
            navigation.column
            for expansion in expansions
            if isinstance(navigation := find_navigation(table.definition, expansion.navigation), SingleNavigation)
        ]
        rows = table.take((*columns, *links), positions)
        inserted = [
            part for expansion in expansions for part in self._insert(table, rows, expansion, is_nested=is_nested)
        ]
        return self._renderer.objects(table.definition, rows, columns, inserted)

    def _insert(
        self, table: StoredTable, rows: pl.DataFrame, expansion: Expansion, *, is_nested: bool
    ) -> Iterator[Inserted]:
        navigation = find_navigation(table.definition, expansion.navigation)
        if isinstance(navigation, SingleNavigation):
            yield Inserted(expansion.navigation, self._single(rows, expansion, navigation))
        elif is_nested or expansion.is_reference:
            raise unsupported_option("$expand")
        else:
            yield from self._collection(table, rows, expansion, navigation)

    def _single(self, rows: pl.DataFrame, expansion: Expansion, navigation: SingleNavigation) -> list[str]:
        for option, value in (("$filter", expansion.filter), ("$orderby", expansion.order), ("$top", expansion.top)):
            if value is not None:
                raise bad_request(f"The query option {option} is not supported in a many-to-one $expand.")
        found: dict[str, str] = {}
        ids = rows[navigation.column.wire_name]
        for target in navigation.targets:
            if target in self._engine.environment.tables:
                found |= self._by_id(target, ids, expansion, is_owner=len(navigation.targets) > 1)
        return [found.get(row_id, _NOTHING) for row_id in ids.to_list()]

    def _by_id(self, target: str, ids: pl.Series, expansion: Expansion, *, is_owner: bool) -> dict[str, str]:
        related = self._engine.environment.readable(target)
        key = related.definition.key
        positions = related.rows[key].is_in(ids.unique().implode()).arg_true().to_numpy()
        select = ("ownerid",) if is_owner and not expansion.select else expansion.select
        if is_owner:
            # Owners share the base type principal, so columns of one kind are no error on the other (reference 8).
            select = tuple(name for name in select if name in related.definition.by_wire_name) or (key,)
        columns = (related.definition.by_name[key],) if expansion.is_reference else self._columns(related, select)
        texts = self.write(related, positions, columns, expansion.expand, is_nested=True)
        if is_owner:
            texts = [
                f'{text[:-1]},"ownerid":"{row_id}"}}'
                for text, row_id in zip(texts, related.rows[key][positions].to_list(), strict=True)
            ]
        return dict(zip(related.rows[key][positions].to_list(), texts, strict=True))

    def _columns(self, table: StoredTable, select: tuple[str, ...]) -> tuple[Column, ...]:
        return selected_columns(table, select, changedata=self._engine.environment.switches.returns_changedata)

    def _collection(
        self, table: StoredTable, rows: pl.DataFrame, expansion: Expansion, navigation: CollectionNavigation
    ) -> Iterator[Inserted]:
        if navigation.table not in self._engine.environment.tables:
            raise unknown_property(expansion.navigation, table.definition.name)
        related = self._engine.environment.readable(navigation.table)
        link = related.definition.by_name[navigation.lookup]
        parents = rows[table.definition.key].to_list()
        ordered = self._engine.sorted_rows(related, expansion.filter, expansion.order)
        parent_of = related.take([link], ordered.positions)[link.wire_name]
        is_wanted = parent_of.is_in(pl.Series(parents).implode()).to_numpy()
        positions = ordered.positions[is_wanted]
        texts = self.write(
            related, positions, self._columns(related, expansion.select), expansion.expand, is_nested=True
        )
        children: dict[str, list[str]] = defaultdict(list)
        for parent, text in zip(parent_of.filter(pl.Series(is_wanted)).to_list(), texts, strict=True):
            children[parent].append(text)
        limit = min(expansion.top if expansion.top is not None else LARGEST_PAGE, LARGEST_PAGE)
        yield Inserted(expansion.navigation, [f"[{','.join(children[parent][:limit])}]" for parent in parents])
        # Always there, even when the collection is complete; it reads the same collection from its start.
        key = f"{expansion.navigation}@odata.nextLink"
        links = (f"{self._base}/{table.definition.entity_set}({parent})/{expansion.navigation}" for parent in parents)
        suffix = f"?$select={','.join(expansion.select)}" if expansion.select else ""
        yield Inserted(key, [f'"{link}{suffix}"' for link in links])


def collection_options(options: QueryOptions, navigation: CollectionNavigation, row_id: str) -> QueryOptions:
    """Options that keep a request for a whole table to the rows of one parent."""
    condition = f"_{navigation.lookup}_value eq {row_id}"
    return replace(options, filter=f"{condition} and ({options.filter})" if options.filter else condition)
