"""The event log: events of every case in order, with their 21 attributes in the template's order."""

from dataclasses import dataclass
from datetime import datetime

from d365_pm_tests.end_to_end.comparison import TEMPLATE
from d365_pm_tests.recount.activities.assigned import assignments
from d365_pm_tests.recount.activities.episodes import episodes_of
from d365_pm_tests.recount.activities.knowledge import Articles, investigations
from d365_pm_tests.recount.activities.picks import picks
from d365_pm_tests.recount.activities.proposals import Mail
from d365_pm_tests.recount.activities.signs import escalations, recategorizations, requests
from d365_pm_tests.recount.activities.states import closings, creation, reactivations, resolutions
from d365_pm_tests.recount.activities.surveys import invites_elsewhere, surveys
from d365_pm_tests.recount.activities.timers import Clocks
from d365_pm_tests.recount.attributes.deadline import Deadlines
from d365_pm_tests.recount.attributes.judgement import Story, satisfaction
from d365_pm_tests.recount.attributes.moment import agent, owner_team, status_reason
from d365_pm_tests.recount.attributes.request import Requests
from d365_pm_tests.recount.bulk import bulk_changes
from d365_pm_tests.recount.dossier import Dossier, dossiers_of
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.order import in_order
from d365_pm_tests.recount.people import People
from d365_pm_tests.recount.raw import Raw, Row
from d365_pm_tests.recount.rules import EARLIEST, LABELS, LCIDS, SOURCE_SYSTEM

LogRow = tuple[object, ...]


@dataclass(frozen=True)
class Count:
    """Counts the log of raw rows.

    Attributes:
        raw: Raw rows.
        as_of: Instant at which they were read.
        language: `pt-BR` or `en`.
    """

    raw: Raw
    as_of: datetime
    language: str

    def log(self) -> list[LogRow]:
        """Every event with its 21 attributes, case by case in order."""
        return [row for _, rows in self.by_case() for row in rows]

    def by_case(self) -> list[tuple[str, list[LogRow]]]:
        """Rows of each case in order, by `incidentid`."""
        cases = dossiers_of(self.raw)
        elsewhere, bulk = invites_elsewhere(self.raw, cases), bulk_changes(cases)
        desk = _Desk.of(self.raw, self.language)
        told = [(case, desk.events(case, elsewhere.get(case.id, []), self.as_of)) for case in cases]
        return [(case.id, desk.rows(Story(case, events), bulk, self.as_of)) for case, events in told]


@dataclass(frozen=True)
class _Desk:
    """What is looked up for every case."""

    raw: Raw
    language: str
    people: People
    requests: Requests
    clocks: Clocks
    mail: Mail
    articles: Articles

    @classmethod
    def of(cls, raw: Raw, language: str) -> "_Desk":
        people = People.of(raw, language)
        clocks, mail = Clocks.of(raw), Mail.of(raw, people)
        return cls(raw, language, people, Requests.of(raw, language), clocks, mail, Articles.of(raw))

    def events(self, case: Dossier, elsewhere: list[Row], as_of: datetime) -> list[Event]:
        """Events of a case in order."""
        life = [creation(case), *resolutions(case), *closings(case), *reactivations(case)]
        asked, reopened = list(requests(case)), [event.time for event in life if event.code == "case_reactivated"]
        episodes = episodes_of(in_order(case, life))
        events = [
            *life,
            *asked,
            *assignments(case),
            *escalations(case),
            *recategorizations(case),
            *picks(case),
            *self.clocks.timers(case),
            *investigations(case, self.articles, self.people, reopened),
            *surveys(case, elsewhere, self.people),
            *self.mail.proposals(case, episodes, [event.time for event in asked]),
        ]
        return in_order(case, [event for event in events if EARLIEST <= event.time <= as_of])

    def rows(self, story: Story, bulk: frozenset[str], as_of: datetime) -> list[LogRow]:
        """Events of a case with their attributes."""
        of_case = self._of_case(story, bulk, as_of)
        of_events = (self._of_event(story.case, event) for event in story.events)
        constants: dict[str, object] = {"SourceSystem": SOURCE_SYSTEM, "LastDataUpdate": as_of}
        return [tuple((constants | of_case | of_event)[name] for name in TEMPLATE) for of_event in of_events]

    def _of_case(self, story: Story, bulk: frozenset[str], as_of: datetime) -> dict[str, object]:
        case, deadlines = story.case, Deadlines(self.clocks)
        return {
            "ServiceRequest": self.requests.number(case),
            "Channel": self.requests.channel(case),
            "SlaTargetResolutionTime": deadlines.target(case),
            "CustomerName": self.requests.customer(case),
            "Priority": self.requests.priority(case),
            "ServiceRequestType": self.requests.type(case),
            "IsFirstContactResolution": story.is_first_contact_resolution(as_of),
            "IsRework": story.is_rework(self.people, bulk),
            "IsEscalated": story.is_escalated(),
            "CustomerSatisfactionScore": satisfaction(case),
            "ProductInvolved": self.requests.product(case),
            "IsSlaBreached": deadlines.is_breached(story, as_of),
            "ServiceRequestCycleTime": story.cycle_seconds(),
        }

    def _of_event(self, case: Dossier, event: Event) -> dict[str, object]:
        return {
            "ActivityName": LABELS[event.code][0 if self.language == "pt-BR" else 1],
            "EventTime": event.time,
            "StatusReason": status_reason(case, event, self.raw, LCIDS[self.language]),
            "AgentName": agent(case, event, self.people),
            "OwnerTeam": owner_team(case, event, self.people),
            "KnowledgeArticleId": event.article,
        }
