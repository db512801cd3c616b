"""Kinds of environments, each a named set of switches.

Belongs here: what an environment audits. Does not belong here: how switches are obeyed (`environment.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from d365_pm.sandbox.desk import Desk
from d365_pm.sandbox.switches import Switches


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of environment.

    Attributes:
        name: Short name, also on the command line.
        description: What is special about it, in half a sentence.
        switches: Its switches, given the desk: instants lie within the desk's span.
        is_whole: Everything is audited all the time, so that the log has to be the truth.
    """

    name: str
    description: str
    switches: Callable[[Desk], Switches]
    is_whole: bool = False


def _within(desk: Desk, share: float) -> datetime:
    """An instant of the desk's span, in whole hours."""
    hours = (desk.end - desk.start) // timedelta(hours=1)
    return desk.start + timedelta(hours=int(hours * share))


def _audited(_: Desk) -> Switches:
    return Switches()


def _unaudited(_: Desk) -> Switches:
    return Switches(audit_off=True)


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


KINDS = (
    Kind("audited", "everything audited since the desk opened", _audited, is_whole=True),
    Kind("unaudited", "auditing off in the organisation", _unaudited),
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
