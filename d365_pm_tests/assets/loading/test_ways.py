"""Each way of reading a table, against the sandbox: the raw layer ends with exactly the rows of the environment."""

from datetime import UTC, datetime, timedelta

import pytest

from d365_pm.assets.loading import deletes
from d365_pm.lake import Window
from d365_pm.sandbox.faults import Fault, FaultKind
from d365_pm.sandbox.schema import TABLES
from d365_pm.sandbox.serving import running_server

TRACKED, PLAIN = "incident", "incidentresolution"


def test_the_first_load_is_whole_and_the_next_brings_what_has_changed(bench):
    desk = bench(max_page_size=25)
    first = desk.load(TRACKED)[TRACKED]
    keys = sorted(desk.source(TRACKED))
    environment = desk.sandbox.environment
    environment.upsert(TRACKED, [{"incidentid": key, "title": "changed"} for key in keys[:3]])
    environment.delete(TRACKED, keys[3:5])

    second = desk.load(TRACKED)[TRACKED]

    assert (first.rows, second.rows, second.deleted) == (60, 3, 2)
    assert desk.kept(TRACKED) == desk.source(TRACKED)
    assert desk.deleted(TRACKED) == set(keys[3:5])


def test_an_incremental_load_asks_once_for_each_table_and_once_for_the_environment(bench):
    desk = bench()
    names = (TRACKED, PLAIN, "audit", "team", "queue", "option_label", "attribute_metadata")
    desk.load(*names)
    before = len(desk.sandbox.environment.log.entries)

    loaded = desk.load(*names)

    asked = [entry.table for entry in desk.sandbox.environment.log.entries][before:]
    assert sorted(table for table in asked if table not in {None, "token"}) == sorted(
        ["organizations", "incidents", "incidentresolutions", "audits", "teams", "queues"]
    )
    assert loaded["option_label"].way == "nothing has changed"


def test_an_expired_link_costs_one_table_one_whole_read(bench):
    desk = bench()
    desk.load(TRACKED, "team")
    keys = sorted(desk.source(TRACKED))
    desk.sandbox.environment.delete(TRACKED, keys[:2])
    desk.sandbox.environment.faults.add(Fault(FaultKind.EXPIRED_DELTA, entity_set="incidents", times=3))

    loaded = desk.load(TRACKED, "team")

    assert loaded[TRACKED].way == "everything, with a link for the next run"
    assert loaded["team"].way == "changes since the last link"
    assert desk.kept(TRACKED) == desk.source(TRACKED)
    assert desk.deleted(TRACKED) == set(keys[:2])


def test_a_link_dies_with_the_schema_and_the_table_heals_itself(bench):
    desk = bench()
    desk.load(TRACKED)
    column = next(each for each in TABLES["task"].columns if each.name == "subject")
    desk.sandbox.environment.add_column(TRACKED, column)
    desk.sandbox.environment.upsert(TRACKED, [{"incidentid": min(desk.source(TRACKED)), "title": "new"}])

    desk.load(TRACKED)

    assert desk.kept(TRACKED) == desk.source(TRACKED)


def test_a_tracked_table_that_gives_no_link_is_whole_all_the_same(bench):
    desk = bench(max_page_size=25)
    desk.sandbox.environment.faults.add(Fault(FaultKind.MISSING_DELTA_LINK, entity_set="incidents", times=5))

    loaded = desk.load(TRACKED)[TRACKED]

    assert desk.kept(TRACKED) == desk.source(TRACKED)
    assert "no delta link" in loaded.warnings[0]


def test_an_untracked_table_brings_what_is_new_by_its_date(bench):
    desk = bench()
    desk.load(PLAIN)
    changed = sorted(desk.source(PLAIN))[:2]
    desk.sandbox.environment.upsert(PLAIN, [{"activityid": key, "subject": "changed"} for key in changed])

    loaded = desk.load(PLAIN)[PLAIN]

    assert loaded.rows == 2
    assert desk.kept(PLAIN) == desk.source(PLAIN)


def test_without_tracking_the_audit_history_tells_of_deleted_cases(bench):
    desk = bench(tracked_tables=frozenset())
    desk.load(TRACKED, "audit")
    gone, kept = sorted(desk.source(TRACKED))[:2]
    environment, now = desk.sandbox.environment, datetime.now(UTC)
    environment.delete(TRACKED, [gone])
    row = {"operation": 3, "action": 3, "objecttypecode": "incident", "_objectid_type": "incident", "createdon": now}
    ids = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
    environment.upsert(
        "audit",
        [row | {"auditid": audit, "_objectid_value": case} for audit, case in zip(ids, (gone, kept), strict=True)],
    )
    # The second case was restored after its deletion.
    environment.upsert(TRACKED, [{"incidentid": kept, "modifiedon": now + timedelta(seconds=5)}])

    desk.load(TRACKED, "audit")

    assert desk.deleted(TRACKED) == {gone}
    assert desk.kept(TRACKED) == desk.source(TRACKED)


@pytest.mark.parametrize("name", [TRACKED, PLAIN])
def test_with_a_start_date_older_rows_stay_where_they_are(bench, name):
    desk = bench(start_date="2026-02-25")
    start = datetime(2026, 2, 25, tzinfo=UTC)
    table = desk.sandbox.environment.tables[name]
    later = {
        key
        for key, modified in table.rows.select(table.definition.key, "modifiedon").rows()
        if modified.astimezone(UTC) >= start
    }
    loaded = desk.load(name, window=Window(start, datetime.now(UTC) + timedelta(days=1)))[name]

    assert 0 < len(later) < len(desk.source(name))
    assert set(desk.kept(name)) == later
    assert loaded.proof.holds


def test_ids_of_an_untracked_table_are_compared_when_a_week_has_passed(bench, monkeypatch):
    desk = bench(max_page_size=25)
    desk.load(PLAIN)
    gone = sorted(desk.source(PLAIN))[:3]
    desk.sandbox.environment.delete(PLAIN, gone)
    desk.load(PLAIN)
    assert desk.deleted(PLAIN) == set()

    monkeypatch.setattr(deletes, "COMPARE_EVERY", timedelta(0))
    loaded = desk.load(PLAIN)[PLAIN]

    assert loaded.deleted == 3
    assert desk.deleted(PLAIN) == set(gone)
    assert desk.kept(PLAIN) == desk.source(PLAIN)


def test_participants_come_with_the_activity_that_has_changed(bench):
    desk = bench()
    desk.load("activityparty")
    environment = desk.sandbox.environment
    party, other = sorted(desk.source_keys("activityparty"))[:2]
    mail = min(desk.source_keys("email"))
    environment.upsert("activityparty", [{"activitypartyid": party, "_activityid_value": mail, "addressused": "new"}])
    environment.upsert("activitypointer", [{"activityid": mail, "subject": "changed"}])

    loaded = desk.load("activityparty")["activityparty"]

    assert loaded.way == "rows of records that have changed"
    assert 0 < loaded.rows < len(desk.source_keys("activityparty"))
    assert desk.text("activityparty", party, "addressused") == "new"
    assert desk.text("activityparty", other, "addressused") != "new"


def test_labels_are_not_read_again_while_no_definition_changes(bench):
    desk = bench()
    first = desk.load("stringmap")["stringmap"]

    assert first.rows > 100
    assert desk.load("stringmap")["stringmap"].way == "nothing has changed"
    column = next(each for each in TABLES["task"].columns if each.name == "subject")
    desk.sandbox.environment.add_column("account", column)
    assert desk.load("stringmap")["stringmap"].rows == first.rows


def test_labels_of_optional_tables_are_read_where_a_setting_asks_for_the_tables(bench):
    desk = bench()
    assert desk.load("option_label")["option_label"].way == "everything"
    assert desk.load("option_label")["option_label"].way == "nothing has changed"
    before = len(desk.sandbox.environment.log.entries)

    desk.given = {"D365_PM_TABLES": "msdyn_ocliveworkitem"}

    assert desk.load("option_label")["option_label"].way == "everything"
    assert any("'msdyn_ocliveworkitem'" in entry.path for entry in desk.sandbox.environment.log.entries[before:])
    assert desk.load("option_label")["option_label"].way == "nothing has changed"


def test_a_link_kept_for_another_address_costs_one_whole_read(bench, small_desk):
    desk = bench()
    desk.load(TRACKED)
    with running_server(small_desk.tables) as moved:
        desk.sandbox = moved
        loaded = desk.load(TRACKED)[TRACKED]

        assert loaded.way == "everything, with a link for the next run"
        assert desk.kept(TRACKED).keys() == desk.source(TRACKED).keys()
        assert desk.load(TRACKED)[TRACKED].way == "changes since the last link"
