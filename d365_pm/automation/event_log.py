"""Dagster's SQLite event log, with a batch of events written in one transaction.

A range of days is one run, but Dagster records every partition of every table, twice: once planned, once made. Its
SQLite storage opens, commits and closes two databases for each of those events, about 25 ms a time, so that two years
of history cost minutes of bookkeeping. Dagster hands such events over in batches (`DAGSTER_EVENT_BATCH_SIZE`); this
storage keeps its connections open for the length of a batch. Files and tables are Dagster's own.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from dagster import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

BATCH_SIZE = 200
"""Events in one transaction: some seconds of writing would make the UI wait for the lock, a tenth of that does not."""

_BUSY_SECONDS = 60


class BatchedEventLogStorage(SqliteEventLogStorage):
    """The event log below `DAGSTER_HOME`, where Dagster's default storage would put it."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._batch = threading.local()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        """No configuration: the place follows from DAGSTER_HOME, so that the folder can be moved."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """Make the storage for this process's DAGSTER_HOME."""
        return cls(str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs"), inst_data, **config_value)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction for each database file; all of a file's events or none."""
        with ExitStack() as stack:
            self._batch.open = _OpenShards(self, stack)
            stack.callback(self._batch.__dict__.clear)
            for event in events:
                self.store_event(event)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        opened: _OpenShards | None = getattr(self._batch, "open", None)
        if opened is not None:
            yield opened.connection(shard)
            return
        with super()._connect(shard) as connection:
            yield connection

    @contextmanager
    def initialised(self, shard: str) -> Iterator[None]:
        """Make sure that a database file has its tables."""
        with super()._connect(shard):
            yield


class _OpenShards:
    """The database files that a batch has open; each commits when the stack is left without an error."""

    def __init__(self, storage: BatchedEventLogStorage, stack: ExitStack) -> None:
        self._storage = storage
        self._stack = stack
        self._connections: dict[str, Connection] = {}

    def connection(self, shard: str) -> Connection:
        """The open connection of a database file, in its transaction."""
        if shard not in self._connections:
            with self._storage.initialised(shard):
                pass
            engine = create_engine(
                self._storage.conn_string_for_shard(shard),
                poolclass=NullPool,
                connect_args={"timeout": _BUSY_SECONDS},
            )
            connection = self._stack.enter_context(engine.connect())
            self._stack.enter_context(connection.begin())
            self._connections[shard] = connection
        return self._connections[shard]
