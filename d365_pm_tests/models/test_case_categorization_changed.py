"""Case Categorization Changed: rule CC1 (reference: event-log semantics 3.9)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

COLUMNS = ("rule", "event_time", "actor_id", "detail_from", "detail_to", "confidence")


@story
def test_cc1_another_subject_changes_the_category(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00", by="bob", subjectid=("network", "billing"))
    yield
    assert desk.run.activity("case_categorization_changed").only(*COLUMNS) == [
        ("CC1", at("11:00"), "bob", "network", "billing", "A")
    ]


@story
def test_cc1_evidence_is_the_audit_row_and_its_column(desk: Desk) -> Story:
    desk.case(subjectid="network")
    row = desk.change("c1", "11:00", subjectid=("network", "billing"))
    yield
    changed = desk.run.activity("case_categorization_changed").one()
    assert (changed["source_row_id"], changed["source_column"]) == (row, "subjectid")


@story
def test_the_first_classification_is_no_change(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", subjectid=(None, "network"))
    yield
    assert desk.run.activity("case_categorization_changed") == []


@story
def test_clearing_the_category_is_a_change_of_its_own_kind(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00", subjectid=("network", None))
    yield
    changed = desk.run.events().one(ActivityCode="case_categorization_changed")
    assert (changed["ChangeKind"], changed["CategoryFrom"], changed["CategoryTo"]) == ("cleared", "Rede", None)


@story
def test_the_case_type_is_no_category_by_default(desk: Desk) -> Story:
    desk.case(subjectid="network", casetypecode=1)
    desk.change("c1", "11:00", casetypecode=(1, 2))
    yield
    assert desk.run.activity("case_categorization_changed") == []


@story
def test_an_equal_value_is_no_change(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.audit("c1", "11:00", {"subjectid": ("network", "network")})
    yield
    assert desk.run.activity("case_categorization_changed") == []


@pytest.mark.parametrize(
    ("back", "by", "changes"),
    [
        ("11:00:30", "alice", 0),
        ("11:00:59", "alice", 0),
        ("11:01:01", "alice", 2),
        ("11:00:30", "bob", 2),
    ],
    ids=["30 s", "59 s", "61 s", "by somebody else"],
)
@story
def test_there_and_back_within_a_minute_is_a_typing_correction(desk: Desk, back: str, by: str, changes: int) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00:00", by="alice", subjectid=("network", "billing"))
    desk.change("c1", back, by=by, subjectid=("billing", "network"))
    yield
    assert len(desk.run.activity("case_categorization_changed")) == changes


@story
def test_there_and_on_within_a_minute_are_two_changes(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00:00", subjectid=("network", "billing"))
    desk.change("c1", "11:00:30", subjectid=("billing", "technical"))
    yield
    assert desk.run.activity("case_categorization_changed").only("detail_to") == ["billing", "technical"]


@story
def test_a_change_between_two_others_of_one_row_is_one_event(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00", subjectid=("network", "billing"), prioritycode=(2, 1))
    yield
    assert len(desk.run.activity("case_categorization_changed")) == 1


def test_the_first_classification_counts_where_it_is_switched_on() -> None:
    desk = Desk(seeds={"switches": [{"key": "emit_initial_categorization", "is_on": "true"}]})
    desk.case()
    desk.change("c1", "11:00", subjectid=(None, "network"))
    changed = desk.run.events().one(ActivityCode="case_categorization_changed")
    assert (changed["CategoryFrom"], changed["CategoryTo"]) == (None, "Rede")


@pytest.fixture
def typed() -> Desk:
    """A desk where the case type is a category too."""
    return Desk(seeds={"categorization_columns": [{"column_name": "casetypecode"}]})


def test_a_further_category_column_counts(typed: Desk) -> None:
    typed.case(subjectid="network", casetypecode=1)
    typed.change("c1", "11:00", casetypecode=(1, 2))
    assert typed.run.activity("case_categorization_changed").only("source_column", "detail_from", "detail_to") == [
        ("casetypecode", "1", "2")
    ]


def test_two_category_columns_in_one_row_are_one_event_that_lists_them(typed: Desk) -> None:
    typed.case(subjectid="network", casetypecode=1)
    row = typed.change("c1", "11:00", subjectid=("network", "billing"), casetypecode=(1, 2))
    changed = typed.run.activity("case_categorization_changed").one()
    assert changed["source_row_id"] == row
    assert all(column in changed["source_column"] for column in ("subjectid", "casetypecode"))


def test_typing_corrections_can_be_kept() -> None:
    desk = Desk(seeds={"thresholds": [{"key": "category_flip_flop_seconds", "value": "-1"}]})
    desk.case(subjectid="network")
    desk.change("c1", "11:00:00", subjectid=("network", "billing"))
    desk.change("c1", "11:00:30", subjectid=("billing", "network"))
    assert len(desk.run.activity("case_categorization_changed")) == 2
