"""Change tracking (Web API reference 5)."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.schema import AttributeType, Column
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.sandbox.conftest import API, CASES, case_rows, client_of, desk, error_of, guid, values
from d365_pm_tests.sandbox.test_metadata import EDM

TRACK = {"Prefer": "odata.track-changes,odata.maxpagesize=50"}
NOW = dt.datetime(2026, 2, 9, 8, 10, 44, tzinfo=dt.UTC)
DELTA, NEXT = "@odata.deltaLink", "@odata.nextLink"
CONTEXT = f"{API}/$metadata#incidents(title)"


class Follower:
    """A desk whose clock stands, and a client that follows its cases."""

    def __init__(self, **switches: Any) -> None:
        self.environment = Environment(desk(), Switches(**switches))
        self.environment.clock = lambda: NOW
        self.web = client_of(self.environment)

    def pages(self, url: str, headers: dict[str, str] = TRACK) -> list[dict[str, Any]]:
        """Every page of a run."""
        found = []
        link: str | None = url
        while link is not None:
            answer = self.web.get(link, headers=headers)
            values(answer)
            found.append(answer.json())
            link = found[-1].get(NEXT)
        return found

    def link(self, url: str = "incidents?$select=title") -> str:
        """The delta link at the end of a run."""
        return str(self.pages(url)[-1][DELTA])

    def changes(self, link: str) -> list[dict[str, Any]]:
        """The rows of a run, without their tags."""
        rows = [row for page in self.pages(link) for row in page["value"]]
        return [{name: value for name, value in row.items() if name != "@odata.etag"} for row in rows]

    def rename(self, *numbers: int, title: str = "x") -> None:
        self.environment.upsert("incident", [{"incidentid": guid("case", n), "title": title} for n in numbers])

    def remove(self, *numbers: int) -> None:
        self.environment.delete("incident", [guid("case", n) for n in numbers])


def changed(number: int, title: str = "x") -> dict[str, Any]:
    return {"incidentid": guid("case", number), "title": title}


def deleted(number: int) -> dict[str, Any]:
    context = f"{API}/$metadata#incidents/$deletedEntity"
    return {"@odata.context": context, "id": guid("case", number), "reason": "deleted"}


@pytest.fixture
def follower() -> Follower:
    return Follower()


def test_the_first_run_is_the_whole_table_with_a_delta_link_on_its_last_page_only(follower: Follower) -> None:
    pages = follower.pages("incidents?$select=title")
    assert [len(page["value"]) for page in pages] == [50, 50, CASES - 100]
    assert {row["incidentid"] for page in pages for row in page["value"]} == {row["incidentid"] for row in case_rows()}
    assert [DELTA in page for page in pages] == [False, False, True]
    assert {page["@odata.context"] for page in pages} == {CONTEXT}
    assert pages[0][NEXT].endswith("%20istracking=%22True%22%20/%3E")


def test_the_delta_link_has_the_shape_of_the_reference(follower: Follower) -> None:
    version = follower.environment.version_number
    token = f"{version}%2102%2f09%2f2026%2008%3a10%3a44"
    assert follower.link() == f"{API}/incidents?$select=title&$deltatoken={token}"
    assert follower.link("incidents") == f"{API}/incidents?$deltatoken={token}"


def test_the_preference_is_confirmed(follower: Follower) -> None:
    answer = follower.web.get("incidents?$select=title", headers=TRACK)
    assert answer.headers["Preference-Applied"] == "odata.track-changes,odata.maxpagesize=50"
    assert DELTA not in follower.web.get("incidents?$select=title").json()


@pytest.mark.parametrize(("is_first", "order"), [(True, [DELTA, "value"]), (False, ["value", DELTA])])
def test_the_delta_link_stands_before_or_behind_the_rows(is_first: bool, order: list[str]) -> None:
    follower = Follower(delta_link_before_value=is_first)
    assert [name for name in follower.pages("incidents")[-1] if name in order] == order


def test_without_changes_there_are_no_rows_but_a_new_link(follower: Follower) -> None:
    link = follower.link()
    follower.environment.clock = lambda: NOW + dt.timedelta(hours=1)
    [page] = follower.pages(link)
    assert page["value"] == [] and page["@odata.context"] == f"{CONTEXT}/$delta"
    assert page[DELTA] == link.replace("08%3a10", "09%3a10")
    follower.environment.upsert("account", [{"accountid": guid("account", 0), "name": "other table"}])
    assert follower.changes(link) == []


def test_changes_come_by_version_and_deletions_behind_them(follower: Follower) -> None:
    link = follower.link()
    follower.remove(9)
    follower.rename(7, 3)
    follower.remove(2)
    follower.rename(5)
    assert follower.changes(link) == [changed(7), changed(3), changed(5), deleted(9), deleted(2)]


def test_a_changed_row_carries_its_tag_and_a_deletion_does_not(follower: Follower) -> None:
    link = follower.link()
    follower.rename(7)
    version = follower.environment.version_number
    follower.remove(2)
    [page] = follower.pages(link)
    assert [row.get("@odata.etag") for row in page["value"]] == [f'W/"{version}"', None]
    assert page["value"][1].keys() == {"@odata.context", "id", "reason"}


def test_a_row_that_changed_often_appears_once_as_it_is_now(follower: Follower) -> None:
    link = follower.link()
    for title in "abc":
        follower.rename(7, title=title)
        follower.rename(8, title=title)
    follower.rename(7, title="d")
    assert follower.changes(link) == [changed(8, "c"), changed(7, "d")]


def test_a_row_that_came_and_went_in_between_is_only_deleted(follower: Follower) -> None:
    link = follower.link()
    follower.environment.upsert("incident", [changed(900)])
    follower.remove(900)
    assert follower.changes(link) == [deleted(900)]


def test_a_row_that_was_deleted_and_came_back_is_only_changed(follower: Follower) -> None:
    link = follower.link()
    follower.remove(4)
    meanwhile = follower.link(link)
    follower.rename(4, title="back")
    assert follower.changes(link) == follower.changes(meanwhile) == [changed(4, "back")]
    after = follower.link(link)
    assert follower.changes(after) == []
    follower.remove(4)
    assert follower.changes(after) == [deleted(4)]


def test_a_link_tells_the_same_changes_again(follower: Follower) -> None:
    link = follower.link()
    follower.rename(1)
    assert follower.changes(link) == follower.changes(link) == [changed(1)]
    assert follower.changes(follower.link(link)) == []


def test_many_changes_come_in_pages_with_the_link_at_their_end(follower: Follower) -> None:
    link = follower.link()
    follower.rename(*range(60))
    follower.remove(*range(60, 120))
    pages = follower.pages(link)
    assert [len(page["value"]) for page in pages] == [50, 50, 20]
    assert [DELTA in page for page in pages] == [False, False, True]
    assert follower.changes(link) == [*map(changed, range(60)), *map(deleted, range(60, 120))]
    assert all(page["@odata.context"] == f"{CONTEXT}/$delta" for page in pages)
    assert re.search(r"\$deltatoken=[^&]+&\$skiptoken=.*istracking=%22True%22", pages[0][NEXT])


def test_what_is_written_during_a_run_comes_with_its_delta_link(follower: Follower) -> None:
    """Rows of pages that were read already, rows still to come, and deletions of both."""
    ids = [row["incidentid"] for row in values(follower.web.get("incidents?$select=title"))]
    first = follower.web.get("incidents?$select=title", headers=TRACK).json()
    follower.environment.upsert("incident", [{"incidentid": row_id, "title": "y"} for row_id in (ids[3], ids[70])])
    follower.environment.delete("incident", [ids[4], ids[71]])
    rest = follower.pages(first[NEXT])
    mirror = {row["incidentid"]: row["title"] for page in (first, *rest) for row in page["value"]}
    for row in follower.changes(rest[-1][DELTA]):
        if "reason" in row:
            mirror.pop(row["id"], None)
        else:
            mirror[row["incidentid"]] = row["title"]
    now = {row["incidentid"]: row["title"] for row in values(follower.web.get("incidents?$select=title"))}
    assert mirror == now and len(now) == CASES - 2


def test_what_is_written_during_a_run_of_changes_comes_with_its_delta_link(follower: Follower) -> None:
    link = follower.link()
    follower.rename(*range(80))
    first = follower.web.get(link, headers=TRACK).json()
    follower.rename(2, 70, title="y")
    follower.remove(3, 71)
    rest = follower.pages(first[NEXT])
    seen = [row["incidentid"] for page in (first, *rest) for row in page["value"]]
    assert seen == [guid("case", n) for n in range(80) if n not in (70, 71)]
    assert follower.changes(rest[-1][DELTA]) == [changed(2, "y"), changed(70, "y"), deleted(3), deleted(71)]


def test_the_changes_can_be_counted(follower: Follower) -> None:
    link = follower.link()
    count = link.replace("incidents?$select=title&", "incidents/$count?")
    assert follower.web.get(count).text == "0"
    follower.rename(1, 2)
    follower.rename(2)
    follower.remove(3)
    answer = follower.web.get(count)
    assert (answer.text, answer.headers["Content-Type"].partition(";")[0]) == ("3", "text/plain")


@pytest.mark.parametrize("option", ["$filter=statecode eq 0", "$orderby=title", "$top=3", "$expand=owninguser"])
def test_options_that_change_tracking_does_not_know_are_refused(follower: Follower, option: str) -> None:
    name = option.partition("=")[0]
    message = f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.'
    for url in (f"incidents?{option}", f"{follower.link()}&{option}"):
        assert error_of(follower.web.get(url, headers=TRACK)) == (400, "0x80060888", message)


def test_a_token_lives_as_many_days_as_the_organisation_says(follower: Follower) -> None:
    environment = follower.environment
    link = follower.link()
    environment.clock = lambda: NOW + dt.timedelta(days=7)
    assert follower.web.get(link, headers=TRACK).status_code == 200
    environment.clock = lambda: NOW + dt.timedelta(days=7, seconds=1)
    expired = (400, "0x80044352", "Version stamp associated with the client has expired. Please perform a full sync.")
    assert error_of(follower.web.get(link, headers=TRACK)) == expired
    organization = {"organizationid": guid("organization"), "expirechangetrackingindays": 8}
    environment.upsert("organization", [organization])
    assert follower.web.get(link, headers=TRACK).status_code == 200


def test_a_schema_change_ends_the_tokens_of_its_table_alone(follower: Follower) -> None:
    cases, accounts = follower.link(), follower.link("accounts?$select=name")
    follower.environment.add_column("incident", Column("new_weight", AttributeType.INTEGER, is_custom=True))
    assert error_of(follower.web.get(cases, headers=TRACK))[:2] == (400, "0x80044352")
    assert follower.web.get(accounts, headers=TRACK).status_code == 200
    assert follower.changes(follower.link()) == []


def test_the_status_of_an_expired_token_can_be_chosen() -> None:
    follower = Follower(expired_token_status=410)
    link = follower.link()
    follower.environment.clock = lambda: NOW + dt.timedelta(days=30)
    assert error_of(follower.web.get(link, headers=TRACK))[:2] == (410, "0x80044352")


@pytest.mark.parametrize("token", ["", "5", "12!yesterday", "12!13%2f40%2f2026%2008%3a10%3a44"])
def test_an_invented_token_is_refused(follower: Follower, token: str) -> None:
    assert error_of(follower.web.get(f"incidents?$deltatoken={token}", headers=TRACK))[:2] == (400, "0x80060888")


def test_a_token_of_another_environment_is_expired(follower: Follower) -> None:
    beyond = follower.environment.version_number + 1
    link = re.sub(r"deltatoken=\d+", f"deltatoken={beyond}", follower.link())
    assert error_of(follower.web.get(link, headers=TRACK))[:2] == (400, "0x80044352")


@pytest.mark.parametrize("entity_set", ["subjects", "incidentresolutions", "audits"])
def test_a_table_that_does_not_track_changes_says_so(follower: Follower, entity_set: str) -> None:
    name = entity_set.removesuffix("s")
    message = f"Entity {name} isn't enabled for change tracking."
    assert error_of(follower.web.get(entity_set, headers=TRACK)) == (400, "0x80072491", message)


def test_metadata_says_which_tables_track_changes() -> None:
    follower = Follower(tracked_tables=frozenset({"account", "subject"}))
    shown = values(follower.web.get("EntityDefinitions?$select=LogicalName,ChangeTrackingEnabled"))
    assert {row["LogicalName"] for row in shown if row["ChangeTrackingEnabled"]} == {"account", "subject"}
    document = ElementTree.fromstring(follower.web.get("$metadata?annotations=true").content)
    tracked = {
        each.attrib["Name"] for each in document.iter(f"{EDM}EntitySet") if each.find(f"{EDM}Annotation") is not None
    }
    assert tracked == {"accounts", "subjects"}
    assert follower.web.get("subjects", headers=TRACK).status_code == 200
    assert error_of(follower.web.get("incidents", headers=TRACK))[1] == "0x80072491"


def test_a_role_below_organisation_level_may_read_but_not_follow() -> None:
    follower = Follower(shallow_tables=frozenset({"incident"}))
    assert error_of(follower.web.get("incidents", headers=TRACK))[:2] == (403, "0x80040220")
    assert follower.web.get("incidents").status_code == 200


def test_formatted_values_may_cost_the_delta_link() -> None:
    labels = {"Prefer": 'odata.track-changes,odata.include-annotations="*"'}
    others = {"Prefer": 'odata.track-changes,odata.include-annotations="Microsoft.Dynamics.CRM.*"'}
    kept, lost = Follower(), Follower(labels_hide_delta_link=True)
    assert [DELTA in page for page in kept.pages("incidents", labels)] == [True]
    assert [DELTA in page for page in lost.pages("incidents", labels)] == [False]
    assert [DELTA in page for page in lost.pages("incidents", others)] == [True]


def test_every_page_may_have_to_ask_for_tracking() -> None:
    plain = {"Prefer": "odata.maxpagesize=100"}
    for needed in (False, True):
        follower = Follower(tracking_repeats_preference=needed)
        first = follower.web.get("incidents?$select=title", headers=TRACK).json()
        assert (DELTA in follower.pages(first[NEXT], plain)[-1]) is not needed
        assert DELTA in follower.pages(first[NEXT])[-1]


def test_a_token_may_be_bound_to_what_was_selected() -> None:
    other: Callable[[str], str] = lambda link: link.replace("$select=title", "$select=title,statecode")  # noqa: E731
    free, bound = Follower(), Follower(delta_token_binds_select=True)
    assert free.web.get(other(free.link()), headers=TRACK).status_code == 200
    assert bound.web.get(bound.link(), headers=TRACK).status_code == 200
    assert error_of(bound.web.get(other(bound.link()), headers=TRACK))[:2] == (400, "0x80044352")


def test_a_token_survives_a_client_that_encodes_it_anew(follower: Follower) -> None:
    """Extractors that keep the token alone put it into the query themselves."""
    link = httpx.URL(follower.link())
    token = link.params["$deltatoken"]
    follower.rename(1)
    answer = follower.web.get("incidents", params={"$select": "title", "$deltatoken": token}, headers=TRACK)
    assert [row["incidentid"] for row in values(answer)] == [guid("case", 1)]
