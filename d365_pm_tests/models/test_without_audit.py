"""With auditing off: what is left of the worked example, and what nobody can tell (reference: 1.3, 8 at its end, 9)."""

import pytest

from d365_pm_tests.models.answers import Answers
from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.stories import Story, story
from d365_pm_tests.models.worked_example import build_worked_example

ENVIRONMENT = {"audit_from": NEVER}
LEFT = [
    ("2024-03-04T13:05:10Z", "case_created", "CREATED", "A", "Sistema"),
    ("2024-03-04T13:05:12Z", "case_assigned", "A4", "B", "Sistema"),
    ("2024-03-04T13:05:14Z", "sla_timer_started", "S1", "A", "Sistema"),
    ("2024-03-04T13:05:14Z", "sla_timer_started", "S1", "A", "Sistema"),
    ("2024-03-04T13:47:30Z", "queue_item_picked_by_agent", "P4", "B", "Alice Smith"),
    ("2024-03-04T14:20:41Z", "agent_investigated_issue", "I1", "C", "Alice Smith"),
    ("2024-03-04T14:30:52Z", "information_requested_from_customer", "Q2", "C", "Alice Smith"),
    ("2024-03-05T12:05:00Z", "case_escalated", "E4", "B", None),
    ("2024-03-05T15:20:30Z", "solution_proposed_to_customer", "SP2", "C", "Bob Johnson"),
    ("2024-03-05T15:25:44Z", "case_resolved", "R1", "A", "Bob Johnson"),
    ("2024-03-05T15:25:50Z", "satisfaction_survey_sent", "V1", "A", "Sistema"),
    ("2024-03-06T12:00:00Z", "case_reactivated", "RE3", "C", "Bob Johnson"),
    ("2024-03-06T14:00:00Z", "case_resolved", "R1", "A", "Bob Johnson"),
]


@pytest.fixture(scope="module")
def run() -> Answers:
    """The models over the worked example with auditing off."""
    return build_worked_example(audit_from=NEVER).run


@pytest.fixture(scope="module")
def events(run: Answers) -> Rows:
    """Its events, in order."""
    return run.events()


def test_the_rest_of_the_worked_example(events: Rows) -> None:
    assert events.only("EventTime", "ActivityCode", "Rule", "Confidence", "AgentName") == LEFT


def test_every_event_says_that_nothing_was_audited(events: Rows) -> None:
    assert set(events.only("AuditCoverage")) == {"none"}


def test_only_resolutions_tell_their_status_reason(events: Rows) -> None:
    told = [(row["ActivityCode"], row["StatusReason"]) for row in events if row["StatusReason"]]
    assert told == [("case_resolved", "Problema Resolvido")] * 2
    assert {row["StatusReasonBasis"] for row in events if row["StatusReason"]} == {"implied"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("IsRework", True),
        ("IsEscalated", True),
        ("IsFirstContactResolution", False),
        ("IsSlaBreached", False),
        ("ServiceRequestCycleTime", 176_090),
        ("CustomerWaitTime", None),
        ("NetHandlingTime", None),
        ("PriorityChangeCount", None),
        ("InitialServiceRequestType", None),
        ("InferredReactivations", 0),
    ],
)
def test_value(run: Answers, column: str, value: object) -> None:
    assert run.cases().one()[column] == value


@story
def test_a_plain_case_claims_nothing_that_absence_would_have_to_prove(desk: Desk) -> Story:
    desk.case(prioritycode=2)
    desk.resolve("12:00")
    yield
    case = desk.run.cases().one()
    assert (case["IsRework"], case["IsEscalated"], case["IsFirstContactResolution"]) == (None, None, None)
    assert case["FcrEvidence"] == "information_requested"


@story
def test_what_only_audit_shows_does_not_come_back(desk: Desk) -> Story:
    desk.case(by="robot", subjectid="network")
    desk.change("c1", "10:30", ownerid=("robot", "alice"), subjectid=("network", "billing"))
    desk.change("c1", "10:45", isescalated=(False, True))
    desk.status("11:00", 3)
    desk.status("11:30", 1)
    desk.resolve("12:00")
    yield
    assert desk.run.events().only("Rule") == ["CREATED", "R1"]


@story
def test_the_last_event_shows_the_present_status_reason(desk: Desk) -> Story:
    desk.case()
    desk.link_article("11:00")
    desk.status("12:00", 2)
    yield
    assert desk.run.events().only("StatusReason") == [None, "Em Espera"]


@story
def test_owner_and_team_of_an_event_are_unknown(desk: Desk) -> Story:
    desk.case(ownerid="team_n1")
    desk.link_article("11:00")
    yield
    assert set(desk.run.events().only("OwnerTeam", "OwnerTeamSource")) == {(None, None)}
