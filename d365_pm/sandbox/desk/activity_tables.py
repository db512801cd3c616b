"""E-mails, calls, tasks, portal comments and their common index as rows.

Belongs here: the activity tables of the timeline. Does not belong here: surveys (`survey_tables.py`), and who took part
(`party_table.py`).
"""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox.desk.arrow import flags, moments, pick, same, whole
from d365_pm.sandbox.desk.codes import Mail
from d365_pm.sandbox.desk.draft import Draft, record
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys, owned
from d365_pm.sandbox.desk.names import CALL_SUBJECTS, MAIL_SUBJECTS, TASK_SUBJECTS
from d365_pm.sandbox.desk.numbers import NONE, IntArray
from d365_pm.sandbox.desk.people import AUTOMATION, SYSTEM

SHARED = (
    "activityid", "subject", "_regardingobjectid_value", "_regardingobjectid_type", "_ownerid_value", "_ownerid_type",
    "createdon", "modifiedon", "_createdby_value", "_modifiedby_value", "statecode", "statuscode", "activitytypecode",
)  # fmt: skip
DESK_ADDRESS = "atendimento@exemplo.com.br"
_POINTER_STATUS = np.array([1, 2, 3])
"""Status of an activity in the common index, by its state."""


def activity(
    floor: Floor,
    keys: Keys,
    table: str,
    *,
    case: IntArray,
    created: IntArray,
    creator: IntArray,
    modified: IntArray,
    subject: pa.Array,
    state: IntArray,
) -> dict[str, pa.Array]:
    """What every activity has. Rows that nobody of the desk wrote belong to the automation."""
    count = len(case)
    creator = np.where(creator == NONE, AUTOMATION, creator)
    moved = modified > created
    columns = {
        "activityid": keys.of(table, count),
        "activitytypecode": same(table, count),
        "subject": subject,
        "_regardingobjectid_value": keys.row("incident", case),
        "_regardingobjectid_type": same("incident", count),
        "statecode": whole(state),
    }
    columns |= owned(keys, floor.staff, creator)
    return columns | record(keys, created, creator, modified, np.where(moved, SYSTEM, creator))


def email(floor: Floor, keys: Keys) -> Draft:
    """Mail in and out, with what never left."""
    rows = floor.mails
    status, speaker = rows["status"], floor.customers.speaker(floor.cases["customerid"][rows["case"]])
    columns = activity(
        floor,
        keys,
        "email",
        case=rows["regarding"],
        created=rows["created"],
        creator=rows["actor"],
        modified=rows["modified"],
        subject=pick(MAIL_SUBJECTS, rows["text"]),
        state=np.isin(status, [Mail.SENT, Mail.RECEIVED]) * 1,
    )
    is_out, is_internal = rows["outgoing"] == 1, rows["internal"] == 1
    desk, customer = same(DESK_ADDRESS, rows.count), pick(addresses(floor), speaker)
    outside = pa.compute.if_else(flags(is_internal), desk, customer)
    columns |= {
        "directioncode": flags(is_out),
        "statuscode": whole(status),
        "senton": moments(rows["sent"]),
        "isworkflowcreated": flags(rows["automatic"]),
        "sender": pa.compute.if_else(flags(is_out), desk, customer),
        "torecipients": pa.compute.if_else(flags(is_out), outside, desk),
        "_emailsender_value": pa.compute.if_else(
            flags(is_out), columns["_createdby_value"], keys.row("contact", speaker)
        ),
        "_emailsender_type": pa.compute.if_else(flags(is_out), "systemuser", "contact"),
    }
    return Draft("email", columns, rows["modified"])


def phonecall(floor: Floor, keys: Keys) -> Draft:
    """Calls in and out."""
    rows = floor.calls
    columns = activity(
        floor,
        keys,
        "phonecall",
        case=rows["regarding"],
        created=rows["at"],
        creator=rows["actor"],
        modified=rows["modified"],
        subject=pick(CALL_SUBJECTS, rows["outgoing"]),
        state=np.ones(rows.count, dtype=np.int64),
    )
    columns |= {
        "directioncode": flags(rows["outgoing"]),
        "statuscode": whole(np.where(rows["outgoing"] == 1, 2, 4)),
        "actualdurationminutes": whole(rows["minutes"]),
    }
    return Draft("phonecall", columns, rows["modified"])


def task(floor: Floor, keys: Keys) -> Draft:
    """Tasks: done, open, or dropped when the case ended."""
    rows = floor.tasks
    is_done, is_dropped = rows["completed"] != NONE, rows["canceled"] != NONE
    columns = activity(
        floor,
        keys,
        "task",
        case=rows["case"],
        created=rows["created"],
        creator=rows["actor"],
        modified=rows["modified"],
        subject=pick(TASK_SUBJECTS, rows["text"]),
        state=np.select([is_done, is_dropped], [1, 2], 0),
    )
    columns |= {
        "statuscode": whole(np.select([is_done, is_dropped], [5, 6], 2)),
        "percentcomplete": whole(is_done * 100),
    }
    return Draft("task", columns, rows["modified"])


def portal_comment(floor: Floor, keys: Keys) -> Draft:
    """What customers wrote in the portal."""
    rows = floor.comments
    columns = activity(
        floor,
        keys,
        "adx_portalcomment",
        case=rows["regarding"],
        created=rows["at"],
        creator=np.full(rows.count, AUTOMATION),
        modified=rows["modified"],
        subject=same("Comentário no portal", rows.count),
        state=np.ones(rows.count, dtype=np.int64),
    )
    columns |= {"statuscode": same(2, rows.count), "adx_portalcommentdirectioncode": same(1, rows.count)}
    return Draft("adx_portalcomment", columns, rows["modified"])


def activitypointer(drafts: list[Draft]) -> Draft:
    """The common index of the given activities."""
    columns = {name: pa.concat_arrays([draft.columns[name] for draft in drafts]) for name in SHARED}
    states = columns["statecode"].to_numpy()
    columns["statuscode"] = whole(_POINTER_STATUS[states])
    return Draft("activitypointer", columns, np.concatenate([draft.modified for draft in drafts]))


def addresses(floor: Floor) -> pa.Array:
    """One address per contact."""
    numbers = range(len(floor.customers.contacts))
    return pa.array([f"contato{number}@cliente.exemplo.com.br" for number in numbers], type=pa.string())
