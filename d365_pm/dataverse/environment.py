"""Which environment answers, whom it takes us for, and which version its schema has."""

import logging
from dataclasses import dataclass
from typing import Any

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import AccessDeniedError, ProtocolError, RequestRefusedError
from d365_pm.dataverse.query import build_url
from d365_pm.dataverse.questions import VERSION_ANNOTATION
from d365_pm.dataverse.reply import json_object

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to the environment; ids in lower case."""

    user_id: str
    business_unit_id: str
    organization_id: str


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """What tells one environment, and one state of its schema, from another.

    Attributes:
        organization_id: Id of the organisation, in lower case.
        metadata_version: Number that moves with every change of the schema; None if the server does not tell.
    """

    organization_id: str
    metadata_version: str | None


async def read_environment(connection: Connection) -> EnvironmentFacts:
    """Ask for both facts by one request; who may not read the organisation's row learns its id only."""
    url = build_url(connection.base, "organizations", select=("organizationid",))
    wish = f'odata.include-annotations="{VERSION_ANNOTATION}"'
    try:
        answer = await connection.get(url, parse=json_object, prefer=wish)
    except (AccessDeniedError, RequestRefusedError) as error:
        logger.info("The organisation's row cannot be read, so that metadata is read anew in every run: %s", error)
        answer = {}
    rows = answer.get("value")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    organization, version = row.get("organizationid"), answer.get(f"@{VERSION_ANNOTATION}")
    if not isinstance(organization, str):
        return EnvironmentFacts((await read_identity(connection)).organization_id, None)
    return EnvironmentFacts(organization.lower(), str(version) if version is not None else None)


async def read_identity(connection: Connection) -> Identity:
    """The identity that the environment takes us for."""
    answer = await connection.get(f"{connection.base}WhoAmI", parse=json_object)
    user, unit, organization = (member(answer, name) for name in ("UserId", "BusinessUnitId", "OrganizationId"))
    return Identity(user.lower(), unit.lower(), organization.lower())


def member(answer: dict[str, Any], name: str) -> str:
    """A text of an answer that has to be there.

    Raises:
        ProtocolError: It is not.
    """
    value = answer.get(name)
    if not isinstance(value, str):
        raise ProtocolError(f"The answer does not hold {name}: check that D365_URL is the address of a Dataverse.")
    return value
