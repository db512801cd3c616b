"""Publishing: readers see the old file or the new one, and keep what they opened."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from d365_pm.warehouse import Warehouse, WarehouseError, publish


def built(path: Path, value: int) -> Path:
    """A working database with one table of the value and a raw view."""
    with Warehouse.open(path, memory_limit="256MB") as warehouse:
        warehouse.attach_raw({"incident": "select 1 as x"})
        warehouse.connection.execute(f"create or replace table marts.log as select {value} as value")
        warehouse.connection.execute("comment on column marts.log.value is 'A value.'")
        warehouse.connection.execute("create or replace view marts.twice as select 2 * value as value from marts.log")
    return path


READ = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
for line in sys.stdin:
    print(connection.execute("select value from marts.log").fetchone()[0], flush=True)
"""


def read(path: Path) -> int:
    """Read as a new process does: within one process DuckDB would hand out the file it has open."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], input="\n", capture_output=True, text=True, timeout=60, check=True
    )
    return int(done.stdout)


def test_the_published_file_has_the_tables_and_no_raw_views(tmp_path: Path) -> None:
    target = tmp_path / "out/warehouse.duckdb"
    publish(built(tmp_path / "work.duckdb", 1), target)
    with duckdb.connect(str(target), read_only=True) as connection:
        assert connection.execute("select value from marts.log").fetchall() == [(1,)]
        assert connection.execute("select value from marts.twice").fetchall() == [(2,)]
        assert connection.execute("select count(*) from duckdb_schemas() where schema_name = 'raw'").fetchone() == (0,)
        assert connection.execute("select comment from duckdb_columns() where table_name = 'log'").fetchone() == (
            "A value.",
        )
    assert [path.name for path in target.parent.iterdir()] == ["warehouse.duckdb"]
    with duckdb.connect(str(tmp_path / "work.duckdb")) as connection:
        assert connection.execute("select x from raw.incident").fetchone() == (1,)


def test_a_reader_keeps_the_file_that_it_opened(tmp_path: Path) -> None:
    working, target = tmp_path / "work.duckdb", tmp_path / "warehouse.duckdb"
    publish(built(working, 1), target)
    with subprocess.Popen(
        [sys.executable, "-c", READ, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        for number in (2, 3):
            print(file=reader.stdin, flush=True)
            assert reader.stdout.readline() == "1\n"
            publish(built(working, number), target)
            assert read(target) == number
        print(file=reader.stdin, flush=True)
        assert reader.stdout.readline() == "1\n"
        reader.stdin.close()


# Dies with its changes in the log beside the file.
CHANGE = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("update marts.log set value = 99")
os._exit(0)
"""


def test_changes_logged_beside_the_old_file_do_not_reach_the_new_one(tmp_path: Path) -> None:
    target = tmp_path / "warehouse.duckdb"
    publish(built(tmp_path / "work.duckdb", 1), target)
    subprocess.run([sys.executable, "-c", CHANGE, str(target)], check=True, timeout=60)
    assert target.with_name("warehouse.duckdb.wal").exists()
    publish(built(tmp_path / "work.duckdb", 2), target)
    assert read(target) == 2


def test_without_a_working_database_there_is_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="nothing to publish"):
        publish(tmp_path / "work.duckdb", tmp_path / "warehouse.duckdb")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match=r"warehouse\.duckdb cannot be replaced.*stays readable"):
        publish(built(tmp_path / "work.duckdb", 1), tmp_path / "file/warehouse.duckdb")


FILL = """
import resource, sys
from pathlib import Path
from d365_pm.warehouse import WarehouseError, publish
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    publish(Path(sys.argv[1]), Path(sys.argv[2]))
except WarehouseError as error:
    print(error)
"""


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    working, target = tmp_path / "work.duckdb", tmp_path / "warehouse.duckdb"
    publish(built(working, 1), target)
    with duckdb.connect(str(built(working, 2))) as connection:
        connection.execute("create table marts.big as select md5(range::varchar) as x from range(50000)")
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(working), str(target)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "cannot be replaced" in done.stdout, done.stderr
    assert read(target) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["warehouse.duckdb", "work.duckdb"]
