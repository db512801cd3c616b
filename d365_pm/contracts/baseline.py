"""What the log published last was like, as two small temporary tables that the drift checks read.

Belongs here: `last_activity` (events per activity) and `last_attribute` (filled rows per attribute). Without a
published log they are empty, and nothing drifts.
"""

from pathlib import Path

import duckdb

from d365_pm.contracts.event_log import COLUMNS

_ACTIVITIES = "select ActivityCode as activity_code, count(*) as events from {log}.marts.events group by ActivityCode"


def remember_last_log(connection: duckdb.DuckDBPyConnection, published: Path) -> None:
    """Make `last_activity` and `last_attribute` from the published database; must not run in a transaction.

    Args:
        connection: Database that is about to be judged.
        published: Database that readers have; it need not exist.
    """
    connection.execute("create or replace temp table last_activity (activity_code varchar, events bigint)")
    connection.execute("create or replace temp table last_attribute (attribute varchar, total bigint, filled bigint)")
    if not published.exists():
        return
    place = str(published).replace("'", "''")
    try:
        connection.execute(f"attach '{place}' as last_log (read_only)")
    except duckdb.Error:
        # Somebody holds it for writing, or an older version wrote it: a drift that nobody can see is none.
        return
    try:
        connection.execute(f"insert into last_activity {_ACTIVITIES.format(log='last_log')}")
        connection.execute(f"insert into last_attribute {attributes('last_log.marts.event_log')}")
    except duckdb.Error:
        connection.execute("delete from last_activity; delete from last_attribute")
    finally:
        connection.execute("detach last_log")


def attributes(log: str) -> str:
    """SELECT of how many rows of a log have a value, per attribute: attribute, total, filled."""
    counted = ", ".join(f"count({name}) as {name}" for name in COLUMNS)
    return (
        f"select u.attribute, u.total, u.filled from (select count(*) as total, {counted} from {log}) "
        f"unpivot (filled for attribute in ({', '.join(COLUMNS)})) as u"
    )
