"""The event log of a desk as its own people would write it: the ground truth.

Belongs here: the 21 attributes of every noted event, from what the desk knows about each life. No rule is run over
rows: events were noted when they happened, with the status and the team in force just after them. Does not belong here:
what happens (the steps of a life).

Where the event-log reference leaves room, this is how it is read here:

* `StatusReason` and `OwnerTeam` are those in force when the second of the event is over; an event that is itself a
  change of status has the status it brought (2.8, 4.7).
* `OwnerTeam` of a person is the team that owned the case immediately before that person, not an earlier one (2.15).
* The governing SLA clock is the newest that is not canceled; where all are, as on cancelled and merged cases, the
  target is that of the newest canceled one, since the promise was made (2.7, 2.20).
* A solution is proposed in an episode that ended in a resolution; the last e-mail of an episode that is open or was
  cancelled proves nothing yet (3.13, 3.15). Words after the resolution belong to no episode.
* A case that went to the same owner as two owners before has bounced, whether those are people or teams; an application
  in between is no owner to bounce to (2.14).
* The opening contact is everything the customer says up to ten minutes after the creation; a later one before the last
  resolution makes it a second contact, also one that came with a merged duplicate (2.13, 4.1).
* `Channel` is the one the case was created with, even if it was corrected later (2.6).
* A deleted case has no events, as the log forgets it (4.3); whoever holds a case by a bulk or cascaded change does not
  count for bouncing (4.10).
* A status reason of the organisation that says so proposes a solution at once, resolved or not (3.13, SP1).
* An article family that the suggestion service linked was not investigated by anybody (3.7).
* An article of an outside provider shows the provider's id (2.17).

An as-of instant before the end of the desk hides later events; attributes of the case stay those of the end.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.sandbox import schema
from d365_pm.sandbox.desk.arrow import MOMENT, moments, pick, same
from d365_pm.sandbox.desk.catalogue import OWN_STATUSES
from d365_pm.sandbox.desk.codes import State
from d365_pm.sandbox.desk.errors import DeskError
from d365_pm.sandbox.desk.events import LABELS, Activity
from d365_pm.sandbox.desk.numbers import NONE, IntArray
from d365_pm.sandbox.desk.verdicts import first_contact_resolution, rework, sla_breach

SOURCE_SYSTEM = "Microsoft Dynamics 365 Customer Service"
LANGUAGES = {"pt-BR": schema.PORTUGUESE, "en": schema.ENGLISH}
_SYSTEM_NAMES = {"pt-BR": "Sistema", "en": "System"}


@dataclass(frozen=True, slots=True)
class Story:
    """All that was noted.

    Attributes:
        events: One row per event in the order of the log; `case` is a position in `cases`, `agent` is null for systems.
        cases: One row per case, in order of creation.
    """

    events: pa.Table
    cases: pa.Table

    def tell(self, as_of: datetime, language: str) -> pa.Table:
        """The event log at an instant in a language.

        Args:
            as_of: `LastDataUpdate`; with a time zone.
            language: `pt-BR` or `en`.

        Returns:
            CaseGuid, ActivityCode and the 21 columns of the template, by creation of the case and order within it.

        Raises:
            DeskError: The language is unknown or the instant has no time zone.
        """
        if language not in LANGUAGES:
            raise DeskError(f"The ground truth speaks pt-BR and en, not {language!r}; choose one of them.")
        if as_of.tzinfo is None:
            raise DeskError("The as-of instant has no time zone; give it one, such as UTC.")
        now = int(as_of.timestamp())
        events = self.events.filter(pc.less_equal(self.events["at"], now))
        case = events["case"].to_numpy()
        columns = self._of_events(events, language) | {"LastDataUpdate": same(as_of, len(case)).cast(MOMENT)}
        attributes = self._of_cases(events, now, language)
        columns |= {name: values.take(pa.array(case)) for name, values in attributes.items()}
        return pa.table({name: columns[name] for name in COLUMNS})

    def _of_events(self, events: pa.Table, language: str) -> dict[str, pa.Array]:
        activity = events["activity"].to_numpy()
        labels = [LABELS[a].portuguese if language == "pt-BR" else LABELS[a].english for a in Activity]
        count = len(activity)
        return {
            "ActivityCode": pick([a.code for a in Activity], activity),
            "ActivityName": pick(labels, activity),
            "EventTime": moments(events["at"].to_numpy()),
            "SourceSystem": same(SOURCE_SYSTEM, count),
            "StatusReason": _labels("statuscode", events["status"], language),
            "AgentName": pc.fill_null(events["agent"].combine_chunks(), _SYSTEM_NAMES[language]),
            "OwnerTeam": events["owner_team"].combine_chunks(),
            "KnowledgeArticleId": events["article"].combine_chunks(),
        }

    def _of_cases(self, events: pa.Table, now: int, language: str) -> dict[str, pa.Array]:
        cases = self.cases
        is_resolved = cases["state"].to_numpy() == State.RESOLVED
        last = _last_resolution(events, cases.num_rows)
        cycle = np.where(is_resolved & (last != NONE), last - cases["created"].to_numpy(), NONE)
        numbers = {activity: _times(events, activity, cases.num_rows) for activity in Activity}
        return {
            "CaseGuid": cases["guid"].combine_chunks(),
            "ServiceRequest": cases["ticket"].combine_chunks(),
            "Channel": _labels("caseorigincode", cases["channel"], language),
            "SlaTargetResolutionTime": cases["sla_target"].combine_chunks(),
            "CustomerName": cases["customer"].combine_chunks(),
            "Priority": _labels("prioritycode", cases["priority"], language),
            "ServiceRequestType": cases["subject"].combine_chunks(),
            "IsFirstContactResolution": first_contact_resolution(cases, numbers, cycle, now - last),
            "IsRework": rework(cases, numbers),
            "IsEscalated": pa.array((numbers[Activity.CASE_ESCALATED] > 0) | (cases["is_escalated"].to_numpy() > 0)),
            "CustomerSatisfactionScore": cases["csat"].combine_chunks(),
            "ProductInvolved": cases["product"].combine_chunks(),
            "IsSlaBreached": sla_breach(cases, last, now),
            "ServiceRequestCycleTime": pa.array(cycle, mask=cycle < 0),
        }


COLUMNS = (
    "CaseGuid", "ActivityCode", "ServiceRequest", "ActivityName", "EventTime", "SourceSystem", "LastDataUpdate",
    "Channel", "SlaTargetResolutionTime", "StatusReason", "AgentName", "CustomerName", "Priority",
    "ServiceRequestType", "IsFirstContactResolution", "IsRework", "OwnerTeam", "IsEscalated", "KnowledgeArticleId",
    "CustomerSatisfactionScore", "ProductInvolved", "IsSlaBreached", "ServiceRequestCycleTime",
)  # fmt: skip
"""Columns of the ground truth: two keys, then the template's columns in the template's order."""


def _labels(column: str, codes: pa.ChunkedArray, language: str) -> pa.Array:
    """Labels of an option column of the case."""
    options = [*schema.TABLES["incident"].by_name[column].options, *(_own_options() if column == "statuscode" else ())]
    known = pa.array([option.code for option in options], type=pa.int64())
    return pick([option.label(LANGUAGES[language]) for option in options], _positions(codes, known))


def _own_options() -> list[schema.Option]:
    return [schema.Option(each.code, each.english, each.portuguese, each.state) for each in OWN_STATUSES]


def _positions(codes: pa.ChunkedArray, known: pa.Array) -> IntArray:
    positions: IntArray = pc.fill_null(pc.index_in(codes.cast(pa.int64()), known), NONE).to_numpy().astype(np.int64)
    return positions


def _times(events: pa.Table, activity: Activity, cases: int) -> IntArray:
    """How often an activity happened in each case."""
    case = events["case"].to_numpy()
    return np.bincount(case[events["activity"].to_numpy() == activity], minlength=cases)


def _last_resolution(events: pa.Table, cases: int) -> IntArray:
    is_resolution = events["activity"].to_numpy() == Activity.CASE_RESOLVED
    last = np.full(cases, NONE, dtype=np.int64)
    np.maximum.at(last, events["case"].to_numpy()[is_resolution], events["at"].to_numpy()[is_resolution])
    return last
