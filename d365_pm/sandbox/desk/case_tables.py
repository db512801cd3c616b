"""Cases, their resolutions and their queue items as rows. Nothing is decided here; the floor knows it all."""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox.desk.arrow import flags, moments, pick, same, whole
from d365_pm.sandbox.desk.calendar import local_midnights
from d365_pm.sandbox.desk.catalogue import FIRST_RESPONSE, RESOLUTION, TOPICS
from d365_pm.sandbox.desk.codes import Clock, State
from d365_pm.sandbox.desk.draft import Draft, record
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys, owned
from d365_pm.sandbox.desk.names import RESOLUTION_SUBJECTS
from d365_pm.sandbox.desk.numbers import NONE, IntArray, at_rows, none_of
from d365_pm.sandbox.desk.people import SYSTEM

TITLES = tuple(complaint for topic in TOPICS for complaint in topic.complaints)
_LETTERS = np.frombuffer(b"0123456789BCDFGHJKLMNPQRSTVWXYZ", dtype=np.uint8)
_FIRST_TICKET = 1024
_SLA_STATUS = np.array([1, 4, 2, 1, 3, 1])
"""Status of a clock on the case, by the clock's own status; the two lists of codes differ (table reference, trap 7)."""


def tickets(cases: int, random: np.random.Generator) -> pa.Array:
    """Case numbers in the shape that the platform ships with."""
    suffix = _LETTERS[random.integers(len(_LETTERS), size=(cases, 6))]
    texts = suffix.view("S6").reshape(-1).astype("U6")
    numbers = range(_FIRST_TICKET, _FIRST_TICKET + cases)
    return pa.array([f"CAS-{number:05d}-{text}" for number, text in zip(numbers, texts, strict=True)], pa.string())


def incident(floor: Floor, keys: Keys, ticket: pa.Array) -> Draft:
    """The cases in their present state."""
    now = floor.cases
    customer, speaker = now["customerid"], floor.customers.speaker(now["customerid"])
    modified, modifier = _last_touch(floor)
    columns = {
        "incidentid": keys.of("incident", len(modified)),
        "ticketnumber": ticket,
        "title": pick(TITLES, now["title"]),
        "overriddencreatedon": moments(floor.imported_at),
        "importsequencenumber": whole(np.where(floor.imported_at == NONE, NONE, np.arange(len(modified)))),
        "escalatedon": moments(floor.escalated_at),
        "deactivatedon": moments(_resolved_at(floor)),
        "_primarycontactid_value": keys.row("contact", speaker),
        "_subjectid_value": keys.row("subject", now["subjectid"]),
        "_productid_value": keys.row("product", now["productid"]),
        "_masterid_value": keys.row("incident", now["masterid"]),
        "_parentcaseid_value": keys.row("incident", now["parentcaseid"]),
        "routecase": same(True, len(modified)),
    }
    for code in ("statecode", "statuscode", "caseorigincode", "prioritycode"):
        columns[code] = whole(now[code])
    for flag in ("isescalated", "firstresponsesent", "merged"):
        columns[flag] = flags(now[flag])
    columns |= owned(keys, floor.staff, now["ownerid"]) | keys.customer("customerid", customer)
    columns |= record(keys, now["created"], now["creator"], modified, modifier) | _service_level(floor, keys)
    return Draft("incident", columns, modified)


def incidentresolution(floor: Floor, keys: Keys) -> Draft:
    """Every resolution; those that a reactivation undid are canceled."""
    rows = floor.resolutions
    undone = rows["undone"] != NONE
    modified = np.where(undone, rows["undone"], rows["at"])
    modifier = np.where(undone, rows["undoer"], rows["actor"])
    columns = {
        "activityid": keys.of("incidentresolution", rows.count),
        "_incidentid_value": keys.row("incident", rows["case"]),
        "subject": pick(RESOLUTION_SUBJECTS, rows["text"]),
        "actualend": moments(local_midnights(rows["at"])),
        "timespent": whole(rows["minutes"]),
        "totaltimespent": whole(rows["minutes"]),
        "resolutiontypecode": whole(rows["kind"]),
        "statecode": whole(np.where(undone, 2, 1)),
        "statuscode": whole(np.where(undone, 3, 2)),
    }
    columns |= owned(keys, floor.staff, rows["actor"])
    columns |= record(keys, rows["at"], rows["actor"], modified, modifier)
    return Draft("incidentresolution", columns, modified)


def queueitem(floor: Floor, keys: Keys) -> Draft:
    """Items that are in a queue still; what was taken out speaks through audit only."""
    here = np.flatnonzero(floor.items["removed"] == NONE)
    now = {column: floor.items[column][here] for column in ("objectid", "queueid", "workerid", "statecode")}
    modified = floor.items["modified"][here]
    columns = {
        "queueitemid": keys.row("queueitem", here),
        "title": pick(TITLES, floor.cases["title"][now["objectid"]]),
        "_queueid_value": keys.row("queue", now["queueid"]),
        "_objectid_value": keys.row("incident", now["objectid"]),
        "_objectid_type": same("incident", len(here)),
        "objecttypecode": same(112, len(here)),
        "enteredon": moments(floor.item_facts["entered"][here]),
        "workeridmodifiedon": moments(floor.item_facts["worked"][here]),
        "statecode": whole(now["statecode"]),
        "statuscode": whole(now["statecode"] + 1),
    }
    columns |= keys.owner("workerid", now["workerid"])
    creation = floor.items["created"][here], floor.items["creator"][here]
    columns |= record(keys, *creation, modified, floor.items["modifier"][here])
    return Draft("queueitem", columns, modified)


def _last_touch(floor: Floor) -> tuple[IntArray, IntArray]:
    """Last change of each case: by a person, or by the SLA engine that shows a clock's new status on the case."""
    modified, modifier = floor.cases["modified"].copy(), floor.cases["modifier"].copy()
    timers = floor.timers
    np.maximum.at(modified, timers["case"], timers["modified"])
    modifier[modified > floor.cases["modified"]] = SYSTEM
    return modified, modifier


def _resolved_at(floor: Floor) -> IntArray:
    is_resolved = floor.cases["statecode"] == State.RESOLVED
    return np.where(is_resolved, at_rows(floor.resolutions["at"], floor.last_resolution), NONE)


def _service_level(floor: Floor, keys: Keys) -> dict[str, pa.Array]:
    """The clocks that the case shows; without a clock the status columns keep their default 1."""
    columns: dict[str, pa.Array] = {}
    for kpi, status_column, clock_column in (
        (FIRST_RESPONSE, "firstresponseslastatus", "_firstresponsebykpiid_value"),
        (RESOLUTION, "resolvebyslastatus", "_resolvebykpiid_value"),
    ):
        timer = floor.timer[kpi]
        status = np.where(timer == NONE, Clock.IN_PROGRESS, at_rows(floor.timers["status"], timer))
        columns[status_column] = whole(_SLA_STATUS[status])
        clock = timer if floor.habits.has_clocks else none_of(len(timer))
        columns[clock_column] = keys.row("slakpiinstance", clock)
    columns["responseby"] = moments(at_rows(floor.timers["failure"], floor.timer[FIRST_RESPONSE]))
    columns["resolveby"] = moments(at_rows(floor.timers["failure"], floor.timer[RESOLUTION]))
    for column in ("_slaid_value", "_slainvokedid_value"):
        columns[column] = keys.row("sla", np.where(floor.timer[RESOLUTION] == NONE, NONE, floor.sla))
    return columns
