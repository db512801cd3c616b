"""Ids for the numbers of the desk: rows, owners, customers.

Belongs here: turning positions into GUIDs with the table they belong to. Does not belong here: the columns.
"""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox.desk.arrow import pick
from d365_pm.sandbox.desk.customers import Customers
from d365_pm.sandbox.desk.guids import Guids
from d365_pm.sandbox.desk.numbers import IntArray
from d365_pm.sandbox.desk.people import TEAM_NAMES, Staff

EXTRA_TEAMS = 2
"""Teams beside the desk teams: the default team of the business unit and an access team; neither owns cases."""


class Keys:
    """Every id of one desk."""

    def __init__(self, guids: Guids, staff: Staff, customers: Customers) -> None:
        self._guids = guids
        self.teams = len(TEAM_NAMES) + EXTRA_TEAMS
        users, companies = staff.users, len(customers.companies)
        contacts = len(customers.contacts)
        self._owners = pa.concat_arrays([self.of("systemuser", users), self.of("team", self.teams)])
        self._owner_types = ["systemuser"] * users + ["team"] * self.teams
        self._customers = pa.concat_arrays([self.of("account", companies), self.of("contact", contacts)])
        self._customer_types = ["account"] * companies + ["contact"] * contacts

    def of(self, table: str, count: int) -> pa.StringArray:
        """Ids of the first rows of a table."""
        return self._guids.of(table, count)

    def row(self, table: str, rows: IntArray) -> pa.Array:
        """Ids of rows of a table; null where no row is named."""
        return pick(self.of(table, int(rows.max(initial=0)) + 1), rows)

    def owner(self, column: str, owner: IntArray) -> dict[str, pa.Array]:
        """A lookup to users and teams, with its type."""
        return _lookup(column, self._owners, self._owner_types, owner)

    def customer(self, column: str, customer: IntArray) -> dict[str, pa.Array]:
        """A lookup to accounts and contacts, with its type."""
        return _lookup(column, self._customers, self._customer_types, customer)

    def audited_owners(self) -> pa.Array:
        """All owners as audit writes them."""
        return _audited(self._owner_types, self._owners)

    def audited_customers(self) -> pa.Array:
        """All customers as audit writes them."""
        return _audited(self._customer_types, self._customers)

    def audited_rows(self, table: str, count: int) -> pa.Array:
        """Rows of a table as audit writes them."""
        return _audited([table] * count, self.of(table, count))


def owned(keys: Keys, staff: Staff, owner: IntArray) -> dict[str, pa.Array]:
    """The owner and what the platform derives from it."""
    is_user = owner < staff.users
    return keys.owner("ownerid", owner) | {
        "_owninguser_value": keys.row("systemuser", np.where(is_user, owner, -1)),
        "_owningteam_value": keys.row("team", staff.team_of_owner(owner)),
        "_owningbusinessunit_value": keys.row("businessunit", np.zeros(len(owner), dtype=np.int64)),
    }


def _lookup(column: str, ids: pa.Array, types: list[str], rows: IntArray) -> dict[str, pa.Array]:
    return {f"_{column}_value": pick(ids, rows), f"_{column}_type": pick(types, rows)}


def _audited(types: list[str], ids: pa.Array) -> pa.Array:
    return pa.compute.binary_join_element_wise(pa.array(types, type=pa.string()), ids, ",")
