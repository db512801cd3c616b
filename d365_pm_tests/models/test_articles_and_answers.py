"""Article links, the articles of a case and what its customer answered, row by row (reference: 2.17, 2.18, 3.7)."""

import json
from typing import Any

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.test_agent_investigated_issue import associate, association

NOTICED = "19 00:00"
KEEP = {"switches": [{"key": "keep_deleted", "is_on": "true"}]}
LINK = ("link_id", "case_id", "linked_at", "linked_by_id", "article_id", "family", "public_number", "usage_code")


def federate(desk: Desk, name: str, case: str = "c1", **columns: Any) -> str:
    """A link to an article of an external search provider."""
    written = {"msdyn_incidentid": case, "createdon": "11:00", "modifiedon": "11:00", "createdby": "bob"}
    return desk.row("msdyn_federatedarticleincident", name, **(written | columns))


def test_links_of_both_kinds_are_read_in_one_form() -> None:
    desk = Desk()
    desk.row("knowledgearticle", "translation", articlepublicnumber="KA-01337", rootarticleid="article")
    desk.row("knowledgearticle", "rootless", articlepublicnumber="KA-1")
    desk.case()
    links = [
        desk.link_article("11:00", by="bob", article="translation", knowledgeusage=2, issenttocustomer=True),
        desk.link_article("11:00", article="rootless", knowledgeusage=None, issenttocustomer=None),
        desk.link_article("11:00", article=("knowledgearticle", "gone"), issenttocustomer=False),
    ]
    federate(
        desk, "own id", msdyn_federatedarticleid=("msdyn_federatedarticle", "f"), msdyn_searchproviderarticleid="x"
    )
    federate(desk, "theirs", msdyn_searchproviderarticleid="ext-1")
    own, foreign = "knowledgearticleincident", "msdyn_federatedarticleincident"
    rows = desk.run.rows_of("staging.knowledge_link").only("source_table", *LINK, "is_sent_to_customer")
    assert sorted(rows, key=str) == sorted(
        [
            (own, links[0], "c1", at("11:00"), "bob", "translation", "article", "KA-01337", 2, True),
            (own, links[1], "c1", at("11:00"), "alice", "rootless", "rootless", "KA-1", None, False),
            (own, links[2], "c1", at("11:00"), "alice", "gone", "gone", None, 1, False),
            (foreign, "own id", "c1", at("11:00"), "bob", "f", "f", "x", None, False),
            (foreign, "theirs", "c1", at("11:00"), "bob", None, "ext-1", "ext-1", None, False),
        ],
        key=str,
    )


def test_an_article_went_out_in_an_email_near_its_link_or_in_none() -> None:
    desk = Desk()
    mails = {"near": "12:10:00", "too late": "12:10:01", "too early": "11:49:59", "here": "12:00", "draft": "12:00"}
    for case, when in mails.items():
        desk.case(case)
        desk.email_out(when, case, statuscode=1 if case == "draft" else 3)
    desk.case("silent")
    links = {case: desk.link_article("12:00", case, issenttocustomer=case != "here") for case in (*mails, "silent")}
    assert desk.run.rows_of("staging.article_email") == [{"link_id": links["near"], "email_id": "email 1"}]


def test_deleted_links_stay_with_kept_cases_only_and_broken_keys_are_left_out() -> None:
    desk = Desk(seeds=KEEP)
    for case in ("living", "kept"):
        desk.case(case)
        for name in (desk.link_article("11:00", case), federate(desk, f"federated of {case}", case)):
            desk.delete(name, noticed=NOTICED)
    desk.delete("kept", noticed=NOTICED)
    for table, name in (
        ("knowledgearticleincident", desk.link_article("11:00", "living")),
        ("msdyn_federatedarticleincident", federate(desk, "broken", "living")),
    ):
        desk.rows[table][name][f"{table}id"] = "no guid"
    assert sorted(desk.run.rows_of("staging.knowledge_link").only("link_id")) == ["federated of kept", "link 2"]


def test_associations_of_the_old_kind_name_actor_and_article() -> None:
    desk = Desk()
    desk.case()
    own, other = desk.guid("c1"), desk.guid("external article")
    associate(desk, "10:40", callinguserid="robot")
    associate(desk, "10:41", by=("externalparty", "portal"))
    associate(desk, "10:42", by=(None, "bob"))
    associate(desk, "10:43", changedata=association(other).upper())
    associate(desk, "10:44", changedata=json.dumps({"from": own, "knowledgebaserecord": other}))
    associate(desk, "10:45", changedata=json.dumps({"knowledgebaserecord": "lost"}))
    associate(desk, "10:46", objecttypecode="account")
    associate(desk, "10:47", action=34)
    associate(desk, "10:48", changedata=json.dumps({"account": other}))
    for moment, column in (("10:49", "auditid"), ("10:50", "_objectid_value")):
        desk.rows["audit"][associate(desk, moment)][column] = "no guid"
    columns = ("audit_id", "case_id", "linked_at", "actor_id", "acted_through_id", "article_id")
    assert sorted(desk.run.rows_of("staging.knowledge_association").only(*columns)) == [
        ("association 10:40", "c1", at("10:40"), "bob", "robot", "external article"),
        ("association 10:41", "c1", at("10:41"), None, None, "external article"),
        ("association 10:42", "c1", at("10:42"), "bob", None, "external article"),
        ("association 10:43", "c1", at("10:43"), "bob", None, "external article"),
        ("association 10:44", "c1", at("10:44"), "bob", None, "external article"),
        ("association 10:45", "c1", at("10:45"), "bob", None, None),
    ]


Links = list[tuple[str, str, int | None]]
ARTICLES: dict[str, tuple[Links, list[str], tuple[str, int, str | None]]] = {
    "in the order of their first links": (
        [("11:00", "B", 1), ("11:10", "A", 1), ("11:20", "B", 1)],
        [],
        ("B|A", 2, "B"),
    ),
    "of one second": ([("11:00", "B", 1), ("11:00", "A", 1)], [], ("A|B", 2, None)),
    "a solution before the last": ([("11:00", "A", 2), ("11:10", "B", 1)], [], ("A|B", 2, "A")),
    "the last solution": ([("11:00", "A", 2), ("11:10", "B", 2), ("11:20", "C", 3)], [], ("A|B|C", 3, "B")),
    "of no known use": ([("11:00", "A", 1), ("11:10", "B", None)], [], ("A|B", 2, "B")),
    "an unknown use is no solution": ([("11:00", "A", None), ("11:10", "B", 1)], [], ("A|B", 2, "B")),
    "before the resolution": ([("11:00", "A", 1), ("12:00:01", "B", 1)], ["12:00"], ("A|B", 2, "A")),
    "with the resolution": ([("11:00", "A", 1), ("12:00:00", "B", 1)], ["12:00"], ("A|B", 2, "B")),
    "before the last resolution": ([("11:00", "A", 1), ("13:30", "B", 1)], ["12:00", "14:00"], ("A|B", 2, "B")),
    "after the resolution": ([("13:00", "A", 1)], ["12:00"], ("A", 1, None)),
    "a solution after the resolution": ([("11:00", "A", 1), ("13:00", "B", 2)], ["12:00"], ("A|B", 2, "B")),
    "at the as-of and after it": ([("20 00:00:00", "A", 1), ("20 00:00:01", "B", 2)], [], ("A", 1, "A")),
    "without a number": ([("11:00", "A", 1), ("11:10", "nameless", 2)], [], ("A", 1, "A")),
}
"""Links (moment, article, use) and resolutions of a case; its articles, how many, and the one that counts."""


def test_a_case_lists_its_articles_and_names_one() -> None:
    desk = Desk(as_of="20 00:00")
    for number in "ABC":
        desk.row("knowledgearticle", number, articlepublicnumber=number, rootarticleid=number)
    desk.row("knowledgearticle", "nameless", title="Router")
    for case, (links, resolutions, _) in ARTICLES.items():
        desk.case(case)
        made = [desk.link_article(moment, case, article=name, knowledgeusage=use) for moment, name, use in links]
        if case == "of one second":
            last = max(made, key=desk.guid)
            expected = links[made.index(last)][1]
        for number, moment in enumerate(resolutions):
            if number:
                desk.reactivate("13:00", case)
            desk.resolve(moment, case)
    desk.case("nameless only")
    desk.link_article("11:00", "nameless only", article="nameless")
    rows = desk.run.rows_of("staging.case_articles")
    found = {row["case_id"]: (row["public_numbers"], row["articles"], row["decisive_number"]) for row in rows}
    wanted = {case: answer for case, (_, _, answer) in ARTICLES.items()}
    assert found == wanted | {"of one second": ("A|B", 2, expected)}


Response = tuple[str, list[tuple[str, Any, Any]]]
ANSWERS: dict[str, tuple[list[Response], tuple[int, str, str, int, int]]] = {
    "once": ([("13:00", [("csat", "4", None)])], (4, "4.0000", "13:00", 4, 1)),
    "twice": ([("13:00", [("csat", 5, 5)]), ("14:00", [("csat", 2, 2.4)])], (2, "2.4000", "14:00", 5, 2)),
    "first half": ([("13:00", [("csat", 2, 2.5)]), ("14:00", [("csat", 1, 1)])], (1, "1.0000", "14:00", 3, 2)),
    "exactly": ([("13:00", [("csat", 4, 3.5)])], (4, "3.5000", "13:00", 4, 1)),
    "just below": ([("13:00", [("csat", 3, 3.49)])], (3, "3.4900", "13:00", 3, 1)),
    "in capitals": ([("13:00", [("CSAT", 4, 4)])], (4, "4.0000", "13:00", 4, 1)),
    "also nps": ([("13:00", [("nps", 3, 3), ("csat", 4, 4)])], (4, "4.0000", "13:00", 4, 1)),
    "two of a kind": ([("13:00", [("csat", 4, 4), ("csat", 2, 2)])], (4, "4.0000", "13:00", 2, 2)),
    "least": ([("13:00", [("csat", 1, 1)]), ("14:00", [("csat", 0, 0.9)])], (1, "1.0000", "13:00", 1, 1)),
    "most": ([("13:00", [("csat", 5, 5)]), ("14:00", [("csat", 6, 5.1)])], (5, "5.0000", "13:00", 5, 1)),
    "unreadable": ([("13:00", [("csat", 4, 4)]), ("14:00", [("csat", "x", "y")])], (4, "4.0000", "13:00", 4, 1)),
    "at the as-of": (
        [("20 00:00:00", [("csat", 4, 4)]), ("20 00:00:01", [("csat", 1, 1)])],
        (4, "4.0000", "20 00:00", 4, 1),
    ),
}
"""Responses of a case; its score, that as it was given, its moment, the first score and their number."""


def test_the_last_response_with_a_score_counts() -> None:
    desk = Desk(as_of="20 00:00")
    for case, (responses, _) in ANSWERS.items():
        desk.case(case)
        for moment, metrics in responses:
            desk.respond(moment, *metrics, case=case)
    desk.case("not about satisfaction")
    desk.respond("13:00", ("nps", 3, 3), case="not about satisfaction")
    columns = ("score", "raw_score", "responded_at", "first_score", "responses")
    rows = desk.run.rows_of("staging.case_satisfaction")
    found = {row["case_id"]: tuple(str(row[column]) for column in columns) for row in rows}
    assert found == {
        case: (str(score), raw, at(moment), str(first), str(responses))
        for case, (_, (score, raw, moment, first, responses)) in ANSWERS.items()
    }


def test_of_two_responses_of_one_second_the_one_that_sorts_last_is_the_last() -> None:
    desk = Desk()
    desk.case()
    names = {desk.respond("13:00", ("csat", score, score)): score for score in (2, 4, 3, 5)}
    case = desk.run.rows_of("staging.case_satisfaction").one()
    last, first = max(names, key=desk.guid), min(names, key=desk.guid)
    assert (case["score"], case["first_score"], case["responses"]) == (names[last], names[first], 4)


def test_a_response_belongs_to_its_case_or_to_that_of_its_invitation() -> None:
    desk = Desk(seeds=KEEP)
    for case in ("about it", "invited", "kept", "living"):
        desk.case(case)
    invited = desk.invite("12:00", "invited")
    other = desk.invite("12:00", "living")
    answer = ("csat", 4, 4)
    desk.respond("13:00", answer, case="about it", msfp_surveyinviteid=invited)
    desk.respond("13:00", answer, case="jane", msfp_surveyinviteid=invited)
    desk.respond("13:00", answer, case="jane")
    for case in ("kept", "living"):
        desk.delete(desk.respond("13:00", answer, case=case, msfp_surveyinviteid=other), noticed=NOTICED)
    desk.delete("kept", noticed=NOTICED)
    found = desk.run.rows_of("staging.case_satisfaction").where(score=4).only("case_id")
    assert sorted(name for name in found if name) == ["about it", "invited", "kept"]
