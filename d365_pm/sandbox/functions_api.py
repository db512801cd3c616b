"""The functions that belong to no table: who am I, which version, how many rows (Web API reference 1.8 and 2.5)."""

import re

import msgspec

from d365_pm.sandbox.answers import Answer, json_answer
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import INVALID_ARGUMENT, bad_request
from d365_pm.sandbox.options import parameters

VERSION = "9.2.25083.00190"
_ALIASED = re.compile(r"RetrieveTotalRecordCount\(EntityNames=(@\w+|\[.*\])\)")
_NAMESPACE = "Microsoft.Dynamics.CRM"


def call_function(environment: Environment, base: str, path: str, query: str) -> Answer | None:
    """Answer a function call; None when the path names no function.

    Raises:
        ApiError: Arguments that the platform would refuse.
    """
    if path in ("WhoAmI", "WhoAmI()"):
        return _who_am_i(environment, base)
    if path in ("RetrieveVersion", "RetrieveVersion()"):
        return _answer(base, "RetrieveVersionResponse", Version=VERSION)
    if match := _ALIASED.fullmatch(path):
        return _total_record_count(environment, base, match[1], parameters(query))
    return None


def _answer(base: str, kind: str, **values: object) -> Answer:
    return json_answer({"@odata.context": f"{base}/$metadata#{_NAMESPACE}.{kind}", **values})


def _who_am_i(environment: Environment, base: str) -> Answer:
    return _answer(
        base,
        "WhoAmIResponse",
        BusinessUnitId=environment.business_unit_id,
        UserId=environment.user_id,
        OrganizationId=environment.organization_id,
    )


def _total_record_count(environment: Environment, base: str, argument: str, found: dict[str, str]) -> Answer:
    text = found.get(argument, "") if argument.startswith("@") else argument
    try:
        names = msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError:
        raise bad_request("The argument EntityNames must be a list of logical names.", code=INVALID_ARGUMENT) from None
    for name in names:
        if name not in environment.tables:
            raise bad_request(
                f"The entity with a name = '{name}' was not found in the MetadataCache.", code=INVALID_ARGUMENT
            )
    totals = environment.total_counts.read(environment)
    counts = {
        "Count": len(names),
        "IsReadOnly": False,
        "Keys": names,
        "Values": [totals[name] for name in names],
    }
    return _answer(base, "RetrieveTotalRecordCountResponse", EntityRecordCountCollection=counts)
