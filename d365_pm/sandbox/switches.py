"""How the sandbox's environment behaves where real ones differ, and faults that a person may ask for.

Only the facts; each is obeyed where its subject is.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from d365_pm.sandbox.prefer import LARGEST_PAGE
from d365_pm.sandbox.schema import ENGLISH, TABLES
from d365_pm.sandbox.throttling import Limits

Depth = Literal["Basic", "Local", "Deep", "Global"]


TRACKED_TABLES = frozenset(
    {
        "account",
        "contact",
        "email",
        "incident",
        "knowledgearticle",
        "phonecall",
        "product",
        "queueitem",
        "slakpiinstance",
        "systemuser",
        "task",
        "team",
    }
)
"""Tables that track changes unless told otherwise; for most of them the reference says: look (5.3)."""


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
        audits_ignore_page_size: `audits` answers with every matching row at once, without a link.
        audits_sort_by_time_only: `audits` refuses every order but `createdon`.
        audit_names_need_object: `changedata` loses the names of columns unless `_objectid_value` and `objecttypecode`
            are selected with it.
        audit_visible_after: Seconds from an audited operation until its row can be read.
        audit_has_fractions: Audit rows are stored to the microsecond; answers show whole seconds all the same.
        audit_retention_days: Audit rows older than this have vanished; None keeps them for ever.
        attribute_masks: `attributemask` of audit rows: as brought, a comma list, or the same between commas.
        audit_value_limit: Characters after which an audited value is cut and ends in an ellipsis.
        details_have_record: Audit details carry their `AuditRecord`.
        history_counts_rows: Change histories answer a wanted total with the number of entries, else with -1.
        audit_off: Auditing is off in the whole organisation, so no audit row exists.
        audit_since: Auditing was switched on at this instant; nothing before it was recorded.
        audit_pauses: When auditing was switched off in the whole organisation, and on again; nothing between them was
            recorded but the two switches.
        unaudited_tables: Logical names of tables whose auditing is off.
        unaudited_columns: Columns whose auditing is off, such as `incident.ownerid`.
        secured_columns: Columns under column security that the caller may not read, such as `incident.title`: they
            come back empty.
        missing_privileges: Names of privileges that the application user lacks, such as `prvReadAuditSummary`; those
            of tables make them unreadable.
        read_depths: Depth of the read privilege by table, where it is narrower than the organisation.
        organization: Columns of the organisation's row that differ from what was brought.
        user_settings: Columns of the caller's settings that differ from what was brought.
        batch_latency: Seconds that every batch takes at least.
        tracked_tables: Logical names of tables that track changes.
        shallow_tables: Tables that the role reads below organisation level, which change tracking refuses.
        expired_token_status: HTTP status of a delta token or version stamp that has expired.
        delta_link_before_value: `@odata.deltaLink` stands before the rows; False puts it behind.
        labels_hide_delta_link: No delta link where formatted values are requested, as an old report has it.
        tracking_repeats_preference: A page asked for without `odata.track-changes` ends without a delta link.
        delta_token_binds_select: A delta token is expired for any other `$select`.
        total_count_age: Hours that the snapshot of `RetrieveTotalRecordCount` may be old; 0 counts now.
        total_counts_are_zero: The job behind `RetrieveTotalRecordCount` has never run.
        max_page_size: Most rows on a page, whatever is asked for; tests of paging need few rows then.
        throttling: Service protection limits; None never refuses.
        approves_device_codes: Whoever signs in with a device code is taken for approved; False waits for a person.
        takes_rewritten_links: A nextLink that a client wrote anew with the same meaning goes on; False refuses it.
        cached_pages: Long answers that are kept and sent again while no row changes; for benchmarks of clients.
        has_managed_identity: The machine has an identity of its own, served over plain HTTP.
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
    audits_ignore_page_size: bool = False
    audits_sort_by_time_only: bool = False
    audit_names_need_object: bool = False
    audit_visible_after: float = 0.0
    audit_has_fractions: bool = False
    audit_retention_days: int | None = None
    attribute_masks: Literal["brought", "plain", "wrapped"] = "brought"
    audit_value_limit: int = 5000
    details_have_record: bool = True
    history_counts_rows: bool = True
    audit_off: bool = False
    audit_since: dt.datetime | None = None
    audit_pauses: tuple[tuple[dt.datetime, dt.datetime], ...] = ()
    unaudited_tables: frozenset[str] = frozenset()
    unaudited_columns: frozenset[str] = frozenset()
    secured_columns: frozenset[str] = frozenset()
    missing_privileges: frozenset[str] = frozenset()
    read_depths: Mapping[str, Depth] = field(default_factory=dict)
    organization: Mapping[str, Any] = field(default_factory=dict)
    user_settings: Mapping[str, Any] = field(default_factory=dict)
    batch_latency: float = 0.0

    tracked_tables: frozenset[str] = TRACKED_TABLES
    shallow_tables: frozenset[str] = frozenset()
    expired_token_status: int = 400
    delta_link_before_value: bool = True
    labels_hide_delta_link: bool = False
    tracking_repeats_preference: bool = False
    delta_token_binds_select: bool = False
    total_count_age: float = 0.0
    total_counts_are_zero: bool = False
    max_page_size: int = LARGEST_PAGE
    throttling: Limits | None = None
    approves_device_codes: bool = True
    has_managed_identity: bool = False
    takes_rewritten_links: bool = False
    cached_pages: int = 0

    def __post_init__(self) -> None:
        """A table whose read privilege is missing is unreadable; one that is read in part tracks no changes."""
        missing = {name.lower() for name in self.missing_privileges}
        tables = {table.name for table in TABLES.values() if table.read_privilege.lower() in missing}
        object.__setattr__(self, "unreadable_tables", self.unreadable_tables | tables)
        shallow = {name for name, depth in self.read_depths.items() if depth != "Global"}
        object.__setattr__(self, "shallow_tables", self.shallow_tables | shallow)
