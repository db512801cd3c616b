"""Who took part in e-mails and calls, as rows: a sender and a recipient each."""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox.desk.activity_tables import DESK_ADDRESS, addresses
from d365_pm.sandbox.desk.arrow import pick, same, whole
from d365_pm.sandbox.desk.draft import Draft
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.numbers import NONE, IntArray
from d365_pm.sandbox.desk.people import AUTOMATION
from d365_pm.sandbox.desk.rows import Rows

SENDER, RECIPIENT = 1, 2


def activityparty(floor: Floor, keys: Keys) -> Draft:
    """Parties of every e-mail and call."""
    parts = [
        columns
        for table, rows in (("email", floor.mails), ("phonecall", floor.calls))
        for columns in _parties(floor, keys, table, rows)
    ]
    columns = {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}
    count = len(columns["addressused"])
    columns["activitypartyid"] = keys.of("activityparty", count)
    modified = np.concatenate([rows["modified"] for rows in (floor.mails, floor.calls) for _ in range(2)])
    return Draft("activityparty", columns, modified)


def _parties(floor: Floor, keys: Keys, table: str, rows: Rows) -> list[dict[str, pa.Array]]:
    """Desk and customer, in the roles of the direction; an internal e-mail stays among users."""
    is_out = rows["outgoing"] == 1
    internal = rows["internal"] == 1 if table == "email" else np.zeros(rows.count, dtype=np.bool_)
    user = np.where(rows["actor"] == NONE, AUTOMATION, rows["actor"])
    speaker = floor.customers.speaker(floor.cases["customerid"][rows["case"]])
    colleague = np.where(internal, floor.staff.supervisor(np.maximum(floor.team[rows["case"]], 0)), NONE)
    desk = _party(keys, table, user, np.full(rows.count, NONE), np.where(is_out, SENDER, RECIPIENT))
    other = _party(keys, table, colleague, np.where(internal, NONE, speaker), np.where(is_out, RECIPIENT, SENDER))
    address = pa.compute.if_else(pa.array(internal), DESK_ADDRESS, pick(addresses(floor), speaker))
    return [desk | {"addressused": same(DESK_ADDRESS, rows.count)}, other | {"addressused": address}]


def _party(keys: Keys, table: str, user: IntArray, contact: IntArray, role: IntArray) -> dict[str, pa.Array]:
    is_user = pa.array(user != NONE)
    return {
        "_activityid_value": keys.of(table, len(user)),
        "_activityid_type": same(table, len(user)),
        "_partyid_value": pa.compute.if_else(is_user, keys.row("systemuser", user), keys.row("contact", contact)),
        "_partyid_type": pa.compute.if_else(is_user, "systemuser", "contact"),
        "participationtypemask": whole(role),
    }
