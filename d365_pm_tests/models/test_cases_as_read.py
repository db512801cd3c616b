"""Cases, articles and kept cases as they are read (reference: tables 4, event-log semantics 2.10, 2.17, 4.3)."""

from typing import Any

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at

KEEP = {"switches": [{"key": "keep_deleted", "is_on": "true"}]}
FLAGS: dict[str, tuple[dict[str, Any], tuple[bool, bool, bool]]] = {
    "plain": ({}, (False, False, False)),
    "numbered by an import": ({"importsequencenumber": 1}, (True, False, False)),
    "dated by an import": ({"overriddencreatedon": "11:00"}, (True, False, False)),
    "escalated": ({"isescalated": True}, (False, True, False)),
    "flag not told": ({"isescalated": None}, (False, False, False)),
    "with a link": ({"msdyn_casesurveyinviteurl": "https://survey.example"}, (False, False, True)),
    "with a blank link": ({"msdyn_casesurveyinviteurl": "  "}, (False, False, False)),
}
"""What is special about a case; whether it was imported, is escalated and has a link to a survey."""


def test_a_case_is_read_with_what_its_row_implies() -> None:
    desk = Desk()
    for case, (columns, _) in FLAGS.items():
        desk.case(case, **columns)
    rows = desk.run.rows_of("staging.incident")
    columns = ("is_imported", "is_escalated", "has_survey_link")
    assert {row["case_id"]: tuple(row[column] for column in columns) for row in rows} == {
        case: flags for case, (_, flags) in FLAGS.items()
    }
    assert sorted(rows.only("case_key")) == list(range(1, len(FLAGS) + 1))


def test_a_deleted_case_is_read_where_it_is_kept_and_one_without_a_key_never() -> None:
    for seeds, wanted in ((None, ["living"]), (KEEP, ["kept", "living"])):
        desk = Desk(seeds=seeds)
        for case in ("living", "kept", "broken"):
            desk.case(case)
        desk.delete("kept", noticed="19 00:00")
        desk.rows["incident"]["broken"]["incidentid"] = "no guid"
        rows = desk.run.rows_of("staging.incident")
        assert sorted(rows.only("case_id")) == wanted
        assert rows.where(case_id="kept").only("deleted_at") == [at("19 00:00")] * (len(wanted) - 1)
        assert desk.run.rows_of("staging.kept_case").only("case_id") == (["kept"] if seeds else [])


def test_an_article_without_a_root_is_its_own() -> None:
    desk = Desk()
    desk.row("knowledgearticle", "translation", articlepublicnumber="KA-01337", title="x", rootarticleid="article")
    desk.row("knowledgearticle", "rootless", articlepublicnumber="KA-1", title="y")
    rows = desk.run.rows_of("staging.knowledgearticle")
    assert dict(rows.only("article_id", "root_article_id")) == {
        "article": "article",
        "other_article": "other_article",
        "translation": "article",
        "rootless": "rootless",
    }
