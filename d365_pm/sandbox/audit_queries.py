"""Queries as the caller may see their rows: the audit store's own rules, and roles that reach less far.

Belongs here: what differs from a plain query (Web API reference 1.5 and 7.4). Does not belong here: the plain query
(`query.py`).
"""

import re

import numpy as np
import numpy.typing as npt
import polars as pl

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.audit_store import readable_span
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import bad_request
from d365_pm.sandbox.options import QueryOptions, parse_options
from d365_pm.sandbox.ordering import SortedRows
from d365_pm.sandbox.privileges import within_reach
from d365_pm.sandbox.query import Page, QueryEngine
from d365_pm.sandbox.records_api import Call
from d365_pm.sandbox.stored import StoredTable

_STRINGS = re.compile(r"'(?:[^']|'')*'")
_UNFILTERABLE = re.compile(r"\bchangedata\b|\bobjectidname\b|\battributemask\s+(?:eq|ne|gt|ge|lt|le|in)\b")
_NAME = re.compile(rb'(\\"logicalName\\"\s*:\s*\\")\w*(\\")')


class CallersQueries(QueryEngine):
    """Answers requests for rows with those that the caller may see now."""

    def page(self, table: StoredTable, options: QueryOptions, page_size: int | None) -> Page:
        """The page that a request asks for; some audit stores know no pages.

        Raises:
            ApiError: The request is one that Dataverse would refuse.
        """
        if table.definition.name != "audit" or not self.environment.switches.audits_ignore_page_size:
            return super().page(table, options, page_size)
        positions = self.sorted_rows(table, options.filter, options.order).positions
        return Page(positions if options.top is None else positions[: options.top], len(positions), None)

    def sorted_rows(self, table: StoredTable, condition: str | None, order: str | None) -> SortedRows:
        """Matching rows in order, without those that the caller cannot see."""
        if table.definition.name == "audit":
            self._check(condition, order)
        ordered = super().sorted_rows(table, condition, order)
        mask = _seen(self.environment, table, ordered.positions)
        if mask is None or mask.all():
            return ordered
        return SortedRows(ordered.terms, ordered.positions[mask], ordered.keys.filter(pl.Series(mask)))

    def _check(self, condition: str | None, order: str | None) -> None:
        if condition is not None and _UNFILTERABLE.search(_STRINGS.sub("''", condition)):
            raise bad_request("The $filter expression is not supported on the audit storage.")
        terms = {part.strip().partition(" ")[0] for part in (order or "").split(",") if part.strip()}
        if self.environment.switches.audits_sort_by_time_only and terms - {"createdon"}:
            raise bad_request("The audit storage can be sorted by createdon only.")


def _seen(
    environment: Environment, table: StoredTable, positions: npt.NDArray[np.uint32]
) -> npt.NDArray[np.bool_] | None:
    """Which rows the caller sees; None for all."""
    if table.definition.name != "audit":
        reach = within_reach(environment, table)
        return None if reach is None else reach.to_numpy()[positions]
    earliest, latest = readable_span(environment)
    if earliest is None and latest is None:
        return None
    created = table.rows["createdon"][positions]
    mask = np.ones(len(positions), dtype=bool)
    if earliest is not None:
        mask &= (created >= earliest).to_numpy()
    if latest is not None:
        mask &= (created <= latest).to_numpy()
    return mask


def without_names(environment: Environment, call: Call, answer: Answer) -> Answer:
    """Audit rows as some environments show them: columns unnamed unless the changed row was selected (7.3)."""
    select = parse_options(call.query).select
    if (
        not environment.switches.audit_names_need_object
        or not select
        or {"_objectid_value", "objecttypecode"} <= set(select)
    ):
        return answer
    body = _NAME.sub(rb"\1\2", b"".join(answer.parts))
    return Answer((body,), answer.media_type, answer.status, answer.headers)
