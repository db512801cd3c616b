"""KnowledgeArticleId and CustomerSatisfactionScore (reference: event-log semantics 2.17, 2.18)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import Story, story


def score(desk: Desk) -> object:
    return desk.run.cases().one(CaseGuid="c1")["CustomerSatisfactionScore"]


@story
def test_an_investigation_names_the_public_number_of_its_article(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40")
    yield
    assert desk.run.events().only("ActivityCode", "KnowledgeArticleId") == [
        ("case_created", None),
        ("agent_investigated_issue", "KA-01337"),
    ]


@story
def test_a_proposal_names_the_article_that_its_email_carried(desk: Desk) -> Story:
    desk.case()
    desk.link_article("11:00", issenttocustomer=True, knowledgeusage=2)
    mail = desk.email_out("11:05")
    desk.resolve("12:00")
    yield
    proposed = desk.run.events().one(ActivityCode="solution_proposed_to_customer")
    assert (proposed["Rule"], proposed["SourceRowId"]) == ("SP3", mail)
    assert (proposed["KnowledgeArticleId"], proposed["KnowledgeUsage"], proposed["SentToCustomer"]) == (
        "KA-01337",
        2,
        True,
    )


@story
def test_the_log_names_the_article_on_the_row_of_the_investigation_only(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40")
    desk.resolve("12:00")
    yield
    assert desk.run.log().only("KnowledgeArticleId") == [None, "KA-01337", None]


@story
def test_the_case_lists_its_articles_in_the_order_of_their_first_links(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40", article="other_article")
    desk.link_article("10:50", article="article")
    desk.link_article("11:00", article="other_article")
    yield
    assert desk.run.cases().one()["KnowledgeArticleIds"] == "KA-02048|KA-01337"


@story
def test_a_case_without_links_lists_no_articles(desk: Desk) -> Story:
    desk.case()
    yield
    assert desk.run.cases().one()["KnowledgeArticleIds"] is None


@story
def test_the_score_is_the_satisfaction_metric_of_the_response(desk: Desk) -> Story:
    desk.case()
    desk.respond("13:00", ("nps", "promoter", 9.0), ("csat", 4, 4.0))
    yield
    assert score(desk) == 4


@pytest.mark.parametrize(("value", "rounded"), [(2.5, 3), (3.5, 4), (4.5, 5), (4.49, 4), (1.0, 1)], ids=str)
@story
def test_half_a_point_is_rounded_up_and_the_raw_value_kept(desk: Desk, value: float, rounded: int) -> Story:
    desk.case()
    desk.respond("13:00", ("csat", value, value))
    yield
    case = desk.run.cases().one()
    assert (case["CustomerSatisfactionScore"], float(case["CsatRaw"])) == (rounded, value)


@story
def test_the_last_of_several_responses_counts(desk: Desk) -> Story:
    desk.case()
    desk.respond("14:00", ("csat", 2, 2.0))
    desk.respond("13:00", ("csat", 5, 5.0))
    yield
    assert score(desk) == 2


@story
def test_a_recommendation_is_no_satisfaction(desk: Desk) -> Story:
    desk.case()
    desk.respond("13:00", ("nps", "promoter", 9.0))
    yield
    assert score(desk) is None


@story
def test_a_response_of_another_case_is_not_its_score(desk: Desk) -> Story:
    desk.case("c1")
    desk.case("c2")
    desk.respond("13:00", ("csat", 5, 5.0), case="c2")
    yield
    assert score(desk) is None


@story
def test_a_response_after_a_reactivation_still_counts(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.respond("14:00", ("csat", 3, 3.0))
    yield
    assert score(desk) == 3


@pytest.mark.parametrize("text", ["", "[]", "no json", '[{"type": "csat"}]', "null"])
@story
def test_a_response_without_a_readable_metric_has_no_score(desk: Desk, text: str) -> Story:
    desk.case()
    name = desk.respond("13:00")
    desk.update(name, msfp_satisfactionmetricvalue=text)
    yield
    assert score(desk) is None


@story
def test_a_survey_comes_before_what_an_agent_entered(desk: Desk) -> Story:
    desk.case(customersatisfactioncode=1)
    desk.respond("13:00", ("csat", 5, 5.0))
    yield
    case = desk.run.cases().one()
    assert (case["CustomerSatisfactionScore"], case["CsatSource"]) == (5, "customer_voice")


@story
def test_without_a_survey_what_an_agent_entered_is_marked_as_such(desk: Desk) -> Story:
    desk.case(customersatisfactioncode=2)
    yield
    case = desk.run.cases().one()
    assert case["CustomerSatisfactionScore"] == 2
    assert case["CsatSource"] not in (None, "customer_voice")
