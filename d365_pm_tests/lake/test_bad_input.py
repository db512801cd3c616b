"""Pages that do not fit, disks that refuse, files that are damaged: one sentence each, and nothing lost."""

import errno
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from d365_pm.lake import LakeError, RawTable
from d365_pm.lake.waiting import Waiting
from d365_pm_tests.lake.desk import INCIDENT, QUEUE, incidents, load, moment, visible

PAGE = incidents(("a", 1, moment(4), "t"))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (PAGE.append_column("extra", pa.array(["x"])), "columns that its schema does not have (extra)"),
        (PAGE.set_column(1, "versionnumber", pa.array(["secret text"])), "incident.versionnumber"),
        (PAGE.set_column(0, "incidentid", pa.array([None], pa.string())), "without a value in incidentid"),
        (PAGE.set_column(2, "modifiedon", pa.nulls(1, PAGE.schema.field(2).type)), "without a value in modifiedon"),
    ],
    ids=["unknown column", "wrong type", "no key", "no day"],
)
def test_a_page_that_does_not_fit_is_refused(tmp_path: Path, page: pa.Table, words: str) -> None:
    load(tmp_path, INCIDENT, incidents(("z", 1, moment(4), "kept")))
    with pytest.raises(LakeError) as caught:
        load(tmp_path, INCIDENT, PAGE, page)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
    assert visible(tmp_path, INCIDENT, "incidentid") == [("z",)]


@pytest.mark.parametrize("key", ["CAS-1", "Z" * 36, "7B1C9D40-AAAA-4E5F-8A9B-000000000001", "{7b1c9d40}"])
def test_a_key_that_is_no_guid_is_refused_where_it_has_to_be_one_and_not_quoted(tmp_path: Path, key: str) -> None:
    table = replace(INCIDENT, has_guids=True)
    load(tmp_path, table, incidents(("7b1c9d40-aaaa-4e5f-8a9b-000000000001", 1, moment(4), "kept")))

    with pytest.raises(LakeError, match=r"incident came with a value in incidentid that is no GUID") as caught:
        load(tmp_path, table, incidents((key, 1, moment(4), "t")))

    assert key not in str(caught.value)
    assert visible(tmp_path, table, "title") == [("kept",)]


def test_a_page_without_rows_has_no_wrong_key(tmp_path: Path) -> None:
    table = replace(INCIDENT, has_guids=True)
    load(tmp_path, table, PAGE.slice(0, 0))

    assert visible(tmp_path, table, "incidentid") == []


def test_a_root_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(LakeError, match=r"data.*D365_PM_DATA_DIR"):
        load(tmp_path / "data", INCIDENT, PAGE)


@pytest.mark.parametrize("damage", [b"", b"PAR1 broken PAR1", b"x" * 5000], ids=["empty", "short", "rubbish"])
def test_a_damaged_day_is_named_and_left_alone(tmp_path: Path, damage: bytes) -> None:
    load(tmp_path, INCIDENT, PAGE)
    path = tmp_path / "incident/day=2024-03-04/data.parquet"
    path.write_bytes(damage)
    with pytest.raises(LakeError, match=r"day=2024-03-04/data\.parquet is no readable Parquet file; delete it"):
        load(tmp_path, INCIDENT, PAGE)
    assert path.read_bytes() == damage


def test_a_day_damaged_inside_is_named(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(*((f"id-{i:05}", i, moment(4), f"title {i * 7919}") for i in range(3000))))
    path = tmp_path / "incident/day=2024-03-04/data.parquet"
    content = bytearray(path.read_bytes())
    content[100 : len(content) // 2] = b"\xff" * (len(content) // 2 - 100)
    path.write_bytes(bytes(content))
    with pytest.raises(LakeError, match="day=2024-03-04"):
        load(tmp_path, INCIDENT, PAGE)


def test_a_damaged_ledger_is_named(tmp_path: Path) -> None:
    load(tmp_path, QUEUE, at=moment(1))
    (tmp_path / "queue/loads/2024-03.parquet").write_bytes(b"broken")
    with pytest.raises(LakeError, match=r"loads/2024-03\.parquet is damaged"):
        load(tmp_path, QUEUE, at=moment(2))


FILL = """
import resource, sys
from pathlib import Path
from d365_pm.lake import LakeError
from d365_pm_tests.lake.desk import INCIDENT, incidents, load, moment
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
many = incidents(*((f"id-{i}", i, moment(4), f"{i * 7919 % 1000003} {i * 104729 % 999983}") for i in range(20_000)))
try:
    load(Path(sys.argv[1]), INCIDENT, many)
except LakeError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on file sizes")
def test_a_full_disk_is_named_and_keeps_what_was_there(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "kept")))
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "is full; free some space" in done.stdout, done.stderr
    assert visible(tmp_path, INCIDENT, "incidentid, title") == [("a", "kept")]
    assert not list((tmp_path / "incident").glob(".load-*"))


def test_rows_that_went_to_the_disk_and_cannot_be_read_back_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Waiting, "take", fail)
    with pytest.raises(LakeError, match=r"incident cannot be used \(Input/output error\)"):
        load(tmp_path, INCIDENT, PAGE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../up"},
        {"key": ()},
        {"key": ("nothing",)},
        {"window": "title"},
        {"schema": pa.schema([("incidentid", pa.string()), ("x", pa.float16())]), "version": (), "window": None},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_impossible_shape_is_a_programming_error(wrong: dict[str, object]) -> None:
    right = {name: getattr(INCIDENT, name) for name in ("name", "schema", "key", "version", "window")}
    with pytest.raises(ValueError, match=r"\w"):
        RawTable(**{**right, **wrong})
