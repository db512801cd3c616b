"""The three audit routes give the same raw table, on every kind of audit store that has been seen."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from d365_pm.dataverse import DataverseError
from d365_pm.dataverse.audit import AuditRoute
from d365_pm.sandbox.serving import running_server
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.reliability.audit_read import AuditRead, read_once
from d365_pm_tests.reliability.audited_desk import ODD_CHANGES, audited_desk

pytestmark = pytest.mark.slow

STORES: dict[str, dict[str, Any]] = {
    "pages with links": {},
    "page size ignored, no link": {
        "audits_ignore_page_size": True,
        "audit_has_fractions": True,
        "audits_sort_by_time_only": True,
        "audit_names_need_object": True,
    },
}
Changes = dict[str, tuple[str | None, str | None]]
"""Old and new value by column."""

ASKING = [AuditRoute.RECORD_HISTORY, AuditRoute.DETAILS]


@pytest.fixture(scope="module")
def desk() -> dict[str, pa.Table]:
    return audited_desk(cases=650)


@pytest.fixture(scope="module", params=STORES.values(), ids=STORES)
def store(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture(scope="module")
def reads(desk: dict[str, pa.Table], store: dict[str, Any]) -> Iterator[dict[AuditRoute, AuditRead]]:
    """One read per route; the sandbox without the column serves the two that ask."""
    found: dict[AuditRoute, AuditRead] = {}
    with running_server(desk, Switches(**store)) as sandbox:
        found[AuditRoute.CHANGEDATA] = read_once(sandbox.env, None)
    with running_server(desk, Switches(returns_changedata=False, **store)) as sandbox:
        for route in ASKING:
            found[route] = read_once(sandbox.env, route)
    yield found


def test_the_three_routes_give_the_same_raw_table(reads: dict[AuditRoute, AuditRead]) -> None:
    assert {route: read.facts.route for route, read in reads.items()} == {route: route for route in AuditRoute}
    for route in ASKING:
        assert _differences(reads[AuditRoute.CHANGEDATA].rows, reads[route].rows) == []
        assert reads[route].rows.equals(reads[AuditRoute.CHANGEDATA].rows)


def test_every_row_and_value_of_the_desk_arrives(reads: dict[AuditRoute, AuditRead], desk: dict[str, pa.Table]) -> None:
    wanted = {row["auditid"]: _changes(row["changedata"]) for row in desk["audit"].to_pylist() if _is_asked_for(row)}
    assert len(wanted) > 5000
    for read in reads.values():
        rows = read.rows.select(["auditid", "changedata"]).to_pylist()
        found = {row["auditid"]: _changes(row["changedata"]) for row in rows}
        assert len(rows) == len(found)
        assert found.keys() == wanted.keys()
        wrong = [key for key, changes in wanted.items() if _comparable(changes) != _comparable(found[key])]
        assert wrong == []


def test_what_is_not_whole_is_counted(reads: dict[AuditRoute, AuditRead]) -> None:
    cut = sum(any(value is not None and len(value) > 5000 for value in change[1:]) for change in ODD_CHANGES)
    for read in reads.values():
        facts = read.facts.metadata()
        assert facts["audit_rows_truncated"] == cut
        # The only row that is no list of changes is the link.
        assert (facts["audit_rows_opaque"], facts["audit_rows_unavailable"], facts["audit_values_unread"]) == (1, 0, 0)
        assert (facts["audit_switches_107"], facts["audit_switches_110"]) == (2, 1)
        assert read.facts.rows == read.rows.num_rows


def test_details_are_asked_for_a_thousand_at_a_time(reads: dict[AuditRoute, AuditRead]) -> None:
    read = reads[AuditRoute.DETAILS]
    # Batches are full within a page of the list, and each page may end with one that is not.
    assert read.facts.requests <= read.rows.num_rows / 1000 + read.pages


def test_without_the_column_details_are_chosen(desk: dict[str, pa.Table]) -> None:
    with running_server(desk, Switches(returns_changedata=False)) as sandbox:
        assert read_once(sandbox.env, None).facts.route is AuditRoute.DETAILS


@pytest.mark.parametrize("has_column", [True, False])
def test_answers_without_audit_record_are_joined_with_the_list(desk: dict[str, pa.Table], has_column: bool) -> None:
    with running_server(desk, Switches(returns_changedata=has_column, details_have_record=False)) as sandbox:
        details = read_once(sandbox.env, AuditRoute.DETAILS)
    with running_server(desk, Switches()) as sandbox:
        assert details.rows.equals(read_once(sandbox.env, AuditRoute.CHANGEDATA).rows)


@pytest.mark.parametrize("has_links", [True, False])
def test_a_read_that_was_stopped_goes_on_where_it_was(desk: dict[str, pa.Table], has_links: bool) -> None:
    store = Switches(returns_changedata=False, audits_ignore_page_size=not has_links)
    with running_server(desk, store) as sandbox:
        first = read_once(sandbox.env, AuditRoute.DETAILS, most=1)
        assert first.link is not None
        rest = read_once(sandbox.env, AuditRoute.DETAILS, resume=first.link)
        whole = read_once(sandbox.env, AuditRoute.DETAILS)
    assert 0 < rest.rows.num_rows < whole.rows.num_rows
    assert pa.concat_tables([first.rows, rest.rows]).sort_by("auditid").combine_chunks().equals(whole.rows)


def test_details_that_the_role_may_not_read_are_loud_and_name_the_privilege(desk: dict[str, pa.Table]) -> None:
    store = Switches(returns_changedata=False, missing_privileges=frozenset({"prvReadRecordAuditHistory"}))
    with running_server(desk, store) as sandbox, pytest.raises(DataverseError, match="prvReadRecordAuditHistory"):
        read_once(sandbox.env, None)


def test_the_column_needs_no_privilege_for_details(desk: dict[str, pa.Table]) -> None:
    with running_server(desk, Switches(missing_privileges=frozenset({"prvReadRecordAuditHistory"}))) as sandbox:
        assert read_once(sandbox.env, None).facts.route is AuditRoute.CHANGEDATA


def _is_asked_for(row: dict[str, Any]) -> bool:
    return row["objecttypecode"] in {"incident", "queueitem"} or 105 <= row["action"] <= 113


def _changes(text: str | None) -> Changes:
    changes = json.loads(text).get("changedAttributes", ()) if text else ()
    return {change["logicalName"]: (change["oldValue"], change["newValue"]) for change in changes}


def _comparable(changes: Changes) -> Changes:
    """As the desk wrote them, long texts by their beginning and the one date in slashes as ISO."""

    def one(value: str | None) -> str | None:
        return "2026-02-09T12:14:03Z" if value == "02/09/2026 12:14:03" else value and value[:4500]

    return {name: (one(old), one(new)) for name, (old, new) in changes.items()}


def _differences(left: pa.Table, right: pa.Table) -> list[tuple[str, str]]:
    """Columns and keys of the first rows that differ."""
    rights = {row["auditid"]: row for row in right.to_pylist()}
    return [
        (row["auditid"], name)
        for row in left.to_pylist()
        for name, value in row.items()
        if rights.get(row["auditid"], {}).get(name, "missing") != value
    ][:10]
