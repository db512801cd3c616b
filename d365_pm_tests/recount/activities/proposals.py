"""Solution Proposed to Customer (3.13) by the meanings of outgoing e-mails (3.15)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from d365_pm_tests.recount.activities.episodes import Episode
from d365_pm_tests.recount.activities.knowledge import Articles
from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.people import People
from d365_pm_tests.recount.raw import Raw, Row
from d365_pm_tests.recount.rules import EMAIL_WINDOW

CODE = "solution_proposed_to_customer"
_SENT = 3
_SOLUTION = 2
_RECIPIENTS = frozenset({2, 3, 4})
_INTERNAL = frozenset({"systemuser", "team", "queue", "equipment", "businessunit"})


@dataclass(frozen=True)
class Mail:
    """Who takes part in e-mails, by activity, and who is a machine."""

    parties: dict[str, list[Row]]
    articles: Articles
    people: People

    @classmethod
    def of(cls, raw: Raw, people: People) -> "Mail":
        """The participants of raw rows."""
        return cls(raw.grouped("activityparty", "_activityid_value"), Articles.of(raw), people)

    def proposals(self, case: Dossier, episodes: Sequence[Episode], asked: Iterable[datetime]) -> Iterator[Event]:
        """At most one proposal per episode: the last one."""
        requests, emails = list(asked), self._agent_emails(case, episodes)
        free = [row for row in emails if not _near(row["senton"], requests)]
        for episode in episodes:
            found = [
                *self._by_article(case, episode, emails, free),
                *self._by_last_email(case, episode, free, requests),
            ]
            if found:
                yield max(found, key=lambda event: (event.time, event.rule == "SP3"))

    def _agent_emails(self, case: Dossier, episodes: Sequence[Episode]) -> list[Row]:
        """Outgoing e-mails that rule 1 keeps, oldest first."""
        kept = [
            row
            for row in case.rows["email"]
            if row["directioncode"]
            and row["statuscode"] == _SENT
            and row["senton"] is not None
            and not row["isworkflowcreated"]
            and not self.people.is_system(row["_createdby_value"])
            and self._goes_outside(row)
            and any(episode.holds(row["senton"]) for episode in episodes)
        ]
        return sorted(kept, key=lambda row: (row["senton"], row["activityid"]))

    def _goes_outside(self, email: Row) -> bool:
        parties = self.parties.get(email["activityid"], [])
        recipients = [party for party in parties if party["participationtypemask"] in _RECIPIENTS]
        return any(party["_partyid_type"] not in _INTERNAL for party in recipients)

    def _by_article(self, case: Dossier, episode: Episode, emails: list[Row], free: list[Row]) -> Iterator[Event]:
        """SP3: an article that went to the customer, dated by the e-mail that carries it."""
        # The first of several in one e-mail is kept: the one that a single value would name (2.17).
        for link in sorted(case.rows["knowledgearticleincident"], key=_precedence, reverse=True):
            if not link["issenttocustomer"]:
                continue
            carrier = _nearest(link["createdon"], emails)
            if carrier is not None and carrier not in free:
                continue
            time = carrier["senton"] if carrier else link["createdon"]
            if episode.holds(time):
                source = ("knowledgearticleincident", link["knowledgearticleincidentid"])
                actor, article = (carrier or link)["_createdby_value"], self.articles.number(link)
                yield Event(case.id, CODE, time, actor, "SP3", source, article=article)

    def _by_last_email(
        self, case: Dossier, episode: Episode, free: list[Row], requests: list[datetime]
    ) -> Iterator[Event]:
        """SP2: the last remaining e-mail of an episode that ends in a resolution, unless a request follows."""
        own = [row for row in free if episode.holds(row["senton"])]
        if not episode.is_resolved or not own:
            return
        time = own[-1]["senton"]
        if not any(time < moment and episode.holds(moment) for moment in requests):
            actor, source = own[-1]["_createdby_value"], ("email", own[-1]["activityid"])
            yield Event(case.id, CODE, time, actor, "SP2", source)


def _precedence(link: Row) -> tuple[bool, datetime, str]:
    return link["knowledgeusage"] == _SOLUTION, link["createdon"], link["knowledgearticleincidentid"]


def _nearest(moment: datetime, emails: list[Row]) -> Row | None:
    near = [row for row in emails if abs(row["senton"] - moment) <= EMAIL_WINDOW]
    return min(near, key=lambda row: (abs(row["senton"] - moment), row["activityid"]), default=None)


def _near(moment: datetime, others: list[datetime]) -> bool:
    return any(abs(moment - other) <= EMAIL_WINDOW for other in others)
