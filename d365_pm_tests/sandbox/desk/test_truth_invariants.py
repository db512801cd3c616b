"""What must hold of any event log (event-log reference 9), and that the desk is worth looking at."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from d365_pm.sandbox.desk import Desk, generate
from d365_pm.sandbox.desk.events import Activity

_TEMPLATE = [
    "ServiceRequest", "ActivityName", "EventTime", "SourceSystem", "LastDataUpdate", "Channel",
    "SlaTargetResolutionTime", "StatusReason", "AgentName", "CustomerName", "Priority", "ServiceRequestType",
    "IsFirstContactResolution", "IsRework", "OwnerTeam", "IsEscalated", "KnowledgeArticleId",
    "CustomerSatisfactionScore", "ProductInvolved", "IsSlaBreached", "ServiceRequestCycleTime",
]  # fmt: skip
_OF_EVENTS = {
    "ActivityCode",
    "ActivityName",
    "EventTime",
    "StatusReason",
    "AgentName",
    "OwnerTeam",
    "KnowledgeArticleId",
}


def _cases(truth: pl.DataFrame) -> pl.DataFrame:
    return truth.unique("CaseGuid", keep="first", maintain_order=True)


def _times(truth: pl.DataFrame, activity: str) -> pl.DataFrame:
    return truth.filter(pl.col("ActivityCode") == activity).group_by("CaseGuid").len("times")


def _mean(cases: pl.DataFrame, column: str) -> float:
    return float(cases.select(pl.col(column).cast(pl.Float64).mean()).item())


def test_the_columns_are_two_keys_and_the_template(truth: pl.DataFrame) -> None:
    assert truth.columns == ["CaseGuid", "ActivityCode", *_TEMPLATE]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_thirteen_activities_occur_in_a_thousand_cases(seed: int) -> None:
    desk = generate(cases=1000, seed=seed, end=datetime(2026, 6, 1, 15, tzinfo=UTC))
    log = desk.truth(desk.end, "pt-BR")
    assert set(log["ActivityCode"].to_pylist()) == {activity.code for activity in Activity}
    states = [row["statuscode"] for row in desk.tables["incident"].to_pylist()]
    assert {1, 3, 5, 6, 1000, 2000} <= set(states)


def test_exactly_one_case_created_and_it_comes_first(truth: pl.DataFrame) -> None:
    first = truth.group_by("CaseGuid", maintain_order=True).first()
    assert set(first["ActivityCode"]) == {"case_created"}
    assert truth.filter(pl.col("ActivityCode") == "case_created").height == first.height == 1000


def test_rows_stand_in_order_of_time_within_their_case(truth: pl.DataFrame) -> None:
    backwards = truth.with_columns(gap=pl.col("EventTime").diff().over("CaseGuid")).filter(pl.col("gap") < timedelta(0))
    assert backwards.is_empty()
    created = _cases(truth)["EventTime"]
    assert created.is_sorted()


def test_mandatory_columns_are_filled_and_nothing_lies_in_the_future(desk: Desk, truth: pl.DataFrame) -> None:
    assert truth.select(_TEMPLATE[:5]).null_count().row(0) == (0, 0, 0, 0, 0)
    assert truth.filter(pl.col("EventTime") > desk.end).is_empty()
    assert truth["LastDataUpdate"].unique().to_list() == [desk.end]


def test_case_columns_are_constant_within_a_case(truth: pl.DataFrame) -> None:
    columns = [column for column in _TEMPLATE if column not in _OF_EVENTS]
    assert truth.select("CaseGuid", *columns).unique().height == 1000


def test_cycle_time_runs_from_creation_to_the_last_resolution_of_resolved_cases(
    desk: Desk, truth: pl.DataFrame
) -> None:
    state = {row["incidentid"]: row["statecode"] for row in desk.tables["incident"].to_pylist()}
    last = truth.filter(pl.col("ActivityCode") == "case_resolved").group_by("CaseGuid").agg(pl.col("EventTime").max())
    resolved_at = dict(last.iter_rows())
    for row in _cases(truth).iter_rows(named=True):
        guid, cycle = row["CaseGuid"], row["ServiceRequestCycleTime"]
        if state[guid] == 1:
            assert cycle == int((resolved_at[guid] - row["EventTime"]).total_seconds())
            assert cycle > 0
        else:
            assert cycle is None
            assert row["IsFirstContactResolution"] is None


def test_resolutions_and_reactivations_alternate(truth: pl.DataFrame) -> None:
    ends = {"case_resolved", "case_closed"}
    turns = truth.filter(pl.col("ActivityCode").is_in([*ends, "case_reactivated"]))
    for _, codes in turns.group_by("CaseGuid").agg("ActivityCode").iter_rows():
        assert all((code in ends) == (place % 2 == 0) for place, code in enumerate(codes)), codes


def test_some_resolutions_are_undone_in_their_own_second() -> None:
    desk = generate(cases=4000, seed=8, end=datetime(2026, 6, 1, 15, tzinfo=UTC))
    log = pl.DataFrame(desk.truth(desk.end, "en")).with_row_index()
    turns = log.filter(pl.col("ActivityCode").is_in(["case_resolved", "case_reactivated"]))
    tied = turns.filter(pl.len().over("CaseGuid", "EventTime") > 1)
    assert not tied.is_empty()
    assert tied["ActivityCode"].to_list() == ["case_resolved", "case_reactivated"] * (tied.height // 2)
    assert set(tied.filter(pl.col("ActivityCode") == "case_reactivated")["StatusReason"]) == {"In Progress"}
    assert set(tied.filter(pl.col("ActivityCode") == "case_resolved")["StatusReason"]) <= {
        "Problem Solved", "Information Provided",
    }  # fmt: skip


def test_status_reasons_fit_their_activities(truth: pl.DataFrame) -> None:
    seen = {code: set(part["StatusReason"]) for (code,), part in truth.group_by("ActivityCode")}
    assert seen["case_created"] == {"Em Progresso"}
    assert seen["case_resolved"] == {"Problema Resolvido", "Informação Fornecida"}
    assert seen["information_requested_from_customer"] == {"Aguardando Detalhes"}
    assert seen["case_closed"] == {"Cancelado", "Mesclado"}
    assert seen["case_reactivated"] == {"Em Progresso"}


def test_two_timers_at_most_per_case_however_often_it_pauses(truth: pl.DataFrame) -> None:
    assert set(_times(truth, "sla_timer_started")["times"]) == {2}


def test_articles_stand_on_investigations_and_on_proposals_that_carry_one(truth: pl.DataFrame) -> None:
    with_article = truth.filter(pl.col("KnowledgeArticleId").is_not_null())
    assert set(with_article["ActivityCode"]) == {"agent_investigated_issue", "solution_proposed_to_customer"}
    investigated = truth.filter(pl.col("ActivityCode") == "agent_investigated_issue")
    assert investigated["KnowledgeArticleId"].null_count() == 0
    assert investigated["KnowledgeArticleId"].str.contains(r"^(KA-\d{5}|EXT-\d{4})$").all()


def test_first_contact_resolution_needs_a_week_to_be_true(desk: Desk) -> None:
    young, old = (_cases(pl.DataFrame(desk.truth(desk.end + timedelta(days=days), "en"))) for days in (0, 7))
    both = young.join(old, on="CaseGuid", suffix="_old")
    ripened = both.filter(
        pl.col("IsFirstContactResolution").is_null() & pl.col("IsFirstContactResolution_old").is_not_null()
    )
    assert ripened.height > 0
    assert ripened["IsFirstContactResolution_old"].all()
    fell = both.filter(pl.col("IsFirstContactResolution") & ~pl.col("IsFirstContactResolution_old"))
    assert fell.is_empty()


def test_running_clocks_break_their_promise_when_the_log_is_read_later(desk: Desk) -> None:
    now, later = (_cases(pl.DataFrame(desk.truth(desk.end + timedelta(days=d), "en"))) for d in (0, 60))
    both = now.join(later, on="CaseGuid", suffix="_later")
    changed = both.filter(pl.col("IsSlaBreached").is_null() & pl.col("IsSlaBreached_later").is_not_null())
    assert changed.height > 0
    assert changed["IsSlaBreached_later"].all()
    known = both.filter(pl.col("IsSlaBreached").is_not_null())
    assert (known["IsSlaBreached"] == known["IsSlaBreached_later"]).all()


def test_the_language_changes_labels_only(desk: Desk, truth: pl.DataFrame) -> None:
    english = pl.DataFrame(desk.truth(desk.end, "en"))
    labels = {"ActivityName", "StatusReason", "Channel", "Priority", "AgentName"}
    same = [column for column in truth.columns if column not in labels]
    assert truth.select(same).equals(english.select(same))
    pairs = truth.select("AgentName").with_columns(english=english["AgentName"]).unique()
    assert pairs.filter(pl.col("AgentName") != pl.col("english")).rows() == [("Sistema", "System")]
    assert set(english["Priority"]) == {"High", "Normal", "Low"}
    assert set(truth["Priority"]) == {"Alto", "Normal", "Baixo"}


def test_an_earlier_look_hides_later_events(desk: Desk, truth: pl.DataFrame) -> None:
    earlier = desk.end - timedelta(days=10)
    log = pl.DataFrame(desk.truth(earlier, "pt-BR"))
    assert log.height == truth.filter(pl.col("EventTime") <= earlier).height
    assert log["LastDataUpdate"].unique().to_list() == [earlier]


def test_the_desk_is_lifelike(truth: pl.DataFrame) -> None:
    cases = _cases(truth)
    assert 9 <= truth.height / cases.height <= 13
    assert 0.15 <= _mean(cases, "IsFirstContactResolution") <= 0.6
    assert 0.08 <= _mean(cases, "IsRework") <= 0.4
    assert 0.03 <= _mean(cases, "IsSlaBreached") <= 0.35
    assert 3.3 <= _mean(cases, "CustomerSatisfactionScore") <= 4.7
    assert 0.05 <= _mean(cases, "IsEscalated") <= 0.25
    ties = truth.group_by("CaseGuid", "EventTime").len().filter(pl.col("len") > 1)
    assert ties.height > cases.height


def test_people_work_in_office_hours_only(truth: pl.DataFrame) -> None:
    local = truth.filter(pl.col("AgentName") != "Sistema", pl.col("ActivityCode") == "queue_item_picked_by_agent")[
        "EventTime"
    ].dt.convert_time_zone("America/Sao_Paulo")
    assert local.dt.hour().is_between(8, 18).all()
    assert (local.dt.weekday() < 7).all()
