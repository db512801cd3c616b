"""What the odd rows decided, each in one small case whose answer the semantics give."""

from d365_pm_tests.models.desk import Desk


def times(rows):
    return [row["event_time"] for row in rows]


def escalate_again(desk, *moments):
    """Flag the case at each moment; the flag is taken back in between."""
    for number, moment in enumerate(moments):
        if number:
            desk.change("c1", moment, isescalated=(True, False))
        desk.change("c1", f"{moment}:30", isescalated=(False, True))


def test_signs_join_the_escalation_that_the_first_of_them_opened():
    """3.4: one escalation lies within ten minutes; eight and again eight minutes are sixteen."""
    desk = Desk()
    desk.case()
    escalate_again(desk, "10:00", "10:08", "10:16", "10:24")

    assert times(desk.run.activity("case_escalated")) == ["2024-03-04T10:00:30Z", "2024-03-04T10:16:30Z"]


def test_the_tenth_minute_still_belongs_to_the_escalation():
    """3.4: within ten minutes, the tenth included."""
    desk = Desk()
    desk.case()
    escalate_again(desk, "10:00", "10:10")

    assert times(desk.run.activity("case_escalated")) == ["2024-03-04T10:00:30Z"]


def test_a_category_that_was_empty_for_a_moment_was_a_correction():
    """3.9: A to B to A within a minute by one user is dropped, and B may be empty."""
    desk = Desk()
    desk.case(subjectid="network")
    desk.change("c1", "10:30", subjectid=("network", None))
    desk.change("c1", "10:30:50", subjectid=(None, "network"))

    assert desk.run.activity("case_categorization_changed") == []


def test_a_category_that_somebody_else_filled_again_was_cleared():
    """3.9: the correction is by the same user."""
    desk = Desk()
    desk.case(subjectid="network")
    desk.change("c1", "10:30", subjectid=("network", None))
    desk.change("c1", "10:30:50", by="bob", subjectid=(None, "network"))

    assert desk.run.activity("case_categorization_changed").only("kind") == ["cleared"]


def test_an_article_whose_row_is_gone_has_no_number():
    """2.17: the public number, and nothing in its place."""
    desk = Desk()
    desk.case()
    desk.row("knowledgearticle", "nameless", title="Router")
    desk.link_article("10:30", article="nameless")
    desk.link_article("10:20")
    numbers = [row["KnowledgeArticleId"] for row in desk.run.events() if row["Rule"] == "I1"]
    case = desk.run.cases().one()

    assert numbers == ["KA-01337", None]
    assert (case["KnowledgeArticleIds"], case["SolutionKnowledgeArticleId"]) == ("KA-01337", "KA-01337")
