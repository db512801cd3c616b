"""The catalogue of checks as a whole: what a healthy desk keeps, and that every check has a test that breaks it."""

import duckdb
import pytest

from d365_pm.contracts.baseline import remember_last_log
from d365_pm.contracts.catalogue import contracts
from d365_pm.contracts.comparisons import CheckFileError, comparisons
from d365_pm.contracts.errors import CheckError
from d365_pm.contracts.judgement import judge
from d365_pm_tests.contracts import test_case_checks, test_comparing_checks, test_event_checks, test_log_checks
from d365_pm_tests.contracts.defects import Plant

_FEWEST = 40
"""Checks that a log needs before an auditor signs it."""


def test_every_check_has_a_defect_that_only_it_sees():
    modules = (test_case_checks, test_comparing_checks, test_event_checks, test_log_checks)
    planted = [name for module in modules for name in module._DEFECTS]

    assert sorted(planted) == sorted(contract.name for contract in contracts())
    assert len(planted) >= _FEWEST


def test_every_check_tells_its_promise_and_the_section_that_demands_it():
    silent = [each.name for each in contracts() if not (each.description.endswith(".") and each.section and each.keys)]

    assert silent == []


def test_a_healthy_desk_keeps_every_promise_and_raises_no_warning(plant: Plant):
    broken = [outcome.contract.name for outcome in judge(plant.connection, contracts()) if not outcome.passed]

    assert broken == []


def test_an_empty_log_of_the_right_shape_keeps_every_promise_about_its_rows(plant: Plant):
    plant.connection.execute("delete from marts.event_log; delete from marts.events; delete from marts.cases")
    of_rows = [contract for contract in contracts() if "reconciled" not in contract.name]

    assert [outcome.contract.name for outcome in judge(plant.connection, of_rows) if not outcome.passed] == []


def test_the_same_log_again_does_not_drift(published):
    with duckdb.connect() as connection:
        remember_last_log(connection, published)
        connection.execute(f"attach '{published}' as w (read_only); use w")
        outcomes = judge(connection, [contract for contract in contracts() if contract.name.endswith("_steady")])
        [(events,)] = connection.execute("select sum(events) from last_activity").fetchall()

    assert events > 500
    assert [outcome.failed for outcome in outcomes] == [0, 0]


def test_of_many_failing_rows_ten_thousand_are_kept_and_all_are_counted(plant: Plant):
    plant.connection.execute(
        "insert into marts.event_log select l.* from marts.event_log as l, range(9);"
        "update marts.event_log set SourceSystem = null"
    )
    [(rows,)] = plant.connection.execute("select count(*) from marts.event_log").fetchall()

    outcome = plant.judged("mandatory_attributes")

    assert rows > 10_000
    assert (outcome.judged, outcome.failed, outcome.rows.num_rows) == (rows, rows, 10_000)


def test_the_examples_of_a_check_name_no_person(plant: Plant):
    private = {"AgentName", "CustomerName", "CurrentOwner", "AssignedTo", "Title"}
    plant.connection.execute("update marts.events set Confidence = 'E'")

    examples = plant.judged("confidence_known").examples()

    assert len(examples) == 5
    assert set(examples[0]) == {"EventId", "CaseGuid", "reason"}
    assert [each.name for each in contracts() if private & set(each.keys)] == []


def test_a_check_that_cannot_run_is_one_sentence_that_names_it_and_no_value(plant: Plant):
    plant.connection.execute("alter table staging.unmapped_status rename label to name")

    with pytest.raises(CheckError, match=r"status_reasons_mapped of staging\.unmapped_status cannot run") as missing:
        plant.judged("status_reasons_mapped")

    assert "\n" not in str(missing.value)
    assert missing.value.__suppress_context__


def test_a_value_on_which_a_check_stumbles_is_not_told(plant: Plant):
    plant.connection.execute(
        "drop table staging.unmapped_status; create view staging.unmapped_status as "
        "select cast('Maria Silva' as integer) as status_code, 'x' as label, 1 as cases, 1 as changes"
    )

    with pytest.raises(CheckError, match="ConversionException") as stumbled:
        plant.judged("status_reasons_mapped")

    assert "Maria" not in str(stumbled.value)


@pytest.mark.parametrize("comment", ["-- A promise.", "-- A promise.\n-- severity: fatal"])
def test_a_check_file_without_what_its_comment_has_to_say_is_refused_with_its_name(tmp_path, comment: str):
    (tmp_path / "nothing_said.sql").write_text(f"{comment}\n\nselect 1")

    with pytest.raises(CheckFileError, match=r"nothing_said\.sql.*severity as error or warning"):
        comparisons(tmp_path)
