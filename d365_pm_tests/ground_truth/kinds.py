"""Kinds of environments, each a named set of switches and habits.

Belongs here: what an environment audits and what its desk does. Does not belong here: how switches are obeyed
(`environment.py`) and how a desk lives (`sandbox/desk`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from d365_pm.sandbox.desk import EVENTFUL, PLAIN, Desk, Habits
from d365_pm.sandbox.switches import Switches


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of environment.

    Attributes:
        name: Short name, also on the command line.
        description: What is special about it, in half a sentence.
        switches: Its switches, given the desk: instants lie within the desk's span.
        habits: What its desk does that others do not.
        is_whole: Everything is audited all the time, so that the log has to be the truth.
    """

    name: str
    description: str
    switches: Callable[[Desk], Switches]
    habits: Habits = EVENTFUL
    is_whole: bool = False


def _within(desk: Desk, share: float) -> datetime:
    """An instant of the desk's span, in whole hours."""
    hours = (desk.end - desk.start) // timedelta(hours=1)
    return desk.start + timedelta(hours=int(hours * share))


def _audited(_: Desk) -> Switches:
    return Switches()


def _unaudited(_: Desk) -> Switches:
    return Switches(audit_off=True)


def _bare(_: Desk) -> Switches:
    surveys = ("msfp_survey", "msfp_surveyinvite", "msfp_surveyresponse", "msfp_satisfactionmetric")
    return Switches(audit_off=True, missing_tables=frozenset(surveys))


def _cases_only(_: Desk) -> Switches:
    return Switches(unaudited_tables=frozenset({"queueitem"}))


def _owners_only(_: Desk) -> Switches:
    columns = ("statecode", "statuscode", "isescalated", "subjectid")
    return Switches(unaudited_columns=frozenset(f"incident.{column}" for column in columns))


def _states_only(_: Desk) -> Switches:
    columns = ("incident.ownerid", "incident.isescalated", "incident.subjectid", "queueitem.workerid")
    return Switches(unaudited_columns=frozenset(columns))


def _since(desk: Desk) -> Switches:
    return Switches(audit_since=_within(desk, 0.45))


def _interrupted(desk: Desk) -> Switches:
    pauses = ((_within(desk, 0.3), _within(desk, 0.45)), (_within(desk, 0.7), _within(desk, 0.75)))
    return Switches(audit_pauses=pauses)


_BARE = replace(EVENTFUL, has_clocks=False, surveys=False)

KINDS = (
    Kind("audited", "everything audited since the desk opened, as shipped", _audited, PLAIN, is_whole=True),
    Kind(
        "eventful",
        "everything audited; moves in bulk, cascades, deletions, own status reasons",
        _audited,
        is_whole=True,
    ),
    Kind("unaudited", "auditing off in the organisation", _unaudited),
    Kind("bare", "auditing off, no Customer Voice, service levels of the old kind", _bare, _BARE),
    Kind("cases only", "queue items not audited", _cases_only),
    Kind("owners only", "state, status reason, escalation and category not audited", _owners_only),
    Kind("states only", "owner, escalation, category and worker not audited", _states_only),
    Kind("since a date", "auditing on since about the middle of the span", _since),
    Kind("interrupted", "auditing switched off twice, for a sixth and a twentieth of the span", _interrupted),
)
"""Every kind, in the order of the reports."""


def kind_of(name: str) -> Kind:
    """A kind by its name.

    Raises:
        ValueError: There is none.
    """
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ValueError(f"There is no kind {name!r}; choose one of {', '.join(kind.name for kind in KINDS)}.")
