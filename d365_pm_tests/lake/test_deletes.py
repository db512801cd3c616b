"""Baselines, deltas, comparisons of ids: who is alive, and who is not."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from d365_pm.lake import LoadKind, RawTable, Window, mark_absent, open_load
from d365_pm_tests.lake.desk import FORGETFUL, INCIDENT, QUEUE, incidents, load, moment, visible

Pages = Sequence[tuple[pa.Table, Sequence[str]]]


def follow(root: Path, table: RawTable, *pages: tuple[pa.Table, Sequence[str]], at: datetime) -> None:
    """A committed delta of pages of rows and deleted ids."""
    with open_load(root, table, extracted_at=at, kind=LoadKind.DELTA) as one:
        for number, (page, deleted) in enumerate(pages, 1):
            one.stream().write(page, cursor=None if number == len(pages) else f"{number}", deleted=deleted)
        one.commit(cursor=f"cursor of {at}")


def baseline(root: Path, table: RawTable, page: pa.Table, *, at: datetime, buffer_bytes: int = 1 << 20) -> None:
    with open_load(root, table, extracted_at=at, kind=LoadKind.BASELINE, buffer_bytes=buffer_bytes) as one:
        one.stream().write(page, cursor=None)
        one.commit()


def living(root: Path, table: RawTable = INCIDENT) -> dict[str, datetime | None]:
    return dict(visible(root, table, f"{table.key[0]}, _deleted_at"))


def cases(*names: str, version: int = 1, day: int = 4) -> pa.Table:
    return incidents(*((name, version, moment(day), f"{name} {version}") for name in names))


def queues(*names: str) -> pa.Table:
    return pa.table({"queueid": list(names), "name": [name.upper() for name in names]}, schema=QUEUE.schema)


def test_a_deleted_row_stays_visible_with_the_time_and_the_others_live(tmp_path: Path) -> None:
    baseline(tmp_path, INCIDENT, cases("a", "b"), at=moment(10))
    follow(tmp_path, INCIDENT, (cases(), ["b"]), at=moment(11))
    assert living(tmp_path) == {"a": None, "b": moment(11)}


def test_within_a_delta_the_last_word_counts(tmp_path: Path) -> None:
    baseline(tmp_path, INCIDENT, cases("a"), at=moment(10))
    follow(
        tmp_path,
        INCIDENT,
        (cases("row then gone", "same page", version=2), ["a", "gone then row", "same page"]),
        (cases("gone then row", "a", version=3), ["row then gone"]),
        at=moment(11),
    )
    gone = moment(11)
    assert living(tmp_path) == {"a": None, "gone then row": None, "row then gone": gone, "same page": gone}


def test_a_row_of_a_later_load_is_alive_again_and_may_go_again(tmp_path: Path) -> None:
    baseline(tmp_path, INCIDENT, cases("a"), at=moment(10))
    follow(tmp_path, INCIDENT, (cases(), ["a"]), at=moment(11))
    load(tmp_path, INCIDENT, cases("a", version=5, day=6), at=moment(12), window=Window(moment(6), moment(7)))
    assert living(tmp_path) == {"a": None}
    follow(tmp_path, INCIDENT, (cases(), ["a"]), at=moment(13))
    assert living(tmp_path) == {"a": moment(13)}


def test_filing_an_older_load_late_does_not_revive(tmp_path: Path) -> None:
    baseline(tmp_path, INCIDENT, cases("a"), at=moment(10))
    follow(tmp_path, INCIDENT, (cases(), ["a"]), at=moment(12))
    load(tmp_path, INCIDENT, cases("a", version=2, day=5), at=moment(11))
    assert living(tmp_path) == {"a": moment(12)}


def test_an_id_that_was_never_seen_may_be_deleted_and_come_later(tmp_path: Path) -> None:
    follow(tmp_path, INCIDENT, (cases(), ["unseen"]), at=moment(11))
    assert living(tmp_path) == {}
    follow(tmp_path, INCIDENT, (cases("unseen"), []), at=moment(12))
    assert living(tmp_path) == {"unseen": None}


def test_a_baseline_marks_what_it_did_not_bring_but_not_what_came_since(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, cases("moved", "gone"), cases("gone elsewhere", day=7), at=moment(8))
    load(tmp_path, INCIDENT, cases("newer than the baseline", day=9), at=moment(11))
    baseline(tmp_path, INCIDENT, cases("moved", version=2, day=8), at=moment(10))
    assert living(tmp_path) == {
        "moved": None,
        "gone": moment(10),
        "gone elsewhere": moment(10),
        "newer than the baseline": None,
    }


@pytest.mark.parametrize("buffer_bytes", [0, 1 << 20], ids=["by way of files", "in memory"])
def test_a_second_baseline_leaves_the_time_of_the_first_deletion(tmp_path: Path, buffer_bytes: int) -> None:
    for day, names in ((10, "ab"), (11, "a"), (12, "a")):
        baseline(tmp_path, INCIDENT, cases(*names), at=moment(day), buffer_bytes=buffer_bytes)
    assert living(tmp_path) == {"a": None, "b": moment(11)}


def test_a_baseline_believes_its_own_list_even_of_a_row_that_it_brought_in_an_older_version(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, cases("a", version=9), at=moment(9))
    baseline(tmp_path, INCIDENT, cases("a", version=3), at=moment(10))
    assert living(tmp_path) == {"a": None}


@pytest.mark.parametrize("buffer_bytes", [0, 1 << 20], ids=["by way of files", "in memory"])
def test_a_table_read_whole_keeps_the_rows_that_vanished(tmp_path: Path, buffer_bytes: int) -> None:
    for day, names in ((1, "ab"), (2, "bc"), (3, ""), (4, "b")):
        load(tmp_path, QUEUE, queues(*names), at=moment(day), buffer_bytes=buffer_bytes)
    assert living(tmp_path, QUEUE) == {"a": moment(2), "b": None, "c": moment(3)}


def test_a_delta_merges_into_a_table_with_one_file(tmp_path: Path) -> None:
    baseline(tmp_path, QUEUE, queues("a", "b"), at=moment(1))
    changed = pa.table({"queueid": ["a", "c"], "name": ["new name", "C"]}, schema=QUEUE.schema)
    follow(tmp_path, QUEUE, (changed, ["b"]), at=moment(2))
    assert visible(tmp_path, QUEUE, "queueid, name, _deleted_at") == [
        ("a", "new name", None),
        ("b", "B", moment(2)),
        ("c", "C", None),
    ]


@pytest.mark.parametrize("table", [INCIDENT, QUEUE], ids=lambda table: table.name)
def test_an_empty_delta_touches_nothing_but_the_ledger(tmp_path: Path, table: RawTable) -> None:
    def files() -> dict[Path, int]:
        found = (path for path in (tmp_path / table.name).rglob("*") if path.is_file())
        return {path: path.stat().st_mtime_ns for path in found if "loads" not in path.parts and path.name != ".lock"}

    baseline(tmp_path, table, cases("a") if table is INCIDENT else queues("a"), at=moment(1))
    before = files()
    follow(tmp_path, table, (table.schema.empty_table(), []), at=moment(2))
    assert files() == before
    assert living(tmp_path, table) == {"a": None}


def test_comparing_ids_marks_those_that_are_gone_and_leaves_newer_rows(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, cases("kept", "gone"), at=moment(8))
    load(tmp_path, INCIDENT, cases("new", day=9), at=moment(11))
    present = [pa.array(["kept"]), pa.array(["never read"]), pa.array([], pa.string())]
    assert mark_absent(tmp_path, INCIDENT, present, extracted_at=moment(10)) == 1
    assert mark_absent(tmp_path, INCIDENT, present, extracted_at=moment(10, 5)) == 0
    assert living(tmp_path) == {"kept": None, "gone": moment(10), "new": None}


def test_rows_that_never_change_are_never_deleted(tmp_path: Path) -> None:
    audit = RawTable(
        **{name: getattr(INCIDENT, name) for name in ("schema", "key", "window")}, name="audit", append_only=True
    )
    load(tmp_path, audit, cases("a", "b"), at=moment(9))
    baseline(tmp_path, audit, cases("b"), at=moment(10))
    follow(tmp_path, audit, (cases("c"), ["a"]), at=moment(11))
    assert living(tmp_path, audit) == {"a": None, "b": None, "c": None}
    with pytest.raises(ValueError, match="does not keep deleted rows"):
        mark_absent(tmp_path, audit, [], extracted_at=moment(12))


def test_a_delta_of_a_table_without_tombstones_is_a_programming_error(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="does not keep deleted rows"),
        open_load(tmp_path, FORGETFUL, extracted_at=moment(1), kind=LoadKind.DELTA),
    ):
        pass


def test_a_baseline_with_a_window_is_a_programming_error(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="has no window"),
        open_load(tmp_path, INCIDENT, extracted_at=moment(1), kind=LoadKind.BASELINE, window=Window(moment(1))),
    ):
        pass
