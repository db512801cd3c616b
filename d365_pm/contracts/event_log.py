"""What the event log promises to everybody who reads it.

The 21 columns and their meaning: event-log-semantics, section 2; the promises: its section 9. Every promise here blocks
publication: a log that breaks one is worse than yesterday's.
"""

from collections.abc import Sequence

import pandera.polars as pandera
import polars as pl

from d365_pm.contracts.contract import Contract

_TIME = pl.Datetime("us", "UTC")
MANDATORY = ("ServiceRequest", "ActivityName", "EventTime", "SourceSystem", "LastDataUpdate")
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "ServiceRequest": pl.String,
    "ActivityName": pl.String,
    "EventTime": _TIME,
    "SourceSystem": pl.String,
    "LastDataUpdate": _TIME,
    "Channel": pl.String,
    "SlaTargetResolutionTime": pl.Int64,
    "StatusReason": pl.String,
    "AgentName": pl.String,
    "CustomerName": pl.String,
    "Priority": pl.String,
    "ServiceRequestType": pl.String,
    "IsFirstContactResolution": pl.Boolean,
    "IsRework": pl.Boolean,
    "OwnerTeam": pl.String,
    "IsEscalated": pl.Boolean,
    "KnowledgeArticleId": pl.String,
    "CustomerSatisfactionScore": pl.Int32,
    "ProductInvolved": pl.String,
    "IsSlaBreached": pl.Boolean,
    "ServiceRequestCycleTime": pl.Int64,
}
"""The template's columns in its order, with their types."""

CASE_SCOPE = (
    "Channel",
    "SlaTargetResolutionTime",
    "CustomerName",
    "Priority",
    "ServiceRequestType",
    "IsFirstContactResolution",
    "IsRework",
    "IsEscalated",
    "CustomerSatisfactionScore",
    "ProductInvolved",
    "IsSlaBreached",
    "ServiceRequestCycleTime",
)
"""Columns that have one value per case."""

_LOG = "marts.event_log"
_EVENTS = "marts.events"
_ROW = ("ServiceRequest", "ActivityName", "EventTime")


def event_log_contracts(activity_labels: Sequence[str]) -> tuple[Contract, ...]:
    """The promises of the event log and of the events it is made from.

    Args:
        activity_labels: Labels of the activities that may occur, in the language of the log.
    """
    return (
        _column_types(),
        _mandatory_attributes(),
        _known_activities(activity_labels),
        _event_time(),
        _value_ranges(),
        _constant_case_attributes(),
        _unique_event_id(),
        _one_case_created(),
    )


def _column_types() -> Contract:
    return Contract(
        "column_types",
        _LOG,
        "Exactly the 21 columns of the template, in its order and spelling, each of its type.",
        f"from {_LOG} limit 0",
        pandera.DataFrameSchema(
            {name: pandera.Column(dtype, nullable=True) for name, dtype in COLUMNS.items()}, strict=True, ordered=True
        ),
        identity=(),
    )


def _mandatory_attributes() -> Contract:
    return Contract(
        "mandatory_attributes",
        _LOG,
        "The five mandatory attributes are filled on every row.",
        f"select {', '.join(MANDATORY)} from {_LOG}",
        pandera.DataFrameSchema({name: pandera.Column(COLUMNS[name], nullable=False) for name in MANDATORY}),
        identity=_ROW,
    )


def _known_activities(labels: Sequence[str]) -> Contract:
    known = pandera.Check.isin(list(labels), error="not an activity of the template")
    return Contract(
        "known_activities",
        _LOG,
        "Every activity is one of the template's.",
        f"select {', '.join(_ROW)} from {_LOG}",
        pandera.DataFrameSchema({"ActivityName": pandera.Column(pl.String, known, nullable=True)}),
        identity=_ROW,
    )


def _event_time() -> Contract:
    late = pandera.Check.le(0, error="later than LastDataUpdate")
    return Contract(
        "event_time_not_after_last_update",
        _LOG,
        "No event is later than the instant up to which the log is complete.",
        f"select {', '.join(_ROW)}, epoch_us(EventTime) - epoch_us(LastDataUpdate) as microseconds_late from {_LOG}",
        pandera.DataFrameSchema({"microseconds_late": pandera.Column(pl.Int64, late, nullable=True)}),
        identity=_ROW,
    )


def _value_ranges() -> Contract:
    duration = pandera.Check.ge(0, error="negative duration")
    score = pandera.Check.in_range(1, 5, error="not a score of 1 to 5")
    columns = {
        "SlaTargetResolutionTime": pandera.Column(pl.Int64, duration, nullable=True),
        "ServiceRequestCycleTime": pandera.Column(pl.Int64, duration, nullable=True),
        "CustomerSatisfactionScore": pandera.Column(pl.Int32, score, nullable=True),
    }
    return Contract(
        "value_ranges",
        _LOG,
        "Durations are not negative, and satisfaction is a score of 1 to 5.",
        f"select distinct ServiceRequest, {', '.join(columns)} from {_LOG}",
        pandera.DataFrameSchema(columns),
        identity=("ServiceRequest",),
    )


def _constant_case_attributes() -> Contract:
    # min and max leave nulls out, so a value on some rows and null on others is counted apart.
    values = ", ".join(
        f"count(distinct {name}) + least(count(*) filter (where {name} is null), 1) * least(count({name}), 1) as {name}"
        for name in CASE_SCOPE
    )
    once = pandera.Check.le(1, error="several values in one case")
    return Contract(
        "constant_case_attributes",
        _LOG,
        "An attribute of the case has the same value on every row of the case.",
        f"select ServiceRequest, {values} from {_LOG} group by ServiceRequest",
        pandera.DataFrameSchema({name: pandera.Column(pl.Int64, once) for name in CASE_SCOPE}),
        identity=("ServiceRequest",),
    )


def _unique_event_id() -> Contract:
    once = pandera.Check.eq(1, error="event id occurs more than once")
    return Contract(
        "unique_event_id",
        _EVENTS,
        "Every event has an id, and no id occurs twice.",
        f"select EventId, count(*) as occurrences from {_EVENTS} group by EventId",
        pandera.DataFrameSchema(
            {"EventId": pandera.Column(pl.String, nullable=False), "occurrences": pandera.Column(pl.Int64, once)}
        ),
        identity=("EventId",),
    )


def _one_case_created() -> Contract:
    once = pandera.Check.eq(1, error="number of Case Created events of the case")
    return Contract(
        "one_case_created",
        _EVENTS,
        "Every case has exactly one Case Created.",
        "select CaseGuid, count(*) filter (where ActivityCode = 'case_created') as created "
        f"from {_EVENTS} group by CaseGuid",
        pandera.DataFrameSchema({"created": pandera.Column(pl.Int64, once)}),
        identity=("CaseGuid",),
    )
