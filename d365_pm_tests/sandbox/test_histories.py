"""The random histories themselves, and the environment under them: a follower in thirty lines never loses its way."""

from collections import Counter
from typing import Any

import httpx

from d365_pm_tests.reliability.histories import COLUMNS, KEYS, KINDS, Delete, Sync, Upsert, World, histories, history
from d365_pm_tests.sandbox.conftest import client_of

SETS = {"incident": "incidents", "email": "emails"}
EXPIRED = "0x80044352"


class Follower:
    """Reads what changed; begins anew when its link is no longer good."""

    def __init__(self, world: World, page_size: int) -> None:
        self.world = world
        self.web = client_of(world.environment, prefer=f"odata.track-changes,odata.maxpagesize={page_size}")
        self.links: dict[str, str] = {}
        self.mirror: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in KEYS}
        self.expiries = 0

    def sync(self, sync: Sync) -> None:
        between = iter(sync.between)
        for table in KEYS:
            link: str | None = self.links.get(table, SETS[table])
            while link is not None:
                answer = self.web.get(link)
                if answer.status_code == 400:
                    assert answer.json()["error"]["code"] == EXPIRED
                    self.expiries += 1
                    self.mirror[table], link = {}, SETS[table]
                    continue
                link = self._take(table, answer)
                for write in next(between, ()):
                    self.world.apply(write)
        for writes in between:
            for write in writes:
                self.world.apply(write)

    def _take(self, table: str, answer: httpx.Response) -> str | None:
        page = answer.json()
        for row in page["value"]:
            if row.get("reason") == "deleted":
                self.mirror[table].pop(row["id"], None)
            else:
                self.mirror[table][row[KEYS[table]]] = row
        self.links[table] = page.get("@odata.deltaLink", "")
        link: str | None = page.get("@odata.nextLink")
        return link


def test_a_simple_follower_holds_the_model_at_every_quiet_sync() -> None:
    for life in histories(20):
        world = World()
        follower = Follower(world, life.page_size)
        for operation in life.operations:
            if not isinstance(operation, Sync):
                world.apply(operation)
                continue
            follower.sync(operation)
            if operation.is_quiet:
                for table in KEYS:
                    assert world.holds(table, follower.mirror[table]), (life.seed, table)


def test_the_same_seed_is_the_same_history() -> None:
    assert history(17) == history(17) != history(18)


def test_every_kind_happens_often() -> None:
    found = Counter(kind for life in histories(300) for kind in life.kinds)
    assert found.keys() == KINDS and min(found.values()) >= 90


def test_a_history_ends_with_a_quiet_sync() -> None:
    for life in histories(50):
        last = life.operations[-1]
        assert isinstance(last, Sync) and last.is_quiet


def test_the_model_notices_what_a_follower_missed() -> None:
    world = World()
    row_id = "0a3f1e30-1111-4a2b-9c3d-00000000000a"
    world.apply(Upsert("incident", ({"incidentid": row_id, "title": "a"},)))
    right = dict.fromkeys(COLUMNS["incident"]) | {"incidentid": row_id, "title": "a"}
    assert world.holds("incident", {row_id: right})
    assert not world.holds("incident", {row_id: right | {"title": "b"}})
    assert not world.holds("incident", {})
    world.apply(Delete("incident", (row_id,)))
    assert not world.holds("incident", {row_id: right})
    assert world.holds("incident", {})
