"""Who acts: people, system actors, teams, and their names (2.9)."""

from dataclasses import dataclass

from d365_pm_tests.recount.raw import Raw, Row
from d365_pm_tests.recount.rules import SYSTEM_NAMES
from d365_pm_tests.recount.values import Reference, Value

SYSTEM = "the system itself"
"""Actor of events that the platform makes."""

_BUILT_IN = frozenset({"SYSTEM", "INTEGRATION"})
_MACHINE_ACCESS = frozenset({3, 4})


@dataclass(frozen=True)
class People:
    """Users, contacts and teams by id."""

    users: dict[str, Row]
    contacts: dict[str, Row]
    teams: dict[str, Row]
    system_name: str

    @classmethod
    def of(cls, raw: Raw, language: str) -> "People":
        """The people of raw rows."""
        return cls(
            raw.by_key("systemuser", "systemuserid"),
            raw.by_key("contact", "contactid"),
            raw.by_key("team", "teamid"),
            SYSTEM_NAMES[language],
        )

    def is_system(self, user: str | None) -> bool:
        """Whether an actor is no human; unknown users are not."""
        row = self.users.get(user or "")
        if user == SYSTEM:
            return True
        return row is not None and (
            row.get("applicationid") is not None
            or row.get("accessmode") in _MACHINE_ACCESS
            or bool(row.get("isintegrationuser"))
            or row.get("fullname") in _BUILT_IN
        )

    def is_known_human(self, user: str | None) -> bool:
        """Whether an actor is a user that exists and is a person."""
        return user in self.users and not self.is_system(user)

    def is_human_or_team(self, owner: Value) -> bool:
        """Whether an owner can play ping-pong (2.14)."""
        return isinstance(owner, Reference) and (owner.table == "team" or not self.is_system(owner.id))

    def name(self, user: str, user_type: str | None = None) -> str | None:
        """Name of an actor as the log shows it."""
        if self.is_system(user):
            return self.system_name
        if user_type not in {None, "systemuser"}:
            return self.contacts.get(user, {}).get("fullname")
        return self.users.get(user, {}).get("fullname") or f"user:{user[:8]}"

    def team_name(self, team: str) -> str:
        """Name of a team; one whose row is gone is shown as such a user is (2.8)."""
        return self.teams.get(team, {}).get("name") or f"team:{team[:8]}"
