"""Audit rows that say the same in other words, or that say nothing."""

from random import Random

from d365_pm_tests.recount.odd.audit_rows import SECOND, UPSERT, add, entries_of, some_audits, write
from d365_pm_tests.recount.raw import Rows

_OPTIONS = frozenset({"statuscode", "statecode", "caseorigincode"})
_UNREADABLE = (
    None,
    "",
    "{",
    "null",
    "[]",
    "7",
    '"x"',
    "{}",
    '{"changedAttributes":null}',
    '{"changedAttributes":{}}',
    '{"changedAttributes":[]}',
    '{"changedAttributes":[null,1,{}]}',
    '{"changedAttributes":[{"logicalName":null}]}',
)


def shuffled_rows(rows: Rows, random: Random) -> None:
    """Every table in another order."""
    for table in rows.values():
        random.shuffle(table)


def equal_values(rows: Rows, random: Random) -> None:
    """Audit rows that changed nothing, between the changes of every column."""
    for audit in some_audits(rows, random, "incident"):
        for column, _, new in entries_of(audit):
            if column in {"ownerid", "statuscode", "statecode", "subjectid", "isescalated"}:
                add(rows, random, audit, audit["createdon"] + SECOND, [(column, new, new)])


def upper_case_ids(rows: Rows, random: Random) -> None:
    """GUIDs in capitals inside the audited values."""
    for audit in some_audits(rows, random, "incident", "queueitem"):
        write(audit, [(column, _upper(old), _upper(new)) for column, old, new in entries_of(audit)])


def equal_but_for_case(rows: Rows, random: Random) -> None:
    """An owner 'changed' to the same owner in capitals."""
    for audit in some_audits(rows, random, "incident"):
        for column, _, new in entries_of(audit):
            if column == "ownerid":
                add(rows, random, audit, audit["createdon"] + SECOND, [(column, new, _upper(new))])


def upserts(rows: Rows, random: Random) -> None:
    """Updates that were audited as upserts."""
    for audit in some_audits(rows, random, "incident", "queueitem", updates=True):
        audit["operation"] = UPSERT


def labelled_options(rows: Rows, random: Random) -> None:
    """Option values with their labels, as an organisation may have them stored."""
    for audit in some_audits(rows, random, "incident"):
        entries = entries_of(audit)
        write(audit, [(column, _labelled(column, old), _labelled(column, new)) for column, old, new in entries])


def unreadable_changes(rows: Rows, random: Random) -> None:
    """Further audit rows whose text is empty, broken or something else."""
    for audit in some_audits(rows, random, "incident", "queueitem", updates=True):
        added = add(rows, random, audit, audit["createdon"], [])
        added["changedata"] = random.choice(_UNREADABLE)


def lost_owners(rows: Rows, random: Random) -> None:
    """Changes of owner that lost their text, so that owners no longer chain."""
    for audit in some_audits(rows, random, "incident", updates=True, share=0.3):
        if any(column == "ownerid" for column, _, _ in entries_of(audit)):
            audit["changedata"] = random.choice(_UNREADABLE)


def other_columns(rows: Rows, random: Random) -> None:
    """Changes of columns that no rule reads, alone and beside others."""
    for audit in some_audits(rows, random, "incident"):
        add(rows, random, audit, audit["createdon"], [("title", "a", "b"), ("severitycode", "1", "2")])
        write(audit, [("description", None, "x"), *entries_of(audit), ("new_flag", "False", "True")])


def _upper(value: str | None) -> str | None:
    if value is None or "," not in value:
        return value
    table, _, record = value.partition(",")
    return f"{table},{record.upper()}"


def _labelled(column: str, value: str | None) -> str | None:
    return f"{value}:rótulo" if value and column in _OPTIONS else value
