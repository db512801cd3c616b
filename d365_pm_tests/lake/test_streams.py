"""Pages that survive their process, and what the next load makes of them."""

import os
import time
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from d365_pm.lake import LakeError, Load, LoadKind, Window, open_load
from d365_pm_tests.lake.desk import INCIDENT, QUEUE, incidents, load, moment, visible


class InterruptedLoadError(Exception):
    """Stands for whatever ends a load before its commit."""


def interrupted(root: Path, *names: str, at: datetime, window: Window | None = None, fingerprint: str = "") -> None:
    """A load that wrote one page of one row to each stream and was not committed."""
    with (
        pytest.raises(InterruptedLoadError),
        open_load(root, INCIDENT, extracted_at=at, window=window, fingerprint=fingerprint) as one,
    ):
        for name in names:
            one.stream(name).write(incidents((name, 1, moment(4), "first")), cursor=f"after {name}")
        raise InterruptedLoadError


def folders(root: Path) -> list[Path]:
    return list((root / "incident").glob(".load-*"))


def test_an_interrupted_load_goes_on_where_each_stream_stopped(tmp_path: Path) -> None:
    interrupted(tmp_path, "s", "t", at=moment(10))
    assert visible(tmp_path, INCIDENT, "incidentid") == []
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as one:
        stream = one.stream("s")
        assert (one.extracted_at, stream.cursor, stream.is_finished, stream.rows) == (moment(10), "after s", False, 1)
        stream.write(incidents(("s2", 1, moment(5), "second")), cursor=None)
        other = one.stream("t")
        other.write(incidents(), cursor=None)
        assert (stream.cursor, stream.is_finished, stream.rows, other.rows) == (None, True, 2, 1)
        assert one.distinct_keys() == 3
        committed = one.commit()
    assert committed.facts.row_count == 3
    assert committed.facts.extracted_at == moment(10)
    assert visible(tmp_path, INCIDENT, "incidentid, _extracted_at") == [(name, moment(10)) for name in ("s", "s2", "t")]
    assert folders(tmp_path) == []


def test_a_stream_that_nobody_asks_for_again_leaves_no_rows(tmp_path: Path) -> None:
    interrupted(tmp_path, "s", "t", at=moment(10))
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as one:
        one.stream("t").write(incidents(), cursor=None)
        assert one.distinct_keys() == 1
        one.commit()
    assert visible(tmp_path, INCIDENT, "incidentid") == [("t",)]


def test_a_restarted_stream_has_forgotten_its_pages(tmp_path: Path) -> None:
    interrupted(tmp_path, "s", at=moment(10))
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as one:
        stream = one.stream("s")
        stream.restart()
        assert (stream.cursor, stream.is_finished, stream.rows) == (None, False, 0)
        stream.write(incidents(("new", 1, moment(4), "t")), cursor=None)
        one.commit()
    assert visible(tmp_path, INCIDENT, "incidentid") == [("new",)]


@pytest.mark.parametrize(
    ("window", "fingerprint"),
    [(Window(moment(1), moment(2)), ""), (None, "other columns")],
    ids=["another window", "another fingerprint"],
)
def test_another_load_does_not_get_the_pages(tmp_path: Path, window: Window | None, fingerprint: str) -> None:
    interrupted(tmp_path, "s", at=moment(10))
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11), window=window, fingerprint=fingerprint) as one:
        assert one.extracted_at == moment(11)
        assert one.stream("s").cursor is None
        one.commit()
    assert visible(tmp_path, INCIDENT, "incidentid") == []


def test_the_pages_of_one_window_wait_while_another_is_read(tmp_path: Path) -> None:
    window = Window(moment(4), moment(5))
    interrupted(tmp_path, "s", at=moment(10), window=window)
    load(tmp_path, INCIDENT, at=moment(11), window=Window(moment(1), moment(2)))
    with open_load(tmp_path, INCIDENT, extracted_at=moment(12), window=window) as one:
        assert one.stream("s").cursor == "after s"


def test_a_load_that_is_still_alive_keeps_its_pages_to_itself(tmp_path: Path) -> None:
    with open_load(tmp_path, INCIDENT, extracted_at=moment(10)) as first:
        first.stream("s").write(incidents(("a", 1, moment(4), "t")), cursor="next")
        with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as second:
            assert (second.extracted_at, second.stream("s").cursor) == (moment(11), None)
            second.stream("s").write(incidents(("b", 1, moment(4), "t")), cursor=None)
            second.commit()
        assert first.distinct_keys() == 1
        first.commit()
    assert visible(tmp_path, INCIDENT, "incidentid") == [("a",), ("b",)]


def test_pages_older_than_a_day_are_dropped(tmp_path: Path) -> None:
    interrupted(tmp_path, "s", at=moment(10))
    (left,) = folders(tmp_path)
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(left / "attempt.json", (two_days_ago, two_days_ago))
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as one:
        assert one.stream("s").cursor is None
        assert not left.exists()


def test_pages_of_a_load_that_was_committed_before_its_end_are_not_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        # InterruptedLoadError between the ledger's entry and the clearing of the folder.
        patch.setattr("d365_pm.lake.attempt.shutil.rmtree", lambda *_, **__: None)
        with open_load(tmp_path, INCIDENT, extracted_at=moment(10), kind=LoadKind.DELTA) as one:
            one.stream().write(incidents(("a", 1, moment(4), "t")), cursor=None)
            one.commit(cursor="one")
    assert len(folders(tmp_path)) == 1
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11), kind=LoadKind.DELTA) as one:
        assert (one.extracted_at, one.stream().is_finished) == (moment(11), False)
    assert folders(tmp_path) == []


def damage(page: Path) -> None:
    page.write_bytes(b"PAR1 broken PAR1")


def test_a_stream_goes_on_before_its_damaged_last_page(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), open_load(tmp_path, INCIDENT, extracted_at=moment(10)) as one:
        for name in "ab":
            one.stream("s").write(incidents((name, 1, moment(4), "t")), cursor=f"after {name}")
        raise RuntimeError
    damage(max(folders(tmp_path)[0].glob("page.*")))

    with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as again:
        assert again.stream("s").cursor == "after a"
        assert again.stream("s").rows == 1


def test_a_damaged_page_is_read_again_from_there(tmp_path: Path) -> None:
    def write(one: Load, names: str) -> None:
        for name in names:
            one.stream().write(incidents((name, 1, moment(4), "t")), cursor=f"after {name}" if name != "c" else None)

    with pytest.raises(LakeError, match="damaged"), open_load(tmp_path, INCIDENT, extracted_at=moment(10)) as one:
        write(one, "abc")
        damage(sorted(folders(tmp_path)[0].glob("page.*"))[1])
        one.commit()
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as one:
        assert one.stream().cursor == "after a"
        write(one, "bc")
        one.commit()
    assert visible(tmp_path, INCIDENT, "incidentid") == [("a",), ("b",), ("c",)]


def test_after_a_gap_the_pages_are_read_again(tmp_path: Path) -> None:
    with pytest.raises(InterruptedLoadError), open_load(tmp_path, INCIDENT, extracted_at=moment(10)) as one:
        for number in range(4):
            one.stream().write(incidents((f"{number}", 1, moment(4), "t")), cursor=f"after {number}")
        raise InterruptedLoadError
    sorted(folders(tmp_path)[0].glob("page.*"))[2].unlink()
    with open_load(tmp_path, INCIDENT, extracted_at=moment(11)) as one:
        assert (one.stream().cursor, one.stream().rows) == ("after 1", 2)


def test_a_stream_after_its_last_page_is_a_programming_error(tmp_path: Path) -> None:
    with open_load(tmp_path, INCIDENT, extracted_at=moment(10)) as one:
        one.stream().write(incidents(), cursor=None)
        with pytest.raises(ValueError, match="restart"):
            one.stream().write(incidents(), cursor=None)


def test_a_stream_and_transient_pages_give_the_rows_of_one_load(tmp_path: Path) -> None:
    with open_load(tmp_path, QUEUE, extracted_at=moment(10)) as one:
        one.write(QUEUE.schema.empty_table().from_pydict({"queueid": ["q1", "q2"], "name": ["old", "N2"]}))
        one.stream().write(
            QUEUE.schema.empty_table().from_pydict({"queueid": ["q1", "q3"], "name": ["new", "N3"]}), cursor=None
        )
        assert one.distinct_keys() == 3
        assert one.commit().facts.row_count == 4
    assert visible(tmp_path, QUEUE, "queueid, name") == [("q1", "new"), ("q2", "N2"), ("q3", "N3")]


@pytest.mark.parametrize("kind", list(LoadKind))
@pytest.mark.parametrize(
    "buffer_bytes", [1, 4000, 1 << 24], ids=["each day at once", "a few days at a time", "together"]
)
def test_streams_that_come_in_any_order_give_one_file_per_day_with_the_newest_rows(
    tmp_path: Path, kind: LoadKind, buffer_bytes: int
) -> None:
    """Days overlap between the pages of a stream and between streams, and one day has a file from before."""
    old = incidents(("old", 1, moment(6), "kept"), ("3-0-1", 0, moment(6), "moved"))
    load(tmp_path, INCIDENT, old, at=moment(9))
    days: dict[datetime, dict[str, str]] = {moment(6): {"old": "kept", "3-0-1": "moved"}}
    with open_load(tmp_path, INCIDENT, extracted_at=moment(10), kind=kind, buffer_bytes=buffer_bytes) as one:
        for stream in (3, 1, 2):
            for page in range(3):
                rows = []
                for row in range(30):
                    day, name = moment(1 + (stream * 4 + page + row) % 15), f"{stream}-{page}-{row % 20}"
                    rows.append((name, row, day, f"{stream}.{page}.{row}"))
                    days.setdefault(day, {})[name] = f"{stream}.{page}.{row}"
                one.stream(str(stream)).write(incidents(*rows), cursor=None if page == 2 else f"{page}")
        committed = one.commit()

    assert committed.facts.row_count == 3 * 3 * 30
    assert [file.day for file in committed.files] == sorted(day.date() for day in days)
    for file in committed.files:
        stored = pq.read_table(file.path, partitioning=None)
        wanted = days[moment(file.day.day if file.day else 0)]
        assert dict(zip(*(stored.column(name).to_pylist() for name in ("incidentid", "title")), strict=True)) == wanted
        assert stored.num_rows == file.rows == len(wanted)
    gone = visible(tmp_path, INCIDENT, "incidentid, _deleted_at")
    assert [key for key, deleted_at in gone if deleted_at] == (["old"] if kind is LoadKind.BASELINE else [])
