"""dlt's rest_api source as a worker of the fault matrix: pages by JSON link, merged by key into DuckDB.

Only its pauses between attempts are shortened, as are ours.
"""

import os
import tempfile
from collections.abc import Sequence
from typing import Any

import dlt
import duckdb
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.rest_api import rest_api_source

from d365_pm_tests.reliability.fault_desk import ENTITY_SETS, PAGE
from d365_pm_tests.reliability.peer_worker import serve


def read(environment: dict[str, str], table: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Every row of a table, as DuckDB holds it afterwards; the first column is the key."""
    os.environ["REQUESTS_CA_BUNDLE"] = environment["D365_CA_BUNDLE"]
    with tempfile.TemporaryDirectory(prefix="d365-pm-dlt-") as folder:
        file = f"{folder}/landed.duckdb"
        pipeline = dlt.pipeline(
            "matrix",
            pipelines_dir=folder,
            destination=dlt.destinations.duckdb(file),
            dataset_name="raw",
        )
        pipeline.run(_source(environment, table, columns))
        with duckdb.connect(file, read_only=True) as database:
            names = ", ".join(columns)
            found = database.execute(f"select {names} from raw.{table}").fetchall()
        texts = ([None if value is None else str(value) for value in row] for row in found)
        return [dict(zip(columns, row, strict=True)) for row in texts]


def _source(environment: dict[str, str], table: str, columns: Sequence[str]) -> Any:
    url = environment["D365_URL"]
    auth = OAuth2ClientCredentials(
        access_token_url=f"{environment['D365_AUTHORITY']}/{environment['D365_TENANT_ID']}/oauth2/v2.0/token",
        client_id=environment["D365_CLIENT_ID"],
        client_secret=environment["D365_CLIENT_SECRET"],
        access_token_request_data={"scope": f"{url}/.default"},
    )
    preferences = {"Prefer": f"odata.maxpagesize={PAGE}"}
    return rest_api_source(
        {
            "client": {
                "base_url": f"{url}/api/data/v9.2/",
                "auth": auth,
                "headers": preferences,
                "paginator": {"type": "json_link", "next_url_path": "['@odata.nextLink']"},
            },
            "resources": [
                {
                    "name": table,
                    "primary_key": columns[0],
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": ENTITY_SETS[table],
                        "params": {"$select": ",".join(columns)},
                        "data_selector": "value",
                    },
                }
            ],
        }
    )


if __name__ == "__main__":
    os.environ["RUNTIME__REQUEST_BACKOFF_FACTOR"] = "0.01"
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
    serve(read)
