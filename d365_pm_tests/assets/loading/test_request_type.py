"""The category of a case may be a column that only this organisation has (semantics 2.12)."""

from pathlib import Path

import pytest

from d365_pm.dataverse import RequirementError
from d365_pm.sandbox.schema import AttributeType, Column


def rules(folder: Path, column: str) -> str:
    """A folder of seeds that names a column as the category."""
    folder.mkdir(exist_ok=True)
    (folder / "choices.csv").write_text(f"key,value,remark\nservice_request_type_column,{column},\n")
    return str(folder)


def with_column(bench, tmp_path, kind: AttributeType, name: str = "new_area"):
    desk = bench()
    desk.sandbox.environment.add_column("incident", Column("new_area", kind, is_custom=True))
    desk.given = {"D365_PM_SEEDS_DIR": rules(tmp_path / "rules", name)}
    return desk


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (AttributeType.PICKLIST, 717770001, "717770001"),
        (AttributeType.STRING, "Rede", "Rede"),
        (AttributeType.INTEGER, 7, "7"),
    ],
)
def test_its_values_are_read_as_text(bench, tmp_path, kind, value, kept):
    desk = with_column(bench, tmp_path, kind)
    one, other = sorted(desk.source("incident"))[:2]
    desk.sandbox.environment.upsert("incident", [{"incidentid": one, "new_area": value}])

    desk.load("incident")

    assert desk.text("incident", one, "_request_type") == kept
    assert desk.text("incident", other, "_request_type") is None


def test_without_the_rule_nobody_asks_for_it(bench, tmp_path):
    desk = with_column(bench, tmp_path, AttributeType.STRING)
    desk.given = {}
    desk.load("incident")

    assert not [entry for entry in desk.sandbox.environment.log.entries if "new_area" in entry.query]


def test_a_rule_that_comes_later_makes_the_link_of_a_tracked_table_useless(bench, tmp_path):
    desk = with_column(bench, tmp_path, AttributeType.STRING)
    one = min(desk.source("incident"))
    desk.sandbox.environment.upsert("incident", [{"incidentid": one, "new_area": "Rede"}])
    rule, desk.given = desk.given, {}
    desk.load("incident")

    desk.given = rule
    desk.load("incident")

    assert desk.text("incident", one, "_request_type") == "Rede"


def test_where_nothing_is_tracked_a_full_run_reads_it_of_every_case(bench, tmp_path):
    desk = bench(tracked_tables=frozenset())
    desk.sandbox.environment.add_column("incident", Column("new_area", AttributeType.STRING, is_custom=True))
    keys = sorted(desk.source("incident"))
    desk.sandbox.environment.upsert("incident", [{"incidentid": key, "new_area": "Rede"} for key in keys])
    desk.load("incident")

    desk.given = {"D365_PM_SEEDS_DIR": rules(tmp_path / "rules", "new_area")}
    desk.load("incident", is_full=True)

    assert {desk.text("incident", key, "_request_type") for key in keys[:5]} == {"Rede"}


def test_a_column_that_is_not_there_is_told(bench, tmp_path):
    desk = with_column(bench, tmp_path, AttributeType.STRING, name="new_nowhere")

    with pytest.raises(RequirementError, match=r"choices\.csv names new_nowhere .* no readable column"):
        desk.load("incident")


def test_a_lookup_is_told_to_be_none(bench, tmp_path):
    desk = with_column(bench, tmp_path, AttributeType.LOOKUP)

    with pytest.raises(RequirementError, match=r"new_area .* of type Lookup, which is neither text nor a choice"):
        desk.load("incident")
