"""Articles that are found for a case.

Belongs here: links between cases and articles, and which of them say that somebody looked into the matter. Does not
belong here: the articles (`catalogue.py`). A family linked twice without a reactivation in between is found once.
"""

import numpy as np

from d365_pm.sandbox.desk.catalogue import HUMAN_ROOTS, ROOTS
from d365_pm.sandbox.desk.codes import Status, Usage
from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import IntArray
from d365_pm.sandbox.desk.people import AUTOMATION

EXTERNAL_ARTICLES = 25


def investigate(floor: Floor, who: IntArray) -> None:
    """Look for articles and link one or two; some set the case to Researching meanwhile."""
    researching = floor.chance(who, 0.3)
    research(floor, who[researching])
    who, at = floor.reach(who, floor.later(who, floor.office, 18))
    link(floor, who, at, _any_family(floor, who))
    again = who[floor.chance(who, 0.3)]
    again, at = floor.reach(again, floor.later(again, floor.office, 6))
    families = np.where(floor.chance(again, 0.35), _linked_family(floor, again), _any_family(floor, again))
    link(floor, again, at, families)
    back = who[floor.cases["statuscode"][who] == Status.RESEARCHING]
    back, at = floor.reach(back, floor.later(back, floor.office, 8))
    floor.cases.change(back, at, floor.agent[back], statuscode=Status.IN_PROGRESS)


def research(floor: Floor, who: IntArray) -> None:
    """Say that the case is being looked into."""
    who, at = floor.reach(who, floor.later(who, floor.office, 5))
    floor.cases.change(who, at, floor.agent[who], statuscode=Status.RESEARCHING)


def link(floor: Floor, who: IntArray, at: IntArray, family: IntArray, *, is_sent: bool = False) -> IntArray:
    """The agent links an article; note it unless its family is linked already.

    Returns:
        The linked versions.
    """
    article = floor.articles.version(family, floor.random)
    actor = floor.agent[who]
    usage = np.where(is_sent | floor.chance(who, 0.3), Usage.SOLUTION, Usage.REFERENCE)
    floor.links.add(len(who), case=who, article=article, at=at, actor=actor, usage=usage, sent=int(is_sent))
    bit = np.left_shift(1, family)
    is_new = (floor.linked[who] & bit) == 0
    floor.linked[who] |= bit
    floor.note(Activity.AGENT_INVESTIGATED_ISSUE, who[is_new], at[is_new], actor[is_new], article=article[is_new])
    return article


def suggest(floor: Floor, who: IntArray) -> None:
    """The suggestion service links an article by itself; nobody investigated anything."""
    who, at = floor.reach(who, floor.later(who, floor.waking, 3))
    family = HUMAN_ROOTS + floor.random.integers(ROOTS - HUMAN_ROOTS, size=len(who))
    article = floor.articles.version(family, floor.random)
    floor.links.add(len(who), case=who, article=article, at=at, actor=AUTOMATION, usage=Usage.REFERENCE, sent=0)


def search_outside(floor: Floor, who: IntArray) -> None:
    """The agent links an article of an outside search provider; once per case, so that none is linked twice."""
    who = np.setdiff1d(who, floor.external_links["case"])
    who, at = floor.reach(who, floor.later(who, floor.office, 15))
    article = floor.random.integers(EXTERNAL_ARTICLES, size=len(who))
    floor.external_links.add(len(who), case=who, article=article, at=at, actor=floor.agent[who])
    number = len(floor.articles.root) + article
    floor.note(Activity.AGENT_INVESTIGATED_ISSUE, who, at, floor.agent[who], article=number)


def fresh_family(floor: Floor, who: IntArray) -> IntArray:
    """A family that is not linked in this episode yet; after that many tries the last one drawn."""
    family = _any_family(floor, who)
    for _ in range(8):
        known = (floor.linked[who] >> family) & 1 == 1
        family = np.where(known, _any_family(floor, who), family)
    return family


def _any_family(floor: Floor, who: IntArray) -> IntArray:
    return (HUMAN_ROOTS * floor.random.random(len(who)) ** 1.5).astype(np.int64)


def _linked_family(floor: Floor, who: IntArray) -> IntArray:
    """The first family that is linked already."""
    linked = floor.linked[who]
    lowest = linked & -linked
    return np.where(linked == 0, 0, np.log2(np.maximum(lowest, 1)).astype(np.int64))
