"""The measured side that is dlt's: its rest_api source, by Parquet, merged by key into DuckDB.

Its best documented mode: client-credentials sign-in and paginator of its own, the loader's file format Parquet, write
disposition merge on the key. Each run starts with no pipeline and no database, as ours starts with no raw layer.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dlt
import duckdb
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.rest_api import rest_api_source


@dataclass(frozen=True, slots=True)
class Resource:
    """A table for dlt.

    Attributes:
        name: Table in DuckDB.
        entity_set: Path below the Web API.
        key: Its primary key.
        select: Columns; all without any.
    """

    name: str
    entity_set: str
    key: str
    select: Sequence[str] = field(default=())


def land(
    environment: dict[str, str],
    resources: Sequence[Resource],
    folder: Path,
    *,
    page_size: int,
    annotation: str | None = None,
) -> Path:
    """Read tables into the schema `raw` of a new DuckDB file; returns the file.

    Args:
        environment: `D365_*` variables of the Dataverse.
        resources: What to read.
        folder: Where the file and dlt's own files go.
        page_size: Rows per page to ask for.
        annotation: Annotations to ask for.
    """
    os.environ["REQUESTS_CA_BUNDLE"] = environment["D365_CA_BUNDLE"]
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    file = folder / "landed.duckdb"
    pipeline = dlt.pipeline(
        "landed",
        pipelines_dir=str(folder),
        destination=dlt.destinations.duckdb(str(file)),
        dataset_name="raw",
    )
    wishes = [f"odata.maxpagesize={page_size}"]
    wishes += [f'odata.include-annotations="{annotation}"'] if annotation else []
    pipeline.run(_source(environment, resources, ",".join(wishes)), loader_file_format="parquet")
    return file


def land_cases(
    *, environment: dict[str, str], select: Sequence[str], annotation: str, page_size: int
) -> dict[str, Any]:
    """Land the case table; arguments are those of `sdk_iteration.iterate_cases`.

    Returns:
        `rows` that DuckDB holds afterwards, one per key.
    """
    resource = Resource("incident", "incidents", "incidentid", select)
    with tempfile.TemporaryDirectory(prefix="d365-pm-dlt-") as folder:
        file = land(environment, [resource], Path(folder), page_size=page_size, annotation=annotation)
        with duckdb.connect(str(file), read_only=True) as database:
            (rows,) = database.execute("select count(distinct incidentid) from raw.incident").fetchone() or (0,)
    return {"rows": rows}


def _source(environment: dict[str, str], resources: Sequence[Resource], prefer: str) -> Any:
    url = environment["D365_URL"]
    auth = OAuth2ClientCredentials(
        access_token_url=f"{environment['D365_AUTHORITY']}/{environment['D365_TENANT_ID']}/oauth2/v2.0/token",
        client_id=environment["D365_CLIENT_ID"],
        client_secret=environment["D365_CLIENT_SECRET"],
        access_token_request_data={"scope": f"{url}/.default"},
    )
    return rest_api_source(
        {
            "client": {
                "base_url": f"{url}/api/data/v9.2/",
                "auth": auth,
                "headers": {"Prefer": prefer},
                "paginator": {"type": "json_link", "next_url_path": "['@odata.nextLink']"},
            },
            "resource_defaults": {"write_disposition": "merge"},
            "resources": [_resource(each) for each in resources],
        }
    )


def _resource(resource: Resource) -> Any:
    params = {"$select": ",".join(resource.select)} if resource.select else {}
    endpoint = {"path": resource.entity_set, "params": params, "data_selector": "value"}
    return {"name": resource.name, "primary_key": resource.key, "endpoint": endpoint}
