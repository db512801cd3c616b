"""Each check of the event log fails for exactly its own defect (event-log semantics, sections 2 and 9)."""

import pytest

from d365_pm_tests.contracts.defects import Defect, Plant, first, row, sees

_ONE_CASE = "ServiceRequest = (select min(ServiceRequest) from marts.event_log)"
_DEFECTS = {
    "column_types": Defect("alter table marts.event_log alter ServiceRequestCycleTime type integer"),
    "mandatory_attributes": Defect(row("SourceSystem = null")),
    "known_activities": Defect(row("ActivityName = 'Caso Perdido'"), 1, sees("log_has_every_event")),
    "event_time_not_after_last_update": Defect(row("EventTime = LastDataUpdate + interval 1 second")),
    "last_data_update_not_in_future": Defect(
        "delete from marts.event_log where ServiceRequest <> (select min(ServiceRequest) from marts.event_log);"
        "delete from marts.event_log where ActivityName <> 'Caso Criado';"
        "update marts.event_log set LastDataUpdate = now() + interval 1 day",
        1,
        sees("log_has_every_event", "optional_attributes_filled"),
    ),
    "durations_not_negative": Defect(
        f"update marts.event_log set ServiceRequestCycleTime = -1 where {_ONE_CASE};"
        f"delete from marts.event_log where {_ONE_CASE} and ActivityName <> 'Caso Criado'",
        1,
        sees("log_has_every_event"),
    ),
    "satisfaction_score_in_range": Defect(
        f"update marts.event_log set CustomerSatisfactionScore = 6 where {_ONE_CASE};"
        f"delete from marts.event_log where {_ONE_CASE} and ActivityName <> 'Caso Criado'",
        1,
        sees("log_has_every_event"),
    ),
    "source_system_named": Defect(row("SourceSystem = 'Another Service Desk'")),
    "constant_case_attributes": Defect(row("Channel = null", "Channel is not null")),
    "one_last_data_update": Defect(row("LastDataUpdate = LastDataUpdate - interval 1 second"), 2),
    "log_has_every_event": Defect(
        "delete from marts.event_log where " + first("marts.event_log", "ActivityName = 'Caso Criado'")
    ),
    "recommended_attributes_filled": Defect("update marts.event_log set StatusReason = null"),
    "optional_attributes_filled": Defect("update marts.event_log set ProductInvolved = null"),
    "attribute_coverage_steady": Defect("insert into last_attribute values ('AgentName', 1000, 10)"),
}


@pytest.mark.parametrize("name", _DEFECTS)
def test_a_check_of_the_log_fails_for_exactly_its_own_defect(plant: Plant, name: str):
    # The template mixes integers of both widths; only the column promise may notice a narrower one.
    plant.assert_only(name, _DEFECTS[name])


@pytest.mark.parametrize("column", ["ServiceRequest", "ActivityName", "EventTime", "SourceSystem", "LastDataUpdate"])
def test_a_null_in_a_mandatory_attribute_is_reported_with_its_column(plant: Plant, column: str):
    broken = plant.broken_by(row(f"{column} = null"))["mandatory_attributes"]

    assert broken.rows.column("reason").to_pylist() == [f"{column}: empty"]


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        pytest.param("drop Priority", {"Priority"}, id="missing"),
        pytest.param("add column Extra integer", {"Extra"}, id="additional"),
        pytest.param("rename OwnerTeam to ownerteam2", {"OwnerTeam", "ownerteam2"}, id="misspelt"),
    ],
)
def test_a_log_of_another_shape_is_reported_with_its_columns(plant: Plant, change: str, columns: set[str]):
    plant.connection.execute(f"alter table marts.event_log {change}")

    outcome = plant.judged("column_types")

    assert set(outcome.rows.column("column").to_pylist()) == columns
