"""Who owned a case when, row by row: changes, teams behind them, and cases that went to and fro (2.14, 2.15, 3.1)."""

import json
from itertools import pairwise
from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid

SHIPPED = {"owner", "last_team", "user_map"}


def test_a_change_of_owner_has_two_owners() -> None:
    desk = Desk()
    desk.case(ownerid=None)
    desk.change("c1", "11:00", ownerid=(None, "alice"))
    desk.change("c1", "11:10", by="bob", ownerid=("alice", "team_n1"), audit={"through": "robot"})
    desk.change("c1", "11:20", ownerid=("team_n1", "bob"), prioritycode=(2, 1))
    row = desk.change("c1", "11:30", ownerid=("bob", "carol"))
    bare = [{"logicalName": "ownerid", "oldValue": guid("bob"), "newValue": guid("carol")}]
    desk.update(row, changedata=json.dumps({"changedAttributes": bare}))
    desk.change("c1", "11:40", ownerid=("carol", None))
    rows = desk.run.rows_of("staging.owner_change")
    columns = (
        "changed_at",
        "actor_id",
        "acted_through_id",
        "old_type",
        "old_owner_id",
        "new_type",
        "new_owner_id",
        "is_bulk",
    )
    assert sorted(rows.only(*columns)) == [
        (at("11:10"), "bob", "robot", "systemuser", "alice", "team", "team_n1", False),
        (at("11:20"), "alice", None, "team", "team_n1", "systemuser", "bob", False),
        # An owner without a table is a user.
        (at("11:30"), "alice", None, None, "bob", "systemuser", "carol", False),
    ]
    kinds = desk.run.activity("case_assigned").where(rule="A1").only("assigned_to_id", "assignment_kind", "detail_from")
    assert kinds == [("team_n1", "team", "alice"), ("bob", "user", "team_n1"), ("carol", "user", "bob")]


HANDOVERS = {
    "to and back": ("alice", "bob", "alice"),
    "to, on and back": ("alice", "bob", "carol", "bob"),
    "two roads": ("alice", "bob", "carol"),
    "in a ring": ("alice", "bob", "carol", "alice"),
    "again and again": ("alice", "bob", "alice", "bob", "alice"),
    "through a machine": ("alice", "robot", "bob", "robot", "alice"),
    "to a machine and back": ("alice", "robot", "alice"),
    "through a team": ("team_n1", "bob", "team_n1"),
    "first owner": ("bob", "alice", "bob"),
    "once": ("bob", "alice"),
}
MACHINES = {"robot"}


def is_ping_pong(owners: tuple[str, ...]) -> bool:
    """2.14: owner A, then B, then A again, machines left out and neighbours that are the same taken as one."""
    humans = [owner for owner in owners if owner not in MACHINES]
    changes = [owner for place, owner in enumerate(humans) if place == 0 or humans[place - 1] != owner]
    return any(changes[place] == changes[place - 2] for place in range(2, len(changes)))


@pytest.mark.parametrize("kind", [{}, {"action": 11}], ids=["by hand", "by a cascade"])
def test_a_case_that_comes_back_to_who_gave_it_away(kind: dict[str, Any]) -> None:
    desk = Desk()
    for name, owners in HANDOVERS.items():
        desk.case(name, ownerid=owners[0])
        for number, pair in enumerate(pairwise(owners)):
            desk.change(name, f"11:{number}0", ownerid=pair, audit=kind)
    found = desk.run.rows_of("staging.owner_ping_pong").only("case_id")
    assert sorted(found) == sorted(name for name, owners in HANDOVERS.items() if is_ping_pong(owners) and not kind)


# Owner, what stands behind it, and the team and its source where every source counts.
PEOPLE = {
    "in one team": ({"teams": ["team_n1", "everybody", "access"], "unit": "south"}, "team_n1", "membership"),
    "in two teams": ({"teams": ["team_n1", "team_n2"], "unit": "south"}, "everybody", "business_unit"),
    "left a team": ({"teams": ["team_n2"], "left": ["team_n1"], "unit": "south"}, "team_n2", "membership"),
    "was in one": ({"teams": [], "left": ["team_n1"], "unit": "south"}, "everybody", "business_unit"),
    "in no team": ({"teams": ["everybody"], "unit": "south"}, "everybody", "business_unit"),
    "elsewhere": ({"teams": ["access"], "unit": "north"}, None, None),
    "in the table": ({"teams": ["team_n1"], "unit": "south", "mapped": "team_n2"}, "team_n2", "user_map"),
}


def _organisation(seeds: dict[str, Any]) -> Desk:
    mapped = [
        {"user_id": guid(name), "team_id": guid(facts["mapped"])}
        for name, (facts, *_) in PEOPLE.items()
        if "mapped" in facts
    ]
    desk = Desk(seeds={"user_team_map": mapped, **seeds})
    for unit in ("south", "north"):
        desk.row("businessunit", unit, name=unit)
    desk.row("team", "everybody", name="Sul", isdefault=True, teamtype=0, businessunitid="south")
    desk.row("team", "some", name="Alguns", isdefault=False, teamtype=0, businessunitid="north")
    desk.row("team", "access", name="Acesso", isdefault=False, teamtype=1)
    for name, (facts, *_) in PEOPLE.items():
        desk.row("systemuser", name, fullname=name, accessmode=0, businessunitid=facts["unit"])
        for team in [*facts["teams"], *facts.get("left", [])]:
            membership = f"{name} in {team}"
            desk.row("teammembership", membership, systemuserid=guid(name), teamid=guid(team))
            if team in facts.get("left", []):
                desk.delete(membership, noticed="05 00:00")
        desk.case(f"of {name}", ownerid=name)
        desk.case(f"taken by {name}", ownerid="team_n2")
        desk.change(f"taken by {name}", "11:00", ownerid=("team_n2", name))
        desk.change(f"taken by {name}", "12:00", ownerid=(name, "access"))
    return desk


def _behind(person: str, sources: set[str]) -> tuple[str | None, str | None]:
    """Team behind a person and its source, where only these sources count."""
    facts, team, source = PEOPLE[person]
    if source == "membership" and source not in sources and facts["unit"] == "south":
        team, source = "everybody", "business_unit"
    return (team, source) if source in sources else (None, None)


@pytest.mark.parametrize(
    "sources",
    [
        set(),
        SHIPPED,
        SHIPPED | {"membership"},
        SHIPPED | {"business_unit"},
        SHIPPED | {"membership", "business_unit"},
    ],
    ids=["none", "shipped", "membership", "business unit", "all"],
)
def test_the_team_behind_an_owner_comes_from_the_best_source(sources: set[str]) -> None:
    added = [{"source": source} for source in sorted(sources - SHIPPED)]
    desk = _organisation({"owner_team_sources": added if sources else None})
    rows = desk.run.rows_of("staging.owner_period")
    last = ("team_n2", "last_team") if sources else (None, None)
    for name in PEOPLE:
        found = rows.where(owner_id=name).only("team_id", "team_source")
        assert sorted(found, key=str) == sorted([_behind(name, sources), last], key=str), name
    teams = set(rows.where(owner_type="team").only("owner_id", "team_id", "team_source"))
    owned = {("team_n2", "team_n2", "owner"), ("access", "access", "owner")}
    assert teams == (owned if sources else {(team, None, None) for team, *_ in owned})
