"""Makes a desk: people and things first, then the lives of the cases, then the rows.

Belongs here: the order of making. Does not belong here: any of the parts.
"""

from datetime import UTC, datetime, timedelta

import numpy as np

from d365_pm.sandbox.desk import (
    activity_tables,
    audit_table,
    case_tables,
    knowledge_tables,
    party_table,
    reference_tables,
    sla_tables,
    survey_tables,
)
from d365_pm.sandbox.desk.arrivals import arrive
from d365_pm.sandbox.desk.calendar import ZONE, midnight, office_hours, waking_hours
from d365_pm.sandbox.desk.catalogue import publish
from d365_pm.sandbox.desk.customers import acquire
from d365_pm.sandbox.desk.deletion import without_deleted
from d365_pm.sandbox.desk.desk import Desk
from d365_pm.sandbox.desk.draft import Draft, finish
from d365_pm.sandbox.desk.errors import DeskError
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.guids import Guids
from d365_pm.sandbox.desk.habits import PLAIN, Habits
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.life import live
from d365_pm.sandbox.desk.people import hire
from d365_pm.sandbox.desk.story import write_story

_BEFORE, _AFTER = timedelta(days=8), timedelta(days=400)
"""How far the calendars reach beyond the span: a deadline may lie in next year."""


def generate(
    cases: int = 1000, seed: int = 1, end: datetime | None = None, days: int = 60, habits: Habits = PLAIN
) -> Desk:
    """Make the life of a service desk.

    Args:
        cases: Number of cases.
        seed: The same seed and end give the same desk, byte for byte.
        end: The moment of the last look, with a time zone; now if not given.
        days: Length of the life in days; it begins at midnight at the desk.
        habits: What this desk does that others do not.

    Raises:
        DeskError: There is no such desk: no case, no day, or an end without a time zone.
    """
    moment = datetime.now(UTC) if end is None else end
    _check(cases, moment, days)
    moment = moment.astimezone(UTC).replace(microsecond=0)
    first = moment.astimezone(ZONE).date() - timedelta(days=days)
    span = midnight(first), int(moment.timestamp())
    floor, keys = _furnish(cases, seed, span, habits)
    live(floor, arrive(cases, span, floor.office, floor.customers, floor.random))
    ticket = case_tables.tickets(cases, floor.random)
    tables = without_deleted(finish(_drafts(floor, keys, ticket)), floor, keys)
    return Desk(tables, datetime.fromtimestamp(span[0], UTC), moment, write_story(floor, keys, ticket))


def _check(cases: int, end: datetime, days: int) -> None:
    if cases < 1 or days < 1:
        raise DeskError(f"A desk needs at least one case and one day, not {cases} cases in {days} days.")
    if end.tzinfo is None:
        raise DeskError("The end of the desk has no time zone; give it one, such as UTC.")


def _furnish(cases: int, seed: int, span: tuple[int, int], habits: Habits) -> tuple[Floor, Keys]:
    """The empty floor: people, customers, catalogue, calendars."""
    random = np.random.Generator(np.random.PCG64(seed))
    first, last = (datetime.fromtimestamp(at, UTC).astimezone(ZONE).date() for at in span)
    hours = first - _BEFORE, last + _AFTER
    floor = Floor(
        cases,
        staff=hire(cases, random),
        customers=acquire(cases, random),
        articles=publish(random),
        office=office_hours(*hours),
        waking=waking_hours(*hours),
        span=span,
        random=random,
        habits=habits,
    )
    return floor, Keys(Guids(seed), floor.staff, floor.customers)


def _drafts(floor: Floor, keys: Keys, ticket: object) -> list[Draft]:
    """Every table; the surroundings first, so that their versions are the lowest."""
    timeline = [
        activity_tables.email(floor, keys),
        activity_tables.phonecall(floor, keys),
        activity_tables.task(floor, keys),
        activity_tables.portal_comment(floor, keys),
        *survey_tables.questions(floor, keys),
    ]
    return [
        *reference_tables.surroundings(floor, keys),
        *sla_tables.service_levels(floor, keys),
        *survey_tables.surveys(floor, keys),
        knowledge_tables.knowledgearticle(floor, keys),
        case_tables.incident(floor, keys, ticket),
        case_tables.incidentresolution(floor, keys),
        case_tables.queueitem(floor, keys),
        sla_tables.slakpiinstance(floor, keys),
        knowledge_tables.knowledgearticleincident(floor, keys),
        *knowledge_tables.federated(floor, keys),
        *timeline,
        activity_tables.activitypointer(timeline),
        party_table.activityparty(floor, keys),
        audit_table.audit(floor, keys, ticket),
        *reference_tables.own_labels(floor, keys),
    ]
