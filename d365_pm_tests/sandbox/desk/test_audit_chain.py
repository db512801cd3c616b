"""The audit tells the whole life of every audited column, from birth to the present row."""

from collections import defaultdict
from itertools import pairwise

from d365_pm.sandbox.desk import Desk
from d365_pm_tests.sandbox.desk.change import Change

_LOOKUPS = {
    "ownerid", "customerid", "subjectid", "productid", "masterid", "parentcaseid", "queueid", "workerid", "objectid",
}  # fmt: skip


def _written(row: dict[str, object], column: str) -> str | None:
    """A value of a row as audit writes it."""
    if column in _LOOKUPS:
        value = row[f"_{column}_value"]
        types = {"subjectid": "subject", "productid": "product", "queueid": "queue"}
        kind = row.get(f"_{column}_type") or types.get(column, "incident")
        return None if value is None else f"{kind},{value}"
    value = row[column]
    return None if value is None else str(value)


def _chains(recorded: list[Change]) -> dict[tuple[str, str, str], list[Change]]:
    chains = defaultdict(list)
    for change in sorted(recorded, key=lambda each: each.at):
        chains[change.table, change.record, change.column].append(change)
    return chains


def test_each_new_value_is_the_next_old_value(recorded: list[Change]) -> None:
    for chain in _chains(recorded).values():
        assert chain[0].operation != 3
        assert all(one.new == two.old for one, two in pairwise(chain)), chain


def test_nothing_is_recorded_that_did_not_change(recorded: list[Change]) -> None:
    assert all(change.old != change.new for change in recorded)
    assert all(change.old is None for change in recorded if change.operation == 1)
    assert all(change.new is None for change in recorded if change.operation == 3)


def test_the_last_value_is_the_present_one(desk: Desk, recorded: list[Change]) -> None:
    present = {row["incidentid"]: row for row in desk.tables["incident"].to_pylist()}
    present |= {row["queueitemid"]: row for row in desk.tables["queueitem"].to_pylist()}
    checked = 0
    for (_, record, column), chain in _chains(recorded).items():
        if record in present:
            assert chain[-1].new == _written(present[record], column), (record, column)
            checked += 1
        else:
            assert chain[-1].new is None
    assert checked > 10_000


def test_a_case_was_last_modified_by_its_last_change_or_by_the_sla_engine(desk: Desk, recorded: list[Change]) -> None:
    last: dict[str, Change] = {}
    for change in recorded:
        if change.table == "incident" and (change.record not in last or change.at >= last[change.record].at):
            last[change.record] = change
    system = next(u["systemuserid"] for u in desk.tables["systemuser"].to_pylist() if u["fullname"] == "SYSTEM")
    for row in desk.tables["incident"].to_pylist():
        change = last[row["incidentid"]]
        assert row["modifiedon"] >= change.at
        if row["modifiedon"] == change.at:
            assert row["_modifiedby_value"] in {change.actor, system}
        else:
            assert row["_modifiedby_value"] == system


def test_texts_have_the_documented_form(desk: Desk) -> None:
    texts = [text for text in desk.tables["audit"]["changedata"].to_pylist() if text is not None]
    assert all(text.startswith('{"changedAttributes":[{"logicalName":"') for text in texts)
    assert any('"oldValue":null,"newValue":"team,' in text for text in texts)
    assert any('"logicalName":"isescalated","oldValue":"False","newValue":"True"' in text for text in texts)
    assert any('"logicalName":"statecode","oldValue":"0","newValue":"1"' in text for text in texts)
