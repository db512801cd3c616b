"""The event log: events of every case in order, with their 21 attributes in the template's order."""

from dataclasses import dataclass
from datetime import datetime

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
        case, requests = story.case, self.requests
        number, channel, deadlines = requests.number(case), requests.channel(case), Deadlines(self.clocks)
        target, customer, priority = deadlines.target(case), requests.customer(case), requests.priority(case)
        kind, product = requests.type(case), requests.product(case)
        first_contact = story.is_first_contact_resolution(as_of)
        rework, escalated = story.is_rework(self.people, bulk), story.is_escalated()
        score, breached, cycle = satisfaction(case), deadlines.is_breached(story, as_of), story.cycle_seconds()
        label = 0 if self.language == "pt-BR" else 1
        return [
            (
                number,
                LABELS[event.code][label],
                event.time,
                SOURCE_SYSTEM,
                as_of,
                channel,
                target,
                status_reason(case, event, self.raw, LCIDS[self.language]),
                agent(case, event, self.people),
                customer,
                priority,
                kind,
                first_contact,
                rework,
                owner_team(case, event, self.people),
                escalated,
                event.article,
                score,
                product,
                breached,
                cycle,
            )
            for event in story.events
        ]
