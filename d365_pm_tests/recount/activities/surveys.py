"""Satisfaction Survey Sent (3.12): V1 and V2."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.people import SYSTEM, People
from d365_pm_tests.recount.raw import Raw, Row
from d365_pm_tests.recount.rules import SENT_INVITES


def invites_elsewhere(raw: Raw, cases: list[Dossier]) -> dict[str, list[Row]]:
    """Invites that regard no case, by the case that their context parameters carry by id or number."""
    known: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        known[case.id].add(case.id)
        if case.row.get("ticketnumber"):
            known[case.row["ticketnumber"]].add(case.id)
    found: dict[str, list[Row]] = defaultdict(list)
    for row in raw.table("msfp_surveyinvite"):
        if row["_regardingobjectid_type"] == "incident":
            continue
        named = {case for value in _values(row.get("msfp_contextparameters")) for case in known.get(value, ())}
        if len(named) == 1:
            found[named.pop()].append(row)
    return found


def surveys(case: Dossier, elsewhere: list[Row], people: People) -> Iterator[Event]:
    """Satisfaction Survey Sent, by the system unless a human made the invite."""
    for rule, rows in (("V1", case.rows["msfp_surveyinvite"]), ("V2", elsewhere)):
        for row in rows:
            if row["msfp_invitestatus"] in SENT_INVITES:
                author = row.get("_createdby_value")
                actor = author if people.is_known_human(author) else SYSTEM
                source = ("msfp_surveyinvite", row["activityid"])
                yield Event(case.id, "satisfaction_survey_sent", row["createdon"], actor, rule, source)


def _values(text: str | None) -> Iterator[str]:
    try:
        yield from _leaves(json.loads(text or "null"))
    except json.JSONDecodeError:
        return


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str):
        yield from {value, value.lower()}
