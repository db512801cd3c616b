"""Articles, their versions, and their links to cases as rows."""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox.desk.arrow import flags, moments, pick, same, whole
from d365_pm.sandbox.desk.catalogue import FIRST_PUBLIC_NUMBER, ROOTS, TOPICS, Articles
from d365_pm.sandbox.desk.draft import Draft, record
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys, owned
from d365_pm.sandbox.desk.knowledge import EXTERNAL_ARTICLES
from d365_pm.sandbox.desk.numbers import NONE
from d365_pm.sandbox.desk.people import ADMINISTRATOR


def article_numbers(articles: Articles) -> pa.Array:
    """Public number of every article version, then of every article of the outside provider."""
    own = [f"KA-{FIRST_PUBLIC_NUMBER + root:05d}" for root in articles.root]
    return pa.array([*own, *(f"EXT-{number:04d}" for number in range(EXTERNAL_ARTICLES))], type=pa.string())


def knowledgearticle(floor: Floor, keys: Keys) -> Draft:
    """Root rows first, then versions; all rows of a family share the public number."""
    root, number = floor.articles.root, floor.articles.number
    count = len(root)
    is_root = number == 0
    is_latest = ~is_root & (number == np.bincount(root)[root] - 1)
    published = np.full(count, floor.start)
    columns = {
        "knowledgearticleid": keys.of("knowledgearticle", count),
        "articlepublicnumber": pick(article_numbers(floor.articles), np.arange(count)),
        "title": pick([_title(family) for family in range(ROOTS)], root),
        "majorversionnumber": whole(np.maximum(number, 1)),
        "minorversionnumber": same(0, count),
        "isrootarticle": flags(is_root),
        "islatestversion": flags(is_latest),
        "isprimary": same(True, count),
        "isinternal": same(False, count),
        "_rootarticleid_value": keys.row("knowledgearticle", np.where(is_root, NONE, root)),
        "_previousarticlecontentid_value": keys.row(
            "knowledgearticle", np.where(number > 1, np.arange(count) - 1, NONE)
        ),
        "_subjectid_value": keys.row("subject", root % len(TOPICS)),
        "publishon": moments(published),
        "statecode": whole(np.where(is_latest, 3, np.where(is_root, 0, 5))),
        "statuscode": whole(np.where(is_latest, 7, np.where(is_root, 2, 12))),
    }
    columns |= owned(keys, floor.staff, np.full(count, ADMINISTRATOR))
    columns |= record(keys, published, ADMINISTRATOR, published, ADMINISTRATOR)
    return Draft("knowledgearticle", columns, published)


def knowledgearticleincident(floor: Floor, keys: Keys) -> Draft:
    """Links made by agents and by the suggestion service."""
    rows = floor.links
    columns = {
        "knowledgearticleincidentid": keys.of("knowledgearticleincident", rows.count),
        "_incidentid_value": keys.row("incident", rows["case"]),
        "_knowledgearticleid_value": keys.row("knowledgearticle", rows["article"]),
        "issenttocustomer": flags(rows["sent"]),
        "knowledgeusage": whole(rows["usage"]),
    }
    columns |= _active(rows.count) | keys.owner("ownerid", rows["actor"])
    columns |= record(keys, rows["at"], rows["actor"], rows["at"], rows["actor"])
    return Draft("knowledgearticleincident", columns, rows["at"])


def federated(floor: Floor, keys: Keys) -> list[Draft]:
    """Articles of the outside provider and their links."""
    rows = floor.external_links
    started = np.full(EXTERNAL_ARTICLES, floor.start)
    number = pick(article_numbers(floor.articles), len(floor.articles.root) + rows["article"])
    articles = {
        "msdyn_federatedarticleid": keys.of("msdyn_federatedarticle", EXTERNAL_ARTICLES),
        "msdyn_title": pick(
            [f"Artigo externo {n + 1}" for n in range(EXTERNAL_ARTICLES)], np.arange(EXTERNAL_ARTICLES)
        ),
    }
    articles |= _active(EXTERNAL_ARTICLES) | record(keys, started, ADMINISTRATOR, started, ADMINISTRATOR)
    links = {
        "msdyn_federatedarticleincidentid": keys.of("msdyn_federatedarticleincident", rows.count),
        "msdyn_name": number,
        "msdyn_searchproviderarticleid": number,
        "_msdyn_incidentid_value": keys.row("incident", rows["case"]),
        "_msdyn_federatedarticleid_value": keys.row("msdyn_federatedarticle", rows["article"]),
    }
    links |= _active(rows.count) | record(keys, rows["at"], rows["actor"], rows["at"], rows["actor"])
    return [
        Draft("msdyn_federatedarticle", articles, started),
        Draft("msdyn_federatedarticleincident", links, rows["at"]),
    ]


def _active(count: int) -> dict[str, pa.Array]:
    return {"statecode": same(0, count), "statuscode": same(1, count)}


def _title(family: int) -> str:
    topic = TOPICS[family % len(TOPICS)]
    return f"{topic.title}: {topic.complaints[family % len(topic.complaints)]}"
