"""Case Created (reference: event-log semantics 3.2)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story


@story
def test_every_case_is_created_once_by_its_creator_when_it_was_created(desk: Desk) -> Story:
    desk.case("c1", "10:00", by="alice")
    desk.case("c2", "11:00", by="bob")
    yield
    assert desk.run.activity("case_created").only("case_id", "event_time", "actor_id", "rule", "confidence") == [
        ("c1", at("10:00"), "alice", "CREATED", "A"),
        ("c2", at("11:00"), "bob", "CREATED", "A"),
    ]


@story
def test_the_evidence_is_the_row_of_the_case(desk: Desk) -> Story:
    desk.case()
    yield
    created = desk.run.activity("case_created").one()
    assert (created["source_table"], created["source_row_id"], created["evidence_class"]) == (
        "incident",
        "c1",
        "explicit",
    )


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        pytest.param({"by": "alice"}, "manual", id="by a person"),
        pytest.param({"by": "robot"}, "rule", id="by a system actor"),
        pytest.param({"createdbyexternalparty": ("externalparty", "x")}, "portal", id="by an external party"),
        pytest.param({"importsequencenumber": 7}, "import", id="by an import job"),
        pytest.param({"overriddencreatedon": "18 09:00"}, "import", id="with its own creation date"),
        pytest.param({"parentcaseid": ("incident", "c0")}, "child", id="below a parent"),
    ],
)
@story
def test_how_a_case_came_into_being(desk: Desk, columns: dict[str, object], kind: str) -> Story:
    desk.case(**columns)  # type: ignore[arg-type]
    yield
    assert desk.run.activity("case_created").only("kind") == [kind]


@story
def test_an_imported_case_keeps_its_historical_date_in_class_b(desk: Desk) -> Story:
    desk.case(created="10:00", overriddencreatedon="18 09:00", importsequencenumber=1)
    yield
    assert desk.run.activity("case_created").only("event_time", "confidence") == [(at("10:00"), "B")]


@pytest.mark.parametrize("status", [6, 2000], ids=["cancelled", "merged"])
@story
def test_a_case_that_came_to_nothing_was_created_too(desk: Desk, status: int) -> Story:
    desk.case()
    desk.cancel("11:00", status=status)
    yield
    assert desk.run.activity("case_created").only("event_time") == [at("10:00")]
