"""Which case a person means: by number, GUID, or the id of one of its events."""

from dataclasses import dataclass

import duckdb

from d365_pm.explain.errors import UnknownCaseError

_NEAR, _SHOWN = 0.8, 5
_FIND = """
    select c.CaseGuid, null from marts.cases as c
    where lower(c.ServiceRequest) = $asked or c.CaseGuid = $asked
    union
    select e.CaseGuid, e.EventId from marts.events as e where e.EventId = $asked
"""
# A number that two cases share has a suffix in the log; a person knows it without.
_SHARED = """
    select s.service_request from staging.service_request as s
    where lower(s.service_request) like replace(replace($asked, '%', ''), '_', '') || '~%' order by all
"""
_LEFT_OUT = """
    select i.case_id from staging.incident as i where i.case_id::varchar = $asked
"""
_SIMILAR = """
    select c.ServiceRequest from marts.cases as c
    where jaro_winkler_similarity(lower(c.ServiceRequest), $asked) >= $near
    order by jaro_winkler_similarity(lower(c.ServiceRequest), $asked) desc, 1 limit $shown
"""


@dataclass(frozen=True, slots=True)
class Found:
    """The case that is meant, and the event if its id was given."""

    case_guid: str
    event_id: str | None


def find_case(connection: duckdb.DuckDBPyConnection, asked: str) -> Found:
    """Find a case.

    Args:
        connection: The published warehouse.
        asked: Ticket number, GUID (braces allowed) or `EventId`.

    Raises:
        UnknownCaseError: Nothing or too much answers to it; names near matches.
    """
    text = asked.strip().strip("{}").lower()
    found = connection.execute(_FIND, {"asked": text}).fetchall()
    if len(found) == 1:
        return Found(*found[0])
    shared = [number for (number,) in connection.execute(_SHARED, {"asked": text}).fetchall()]
    if shared or found:
        choices = shared or [guid for guid, _ in found]
        raise UnknownCaseError(f"Several cases are called {asked}; ask for one of {', '.join(choices)}.")
    raise UnknownCaseError(_unknown(connection, asked, text))


def _unknown(connection: duckdb.DuckDBPyConnection, asked: str, text: str) -> str:
    if connection.execute(_LEFT_OUT, {"asked": text}).fetchall():
        return f"{asked} was read but is not in the log: its creation lies before 2003 or after the data was read."
    parameters = {"asked": text, "near": _NEAR, "shown": _SHOWN}
    near = [number for (number,) in connection.execute(_SIMILAR, parameters).fetchall()]
    hint = f"Did you mean {', '.join(near)}?" if near else "Give a ticket number, a case's GUID or an EventId."
    return f"There is no case {asked} in the log. {hint}"
