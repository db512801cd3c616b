"""What each row of the event log promises, and its columns (event-log-semantics, sections 2 and 9)."""

import pandera.polars as pandera
import polars as pl

from d365_pm.contracts.contract import Contract, RowPromise, Shape, Value
from d365_pm.contracts.event_log import COLUMNS, MANDATORY
from d365_pm.contracts.values import filled, holds, one_of

_LOG = "marts.event_log"
_ROW = ("ServiceRequest", "ActivityName", "EventTime")


def log_promises() -> tuple[Contract, ...]:
    """Promises about single rows of the event log."""
    return (
        Shape(
            name="column_types",
            table=_LOG,
            description="Exactly the 21 columns of the template, in its order and spelling, each of its type.",
            section="2.0",
            keys=("column",),
            schema=pandera.DataFrameSchema(
                {name: pandera.Column(dtype, nullable=True) for name, dtype in COLUMNS.items()},
                strict=True,
                ordered=True,
            ),
        ),
        _promise(
            "mandatory_attributes",
            "The five mandatory attributes are filled on every row.",
            "9, invariant 7",
            {name: filled(name) for name in MANDATORY},
        ),
        _promise(
            "event_time_not_after_last_update",
            "No event is later than the instant up to which the log is complete.",
            "9, invariant 7",
            {"EventTime": holds("EventTime <= LastDataUpdate", "later than LastDataUpdate")},
            "LastDataUpdate",
        ),
        _promise(
            "last_data_update_not_in_future",
            "The instant up to which the log is complete lies in the past; clocks may differ by five minutes.",
            "2.5, 4.17",
            {"LastDataUpdate": holds("LastDataUpdate <= now() + interval 5 minutes", "in the future")},
            "LastDataUpdate",
        ),
        _promise(
            "durations_not_negative",
            "The SLA target and the cycle time are not negative.",
            "2.7, 2.21",
            {
                name: holds(f"{name} >= 0", "negative duration")
                for name in ("SlaTargetResolutionTime", "ServiceRequestCycleTime")
            },
            "SlaTargetResolutionTime",
            "ServiceRequestCycleTime",
        ),
        _promise(
            "satisfaction_score_in_range",
            "Satisfaction is a score of 1 to 5.",
            "2.18",
            {
                "CustomerSatisfactionScore": Value(
                    "CustomerSatisfactionScore",
                    pandera.Column(
                        pl.Int32, pandera.Check.in_range(1, 5, error="not a score of 1 to 5"), nullable=True
                    ),
                )
            },
            "CustomerSatisfactionScore",
        ),
        _promise(
            "source_system_named",
            "Every row names the one source system of the template.",
            "2.4",
            {"SourceSystem": one_of("SourceSystem", {"Microsoft Dynamics 365 Customer Service"}, nullable=True)},
            "SourceSystem",
        ),
    )


def _promise(name: str, description: str, section: str, values: dict[str, Value], *evidence: str) -> RowPromise:
    return RowPromise(
        name=name,
        table=_LOG,
        description=description,
        section=section,
        keys=_ROW,
        values=values,
        evidence=evidence,
    )
