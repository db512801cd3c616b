"""Attributes of the truth against the rows, by plain readings of the reference's section 2."""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from d365_pm.sandbox.desk import Desk
from d365_pm_tests.sandbox.desk.change import Change

_STATUS = {
    "1": "Em Progresso", "2": "Em Espera", "3": "Aguardando Detalhes", "4": "Pesquisando", "5": "Problema Resolvido",
    "1000": "Informação Fornecida", "6": "Cancelado", "2000": "Mesclado",
}  # fmt: skip
_CHANNEL = {
    "1": "Telefone", "2": "Email", "3": "Web", "2483": "Facebook", "3986": "Twitter", "700610000": "IoT",
}  # fmt: skip

History = dict[str, list[tuple[datetime, str | None]]]


def _history(recorded: list[Change], column: str, born: dict[str, datetime]) -> History:
    """Values of a case column from its birth on."""
    found: History = defaultdict(list)
    for change in sorted((c for c in recorded if (c.table, c.column) == ("incident", column)), key=lambda c: c.at):
        found[change.record].append((born[change.record] if change.operation == 1 else change.at, change.new))
    return found


def _born(desk: Desk) -> dict[str, datetime]:
    rows = desk.tables["incident"].to_pylist()
    return {row["incidentid"]: row["createdon"] for row in rows}


def _cases(truth: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["CaseGuid"]: row for row in truth.unique("CaseGuid").iter_rows(named=True)}


def test_status_reason_is_the_one_in_force(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    history = _history(recorded, "statuscode", _born(desk))
    for row in truth.iter_rows(named=True):
        values = history[row["CaseGuid"]]
        if row["ActivityCode"] not in {"case_resolved", "case_reactivated"}:
            current = [value for at, value in values if at <= row["EventTime"]][-1]
            assert row["StatusReason"] == _STATUS[str(current)], row


def test_owner_team_owns_or_owned_just_before(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    history = _history(recorded, "ownerid", _born(desk))
    teams = {f"team,{row['teamid']}": row["name"] for row in desk.tables["team"].to_pylist()}
    for row in truth.iter_rows(named=True):
        owners = [value for at, value in history[row["CaseGuid"]] if at <= row["EventTime"]]
        before = teams.get(str(owners[-2])) if len(owners) > 1 else None
        assert row["OwnerTeam"] == teams.get(str(owners[-1]), before), row


def test_channel_is_the_one_of_the_birth(desk: Desk, truth: pl.DataFrame, recorded: list[Change]) -> None:
    history = _history(recorded, "caseorigincode", _born(desk))
    for guid, case in _cases(truth).items():
        assert case["Channel"] == _CHANNEL[str(history[guid][0][1])]
    assert any(len(values) > 1 for values in history.values())


def test_satisfaction_is_the_last_answer_rounded_half_up(desk: Desk, truth: pl.DataFrame) -> None:
    expected: dict[str, int] = {}
    for row in sorted(desk.tables["msfp_surveyresponse"].to_pylist(), key=lambda r: r["createdon"]):
        metrics = {metric["type"]: metric for metric in json.loads(row["msfp_satisfactionmetricvalue"])}
        expected[row["_regardingobjectid_value"]] = int(metrics["csat"]["decimalvalue"] + 0.5)
    assert {g: c["CustomerSatisfactionScore"] for g, c in _cases(truth).items() if c["CustomerSatisfactionScore"]} == (
        expected
    )


def test_present_values_of_the_case(desk: Desk, truth: pl.DataFrame) -> None:
    names = {row["accountid"]: row["name"] for row in desk.tables["account"].to_pylist()}
    names |= {row["contactid"]: row["fullname"] for row in desk.tables["contact"].to_pylist()}
    subjects = {row["subjectid"]: row["title"] for row in desk.tables["subject"].to_pylist()}
    products = {row["productid"]: row["name"] for row in desk.tables["product"].to_pylist()}
    told = _cases(truth)
    for row in desk.tables["incident"].to_pylist():
        case = told[row["incidentid"]]
        assert case["ServiceRequest"] == row["ticketnumber"]
        assert case["CustomerName"] == names[row["_customerid_value"]]
        assert case["ServiceRequestType"] == subjects.get(row["_subjectid_value"])
        assert case["ProductInvolved"] == products.get(row["_productid_value"])
        assert case["Priority"] == {1: "Alto", 2: "Normal", 3: "Baixo"}[row["prioritycode"]]


def test_target_and_breach_follow_the_newest_resolution_clock(desk: Desk, truth: pl.DataFrame) -> None:
    minutes = {row["slaitemid"]: row["failureafter"] for row in desk.tables["slaitem"].to_pylist()}
    clocks = {row["slakpiinstanceid"]: row for row in desk.tables["slakpiinstance"].to_pylist()}
    told = _cases(truth)
    for row in desk.tables["incident"].to_pylist():
        case, clock = told[row["incidentid"]], clocks.get(row["_resolvebykpiid_value"])
        if clock is None:
            assert case["SlaTargetResolutionTime"] is None
            assert case["IsSlaBreached"] is None
            continue
        assert case["SlaTargetResolutionTime"] == minutes[clock["_msdyn_slaitemid_value"]] * 60
        verdict = {1: True, 4: False}.get(clock["status"])
        if clock["status"] in {0, 2} and clock["failuretime"] < desk.end:
            verdict = True
        if clock["status"] == 5 and row["deactivatedon"] == clock["terminalstatetime"] and row["statecode"] == 1:
            verdict = False
        assert case["IsSlaBreached"] == verdict, clock
    assert {clock["status"] for clock in clocks.values()} >= {0, 1, 3, 4, 5}


def test_clocks_succeed_before_their_deadline_and_fail_at_it(desk: Desk) -> None:
    for clock in desk.tables["slakpiinstance"].to_pylist():
        if clock["status"] == 4:
            assert clock["succeededon"] <= clock["failuretime"]
        if clock["status"] == 1:
            assert clock["terminalstatetime"] == max(clock["failuretime"], clock["createdon"])


def test_first_contact_resolution(desk: Desk, truth: pl.DataFrame) -> None:
    told, contacts = _cases(truth), _contacts(desk)
    counts = truth.group_by("CaseGuid").agg(pl.col("ActivityCode").value_counts())
    times = {guid: {each["ActivityCode"]: each["count"] for each in codes} for guid, codes in counts.iter_rows()}
    checked = set()
    for row in desk.tables["incident"].to_pylist():
        guid, case = row["incidentid"], told[row["incidentid"]]
        if row["statecode"] != 1:
            continue
        window = row["createdon"] + timedelta(minutes=10), row["deactivatedon"]
        fails = (
            times[guid]["case_resolved"] > 1
            or "case_reactivated" in times[guid]
            or "information_requested_from_customer" in times[guid]
            or any(window[0] < at <= window[1] for at in contacts[guid])
            or case["IsEscalated"]
            or case["ServiceRequestCycleTime"] > 86_400
        )
        ripe = desk.end - row["deactivatedon"] >= timedelta(days=7)
        expected = False if fails else True if ripe else None
        assert case["IsFirstContactResolution"] is expected, guid
        checked.add(expected)
    assert checked == {True, False, None}


def test_rework_includes_cases_that_come_back_to_an_owner(
    desk: Desk, truth: pl.DataFrame, recorded: list[Change]
) -> None:
    owners = _history(recorded, "ownerid", _born(desk))
    systems = {
        f"systemuser,{user['systemuserid']}"
        for user in desk.tables["systemuser"].to_pylist()
        if user["applicationid"] or user["accessmode"] in {3, 4}
    }
    reopened = {r["_incidentid_value"] for r in desk.tables["incidentresolution"].to_pylist() if r["statecode"] == 2}
    repeatable = ["case_resolved", "information_requested_from_customer", "case_categorization_changed"]
    counts = truth.filter(pl.col("ActivityCode").is_in([*repeatable, "case_escalated"]))
    repeated = set(counts.group_by("CaseGuid", "ActivityCode").len().filter(pl.col("len") > 1)["CaseGuid"])
    bounced = set()
    for guid, values in owners.items():
        line = [value for _, value in values]
        if any(a == c and not {a, b} & systems for a, b, c in zip(line, line[1:], line[2:], strict=False)):
            bounced.add(guid)
    assert bounced - repeated - reopened
    assert {guid for guid, case in _cases(truth).items() if case["IsRework"]} == bounced | repeated | reopened


def _contacts(desk: Desk) -> dict[str, list[datetime]]:
    """Everything that came from customers."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for table, moment in (("email", "senton"), ("phonecall", "createdon"), ("adx_portalcomment", "createdon")):
        for row in desk.tables[table].to_pylist():
            if not row.get("directioncode"):
                found[row["_regardingobjectid_value"]].append(row[moment])
    return found
