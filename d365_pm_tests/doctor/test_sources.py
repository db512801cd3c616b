"""`sources.csv` speaks of every activity and attribute, and of nothing that the registry and the seeds do not have."""

from itertools import groupby

import pytest

from d365_pm.contracts.event_log import COLUMNS
from d365_pm.contracts.seeds import ACTIVITY_CODES, SEEDS, STATUS_ROLES
from d365_pm.dataverse import TABLES
from d365_pm.doctor.sources import Source, Standing, is_activity, load_sources, subjects

# Event-log semantics, section 3; left out are the rules that assume (class D, off as shipped: A6, CL6, CL7, S2, RE5),
# that make no event (V4), that a switch turns on beside the same evidence (P2), and Omnichannel's own (P5).
RULES = {
    "case_assigned": {"A1", "A2", "A3", "A4", "A5"},
    "case_created": {"CREATED"},
    "case_closed": {"CL1", "CL2", "CL3", "CL4", "CL5"},
    "case_escalated": {"E1", "E2", "E3", "E4", "E5"},
    "case_resolved": {"R1", "R2", "R3"},
    "sla_timer_started": {"S1"},
    "agent_investigated_issue": {"I1", "I2", "I3", "I4"},
    "case_reactivated": {"RE1", "RE2", "RE3", "RE4", "RE6"},
    "case_categorization_changed": {"CC1"},
    "information_requested_from_customer": {"Q1", "Q2", "Q3", "Q4"},
    "queue_item_picked_by_agent": {"P1", "P3", "P4"},
    "satisfaction_survey_sent": {"V1", "V2", "V3"},
    "solution_proposed_to_customer": {"SP1", "SP2", "SP3"},
}


def test_the_subjects_are_the_thirteen_activities_and_the_twenty_one_attributes():
    activities = {name for name in subjects() if is_activity(name)}

    assert activities == ACTIVITY_CODES
    assert set(subjects()) - activities == set(COLUMNS)


@pytest.mark.parametrize("activity", sorted(RULES))
def test_every_rule_of_an_activity_is_there(activity: str):
    found = {rule for source in subjects()[activity] for rule in source.rule.split()}

    assert found == RULES[activity]


def test_every_need_names_a_table_and_column_of_the_registry_or_a_seed():
    assert [(source.subject, need) for source in load_sources() for need in source.needs if not _is_known(need)] == []


def test_a_part_begins_with_its_best_way_and_goes_on_with_fall_backs():
    for _, lines in groupby(load_sources(), key=lambda source: (source.subject, source.part)):
        first, *others = lines
        assert first.standing is not Standing.FALLBACK, first
        assert {other.standing for other in others} <= {Standing.FALLBACK}, first


def test_no_part_is_torn_into_two():
    parts = [key for key, _ in groupby(load_sources(), key=lambda source: (source.subject, source.part))]

    assert len(parts) == len(set(parts))


def test_a_way_that_is_not_known_to_a_checker_is_found():
    """The checks above can fail: these needs are wrong, each in its own way."""
    wrong = Source("x", "y", "z", Standing.MAIN, ("incident.workedbyid", "audit:case.ownerid", "rule:no_seed.x"), "")

    assert [need for need in wrong.needs if _is_known(need)] == []


def _is_known(need: str) -> bool:
    kind, _, name = need.rpartition(":")
    table, _, column = name.partition(".")
    if kind == "rule":
        return _is_rule(table, column)
    if column.startswith("@"):
        return column[1:] in SEEDS
    columns = {each.name for each in TABLES[table].columns} if table in TABLES else set()
    return table in TABLES and (column in columns or (kind == "audit" and not column))


def _is_rule(seed: str, word: str) -> bool:
    return seed in SEEDS and (seed != "status_roles" or word in STATUS_ROLES)
