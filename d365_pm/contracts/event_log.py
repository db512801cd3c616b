"""The shape of the event log: the template's columns, their types and their scope (event-log-semantics, section 2)."""

import polars as pl

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
