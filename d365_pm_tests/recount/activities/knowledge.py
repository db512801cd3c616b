"""Agent Investigated Issue (3.7), and the articles behind links (2.17)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.people import People
from d365_pm_tests.recount.raw import Raw, Row

CODE = "agent_investigated_issue"
_NATIVE, _FEDERATED = "knowledgearticleincident", "msdyn_federatedarticleincident"


@dataclass(frozen=True)
class Articles:
    """Knowledge articles by id."""

    rows: dict[str, Row]

    @classmethod
    def of(cls, raw: Raw) -> "Articles":
        """The articles of raw rows."""
        return cls(raw.by_key("knowledgearticle", "knowledgearticleid"))

    def number(self, link: Row) -> str | None:
        """What the log shows for a link: public number, or the search provider's id."""
        if "_knowledgearticleid_value" not in link:
            external: str | None = link.get("msdyn_searchproviderarticleid")
            return external
        number: str | None = self.rows.get(link["_knowledgearticleid_value"] or "", {}).get("articlepublicnumber")
        return number

    def family(self, link: Row) -> object:
        """What all versions and languages of a link's article share."""
        if "_knowledgearticleid_value" not in link:
            return link.get("_msdyn_federatedarticleid_value")
        article = link["_knowledgearticleid_value"]
        return self.rows.get(article or "", {}).get("_rootarticleid_value") or article


def investigations(
    case: Dossier, articles: Articles, people: People, reactivated: Iterable[datetime]
) -> Iterator[Event]:
    """Agent Investigated Issue: I1 and I2 by humans, a family once until a reactivation."""
    moments = list(reactivated)
    for table, key in ((_NATIVE, f"{_NATIVE}id"), (_FEDERATED, f"{_FEDERATED}id")):
        last: dict[object, datetime] = {}
        for link in sorted(case.rows[table], key=lambda row: (row["createdon"], row[key])):
            actor, time, family = link.get("_createdby_value"), link["createdon"], articles.family(link)
            if people.is_system(actor):
                continue
            before = last.get(family) if family is not None else None
            last[family] = time
            if before is None or any(before <= moment <= time for moment in moments):
                rule = "I1" if table == _NATIVE else "I2"
                yield Event(case.id, CODE, time, actor, rule, (table, link[key]), article=articles.number(link))
