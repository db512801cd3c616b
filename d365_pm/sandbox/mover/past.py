"""A finished desk as its tables looked at an earlier instant.

Belongs here: which rows there were, and what they said. Audited columns are undone by the desk's own audit; a row of
another table whose last change is still to come looks as it did when it was made. At the desk's end every row is the
finished one. Does not belong here: cases and queue items (`past_cases.py`) and bringing rows to an environment
(`mover.py`).
"""

from datetime import datetime

import polars as pl

from d365_pm.sandbox.conform import MOMENT
from d365_pm.sandbox.desk.activity_tables import SHARED
from d365_pm.sandbox.desk.codes import INVITE_PREFIX, Clock, Invite, Mail

Frames = dict[str, pl.DataFrame]

POINTED = ("email", "phonecall", "task", "adx_portalcomment", "msfp_surveyinvite", "msfp_surveyresponse")
"""Tables whose rows the common index lists."""
_MOVED = ("email", "phonecall", "adx_portalcomment")
_DEADLINES = frozenset({"createdon", "modifiedon", "warningtime", "failuretime", "publishon", "expirationdate"})
_BIRTH: dict[str, dict[str, int]] = {
    "task": {"statecode": 0, "statuscode": 2, "percentcomplete": 0},
    "incidentresolution": {"statecode": 1, "statuscode": 2},
    "msfp_surveyinvite": {"statecode": 0, "statuscode": 1, "msfp_invitestatus": INVITE_PREFIX + Invite.QUEUED},
    "slakpiinstance": {"status": Clock.IN_PROGRESS, "terminalstatereached": 0, "elapsedtime": 0},
}
"""What the rows of a table say when they are made, where that can change without audit."""


def earlier(frames: Frames, at: datetime) -> Frames:
    """Every table without audit at an instant; the common index and the parties follow their activities."""
    merges = _merges(frames["incident"])
    past = {name: _earlier(name, frame, at) for name, frame in frames.items()}
    for name in _MOVED:
        past[name] = _before_the_move(past[name], frames[name], merges, at)
    past["activitypointer"] = _pointers(frames["activitypointer"], past)
    present = pl.concat([past[name]["activityid"] for name in POINTED])
    party = frames["activityparty"]
    past["activityparty"] = party.filter(pl.col("_activityid_value").is_in(present.implode()))
    return past


def _earlier(name: str, frame: pl.DataFrame, at: datetime) -> pl.DataFrame:
    if "createdon" not in frame.columns:
        return frame
    present = frame.filter(pl.col("createdon") <= at)
    if "modifiedon" not in frame.columns:
        return present
    is_later = pl.col("modifiedon") > at
    born = {"modifiedon": pl.col("createdon"), "_modifiedby_value": pl.col("_createdby_value")}
    for column, kind in frame.schema.items():
        if kind == MOMENT and column not in _DEADLINES:
            born[column] = pl.when(pl.col(column) <= at).then(pl.col(column))
    for column, value in _BIRTH.get(name, {}).items():
        born[column] = pl.lit(value).cast(frame.schema[column])
    if name == "email":
        is_draft = pl.col("senton").is_null() | (pl.col("senton") > at)
        born["statecode"] = pl.when(is_draft).then(0).otherwise(pl.col("statecode"))
        born["statuscode"] = pl.when(is_draft).then(int(Mail.DRAFT)).otherwise(pl.col("statuscode"))
    if name == "slakpiinstance":
        born["warningtimereached"] = (pl.col("warningtime") <= at).cast(frame.schema["warningtimereached"])
    changed = [pl.when(is_later).then(value).otherwise(pl.col(column)).alias(column) for column, value in born.items()]
    return present.with_columns(each.cast(frame.schema[each.meta.output_name()]) for each in changed)


def _merges(cases: pl.DataFrame) -> pl.DataFrame:
    """Which case was merged into which, and when: survivor, merged_on, merged."""
    merged = cases.filter(pl.col("_masterid_value").is_not_null())
    chosen = merged.select(survivor="_masterid_value", merged_on="modifiedon", merged="incidentid")
    return chosen.unique(["survivor", "merged_on"], keep="first", maintain_order=True)


def _before_the_move(past: pl.DataFrame, final: pl.DataFrame, merges: pl.DataFrame, at: datetime) -> pl.DataFrame:
    """Activities of a case that is still to be merged belong to it."""
    moves = (
        final.filter(pl.col("modifiedon") > at)
        .join(merges, left_on=["_regardingobjectid_value", "modifiedon"], right_on=["survivor", "merged_on"])
        .select("activityid", "merged")
    )
    joined = past.join(moves, on="activityid", how="left", maintain_order="left")
    home = pl.coalesce("merged", "_regardingobjectid_value").alias("_regardingobjectid_value")
    return joined.with_columns(home).drop("merged")


def _pointers(final: pl.DataFrame, past: Frames) -> pl.DataFrame:
    shared = [name for name in SHARED if name != "statuscode"]
    listed = pl.concat([past[name].select(shared) for name in POINTED])
    status = (pl.col("statecode") + 1).cast(final.schema["statuscode"]).alias("statuscode")
    others = final.drop(*shared[1:], "statuscode")
    return listed.with_columns(status).join(others, on="activityid", how="left").select(final.columns)
