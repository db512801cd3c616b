"""Every promise of the event log holds for a good log, and each is broken by exactly its own defect."""

import duckdb
import pytest

from d365_pm.contracts.contract import Outcome, judge
from d365_pm.contracts.event_log import event_log_contracts

_LABELS = ("Caso Criado", "Caso Resolvido")
# Types as section 2.0 of the semantics gives them.
_LOG = """
    create table marts.event_log as
    select * from (values
        ('CAS-1', 'Caso Criado', timestamptz '2026-03-04 13:05:10+00'),
        ('CAS-1', 'Caso Resolvido', timestamptz '2026-03-05 15:25:44+00'),
        ('CAS-2', 'Caso Criado', timestamptz '2026-03-06 09:00:00+00')
    ) as e(ServiceRequest, ActivityName, EventTime),
    (select 'Microsoft Dynamics 365 Customer Service' as SourceSystem,
        timestamptz '2026-03-07 00:00:00+00' as LastDataUpdate, 'Email' as Channel,
        86400::bigint as SlaTargetResolutionTime, 'Em Progresso' as StatusReason, 'Alice' as AgentName,
        'Contoso' as CustomerName, 'Normal' as Priority, 'Suporte' as ServiceRequestType,
        null::boolean as IsFirstContactResolution, false as IsRework, 'N1' as OwnerTeam, false as IsEscalated,
        'KA-01337' as KnowledgeArticleId, 4::integer as CustomerSatisfactionScore, 'Alpha' as ProductInvolved,
        true as IsSlaBreached, 94834::bigint as ServiceRequestCycleTime)
"""
_EVENTS = """
    create table marts.events as
    select md5(ServiceRequest || ActivityName) as EventId, ServiceRequest as CaseGuid,
        case ActivityName when 'Caso Criado' then 'case_created' else 'case_resolved' end as ActivityCode
    from marts.event_log
"""


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/Sao_Paulo'")
        connection.execute("create schema marts")
        connection.execute(_LOG)
        connection.execute(_EVENTS)
        yield connection


def _broken(warehouse: duckdb.DuckDBPyConnection) -> dict[str, Outcome]:
    outcomes = [judge(warehouse, contract) for contract in event_log_contracts(_LABELS)]
    return {outcome.contract.name: outcome for outcome in outcomes if not outcome.passed}


def test_a_good_log_keeps_every_promise(warehouse):
    assert _broken(warehouse) == {}


def test_an_empty_log_of_the_right_shape_keeps_every_promise(warehouse):
    warehouse.execute("delete from marts.event_log; delete from marts.events")

    assert _broken(warehouse) == {}


@pytest.mark.parametrize("column", ["ServiceRequest", "ActivityName", "EventTime", "SourceSystem", "LastDataUpdate"])
def test_a_null_in_a_mandatory_attribute_is_reported_with_its_column(warehouse, column):
    warehouse.execute(f"update marts.event_log set {column} = null where ActivityName = 'Caso Resolvido'")

    outcome = _broken(warehouse)["mandatory_attributes"]

    assert outcome.failed == 1
    assert outcome.sample["column"].to_list() == [column]


_DEFECTS: dict[str, tuple[str, int]] = {
    "known_activities": ("update marts.event_log set ActivityName = 'Caso Perdido' where ServiceRequest = 'CAS-2'", 1),
    "event_time_not_after_last_update": (
        "update marts.event_log set EventTime = LastDataUpdate + interval 1 second where ServiceRequest = 'CAS-1'",
        2,
    ),
    "value_ranges": ("update marts.event_log set CustomerSatisfactionScore = 6 where ServiceRequest = 'CAS-2'", 1),
    "constant_case_attributes": (
        "update marts.event_log set Channel = null where ActivityName = 'Caso Resolvido'",
        1,
    ),
    "unique_event_id": (
        "insert into marts.events select EventId, CaseGuid, 'case_resolved' from marts.events limit 1",
        1,
    ),
    "one_case_created": (
        "update marts.events set ActivityCode = 'case_closed' where CaseGuid = 'CAS-2'",
        1,
    ),
    "column_types": ("alter table marts.event_log alter ServiceRequestCycleTime type integer", 1),
}


@pytest.mark.parametrize("name", _DEFECTS)
def test_a_promise_is_broken_by_exactly_its_own_defect(warehouse, name):
    defect, failed = _DEFECTS[name]
    warehouse.execute(defect)

    broken = {key: value for key, value in _broken(warehouse).items() if key not in _also_broken_by(name)}

    assert list(broken) == [name]
    assert broken[name].failed == failed
    assert broken[name].sample.height >= 1


def _also_broken_by(name: str) -> set[str]:
    """A column of another type is another type to the promises about its values as well."""
    return {"value_ranges"} if name == "column_types" else set()


@pytest.mark.parametrize(
    "defect",
    [
        pytest.param("alter table marts.event_log drop Priority", id="missing"),
        pytest.param("alter table marts.event_log add column Extra integer", id="additional"),
        pytest.param("alter table marts.event_log rename OwnerTeam to ownerteam2", id="misspelt"),
    ],
)
def test_a_log_of_another_shape_breaks_the_column_promise(warehouse, defect: str):
    warehouse.execute(defect)

    contract = next(each for each in event_log_contracts(_LABELS) if each.name == "column_types")

    assert not judge(warehouse, contract).passed


def test_the_sample_names_the_row_and_never_holds_a_whole_one(warehouse):
    warehouse.execute("update marts.event_log set ActivityName = 'Caso Perdido' where ServiceRequest = 'CAS-2'")

    sample = _broken(warehouse)["known_activities"].sample

    assert sample.columns == ["ServiceRequest", "ActivityName", "EventTime", "column", "value", "problem"]
    assert sample["ServiceRequest"].to_list() == ["CAS-2"]
    assert "Contoso" not in str(sample.to_dicts())


def test_a_large_log_is_judged_in_batches_and_every_failure_counts(warehouse):
    warehouse.execute("insert into marts.event_log select l.* from marts.event_log l, range(200000)")
    warehouse.execute("update marts.event_log set SourceSystem = null where ServiceRequest = 'CAS-2'")

    outcome = _broken(warehouse)["mandatory_attributes"]

    assert (outcome.judged, outcome.failed, outcome.sample.height) == (600_003, 200_001, 20)
