"""How the sandbox's environment behaves where real ones differ, and faults that a person may ask for.

Only the facts; each is obeyed where its subject is.
"""

from dataclasses import dataclass

from d365_pm.sandbox.schema import ENGLISH


@dataclass(frozen=True, slots=True)
class Switches:
    """The behaviour of one sandbox.

    Attributes:
        missing_tables: Logical names of tables that the environment does not have.
        unreadable_tables: Logical names of tables that the application user's role cannot read.
        has_application_user: False answers every authorised request with 403, code 0x80072560.
        returns_changedata: `audits` answers with `changedata`; False refuses the column as unknown.
        filters_definitions: `EntityDefinitions` accepts `$filter` at the root.
        ne_matches_null: `x ne 1` also holds where x is null.
        user_language: LCID of the application user's labels.
        user_time_zone: IANA zone of the application user's formatted dates.
        page_latency: Seconds added to each answer with rows.
        token_lifetime: Seconds until an access token ends.
        secret_is_expired: The token endpoint calls the right secret expired.
        requests_hint: Value of `x-ms-dop-hint`.
    """

    missing_tables: frozenset[str] = frozenset()
    unreadable_tables: frozenset[str] = frozenset()
    has_application_user: bool = True
    returns_changedata: bool = True
    filters_definitions: bool = True
    ne_matches_null: bool = True
    user_language: int = ENGLISH
    user_time_zone: str = "UTC"
    page_latency: float = 0.0
    token_lifetime: int = 4500
    secret_is_expired: bool = False
    requests_hint: int = 8
