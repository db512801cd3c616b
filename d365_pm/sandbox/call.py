"""One request to the Web API, as its handlers see it."""

from dataclasses import dataclass

from d365_pm.sandbox.prefer import Preferences


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the Web API.

    Attributes:
        base: Address of the API with its version, such as `https://127.0.0.1:8443/api/data/v9.2`.
        path: Path below it.
        query: Query part, undecoded.
        preferences: The `Prefer` header.
    """

    base: str
    path: str
    query: str
    preferences: Preferences
