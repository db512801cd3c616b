"""Which way a table is read: from what is wanted and what is known."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from d365_pm.assets.loading.choice import OVERLAP, Choice, Question, choose
from d365_pm.lake import LoadKind, RawTable, TableState, Window

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOMENT = pa.timestamp("us", tz="UTC")
TODAY = Window(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
EVER = Window(None, TODAY.end)
TABLE = RawTable(
    "incident",
    pa.schema([("incidentid", pa.string()), ("modifiedon", MOMENT)]),
    key=("incidentid",),
    window="modifiedon",
)
AUDIT = RawTable(
    "audit",
    pa.schema([("auditid", pa.string()), ("createdon", MOMENT)]),
    key=("auditid",),
    window="createdon",
    append_only=True,
)
FOLLOWED = TableState(cursor="link", fingerprint="f", full_at=NOW - timedelta(days=1))


def chosen(window, state=FOLLOWED, *, table=TABLE, tracked=True, full=False, start=None, fingerprint="f", other=False):
    question = Question(window, start, NOW, full)
    return choose(question, table, state, fingerprint=fingerprint, is_tracked=tracked, changes_with_another=other)


def test_only_a_whole_read_tells_the_size_of_a_table():
    assert Choice(LoadKind.BASELINE).is_whole
    assert Choice(LoadKind.WINDOW).is_whole
    assert Choice(LoadKind.WINDOW, EVER).is_whole
    assert not Choice(LoadKind.WINDOW, TODAY).is_whole
    assert not Choice(LoadKind.DELTA, since="link").is_whole


def test_a_tracked_table_goes_on_from_its_link():
    assert chosen(TODAY) == Choice(LoadKind.DELTA, since="link")


def test_a_table_without_a_link_is_read_whole_when_all_of_history_is_wanted():
    assert chosen(EVER, TableState()) == Choice(LoadKind.BASELINE)


def test_all_of_history_may_begin_at_the_start_date():
    assert chosen(TODAY, TableState(), start=TODAY.start) == Choice(LoadKind.BASELINE)


def test_one_day_of_a_table_without_a_link_is_read_as_a_window():
    assert chosen(TODAY, TableState()) == Choice(LoadKind.WINDOW, TODAY)


def test_a_link_for_other_columns_is_no_good():
    assert chosen(EVER, fingerprint="other") == Choice(LoadKind.BASELINE)


def test_a_past_day_is_read_as_it_was_asked_for():
    past = Window(TODAY.start - timedelta(days=3), TODAY.start - timedelta(days=2))
    assert chosen(past) == Choice(LoadKind.WINDOW, past)


def test_a_full_read_does_not_go_on_from_a_link():
    assert chosen(EVER, full=True) == Choice(LoadKind.BASELINE)
    assert chosen(EVER, tracked=False, full=True) == Choice(LoadKind.WINDOW, EVER)


def test_a_table_that_only_grows_is_never_followed_by_links():
    assert chosen(EVER, TableState(), table=AUDIT) == Choice(LoadKind.WINDOW, EVER)


@pytest.mark.parametrize("table", [TABLE, AUDIT])
def test_without_tracking_only_what_is_new_is_read_and_an_overlap(table):
    read_until = NOW - timedelta(hours=5)
    state = TableState(read_from=datetime.min.replace(tzinfo=UTC), read_until=read_until)

    assert chosen(EVER, state, table=table, tracked=False) == Choice(
        LoadKind.WINDOW, Window(read_until - OVERLAP, EVER.end)
    )


def test_what_was_never_covered_is_read_although_later_days_were():
    state = TableState(read_from=TODAY.start, read_until=NOW - timedelta(hours=1))

    assert chosen(EVER, state, tracked=False) == Choice(LoadKind.WINDOW, EVER)


def test_a_window_later_than_the_covered_span_is_read_as_it_was_asked_for():
    state = TableState(read_from=datetime.min.replace(tzinfo=UTC), read_until=TODAY.start - timedelta(days=3))

    assert chosen(TODAY, state, tracked=False) == Choice(LoadKind.WINDOW, TODAY)


def test_a_table_that_is_read_whole_has_no_window():
    assert chosen(None, TableState(), tracked=False) == Choice(LoadKind.WINDOW)


def test_rows_without_a_date_are_found_by_the_records_that_they_change_with():
    read_until = NOW - timedelta(hours=5)
    state = TableState(full_at=NOW - timedelta(days=2), read_until=read_until)

    assert chosen(None, state, tracked=False, other=True) == Choice(LoadKind.DELTA, Window(read_until - OVERLAP))
    assert chosen(None, state, tracked=False, other=True, full=True) == Choice(LoadKind.WINDOW)


def test_and_they_are_read_whole_once_a_week():
    state = TableState(full_at=NOW - timedelta(days=7), read_until=NOW - timedelta(hours=5))

    assert chosen(None, state, tracked=False, other=True) == Choice(LoadKind.WINDOW)
    assert chosen(None, TableState(), tracked=False, other=True) == Choice(LoadKind.WINDOW)
