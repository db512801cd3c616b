"""Several things in one second, and owners to and fro."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from d365_pm_tests.recount.odd.audit_rows import (
    CREATE,
    SECOND,
    UPDATE,
    Entry,
    add,
    audits_of,
    entries_of,
    new_id,
    sets,
    some,
    some_audits,
    write,
)
from d365_pm_tests.recount.raw import Row, Rows

RESOLVED = 1
_ENDED = frozenset({"5", "1000", "6", "2000"})
"""Status reasons of resolved and cancelled cases."""

_BELONGINGS = {
    "incidentresolution": "_incidentid_value",
    "slakpiinstance": "_regarding_value",
    "knowledgearticleincident": "_incidentid_value",
}


def two_owners_in_a_second(rows: Rows, random: Random) -> None:
    """A change of owner that went through another owner in the same second."""
    owners = [f"systemuser,{row['systemuserid']}" for row in rows["systemuser"]]
    owners += [f"team,{row['teamid']}" for row in rows["team"]]
    for audit in some_audits(rows, random, "incident", updates=True):
        between = random.choice(owners)
        entries = entries_of(audit)
        for index, (column, old, new) in enumerate(entries):
            if column == "ownerid" and between not in {old, new}:
                add(rows, random, audit, audit["createdon"], [(column, between, new)])
                entries[index] = (column, old, between)
        write(audit, entries)


def there_and_back_in_a_second(rows: Rows, random: Random) -> None:
    """An owner, a category, a status and a flag that were changed and changed back in one second."""
    other = {"ownerid": f"team,{rows['team'][0]['teamid']}", "statuscode": "3", "isescalated": "True"}
    other["subjectid"] = f"subject,{rows['subject'][0]['subjectid']}"
    for audit in some_audits(rows, random, "incident", updates=True):
        for column, _, new in entries_of(audit):
            if column in other and new not in {None, other[column], *_ENDED}:
                at = audit["createdon"]
                add(rows, random, audit, at, [(column, new, other[column])], action=2)
                add(rows, random, audit, at, [(column, other[column], new)], action=2)


def resolved_and_reopened_in_a_second(rows: Rows, random: Random) -> None:
    """A resolution undone and made again in its own second."""
    for row in some(rows["incidentresolution"], random):
        case, at = row["_incidentid_value"], row["createdon"]
        audit = next((a for a in audits_of(rows, case) if a["createdon"] == at and sets(a, "statecode", "1")), None)
        if audit is None:
            continue
        status = next(new for column, _, new in entries_of(audit) if column == "statuscode")
        add(rows, random, audit, at, [("statecode", "1", "0"), ("statuscode", status, "1")], action=21)
        add(rows, random, audit, at, [("statecode", "0", "1"), ("statuscode", "1", status)])
        rows["incidentresolution"].append(row | {"activityid": new_id(random)})


def reopened_in_the_second(rows: Rows, random: Random) -> None:
    """A last resolution undone in its own second; the case is open since."""
    for row, audit, case in _last_resolutions(rows, random):
        entries: list[Entry] = [("statecode", "1", "0"), ("statuscode", str(case["statuscode"]), "1")]
        add(rows, random, audit, row["createdon"], entries, action=21)
        case["statecode"], case["statuscode"], row["statecode"] = 0, 1, 2


def reopened_twice(rows: Rows, random: Random) -> None:
    """A resolution undone in its own second, and once more a second later; the case is open since."""
    for row, audit, case in _last_resolutions(rows, random):
        status = str(case["statuscode"])
        entries: list[Entry] = [("statecode", "1", "0"), ("statuscode", status, "1")]
        again: list[Entry] = [("statecode", "0", "1"), ("statuscode", "1", status)]
        add(rows, random, audit, row["createdon"], entries, action=21)
        add(rows, random, audit, row["createdon"] + SECOND, again)
        add(rows, random, audit, row["createdon"] + SECOND, entries, action=21)
        case["statecode"], case["statuscode"], row["statecode"] = 0, 1, 2
        later = {"activityid": new_id(random), "createdon": row["createdon"] + SECOND}
        rows["incidentresolution"].append(row | later)


def _last_resolutions(rows: Rows, random: Random) -> Iterator[tuple[Row, Row, Row]]:
    """Some resolutions of cases that nothing was written about later: their row, their audit row, their case."""
    cases = {row["incidentid"]: row for row in rows["incident"]}
    for row in some(rows["incidentresolution"], random):
        case, at = cases[row["_incidentid_value"]], row["createdon"]
        audits = audits_of(rows, case["incidentid"])
        audit = next((each for each in audits if each["createdon"] == at and sets(each, "statecode", "1")), None)
        if audit is not None and case["statecode"] == RESOLVED and all(each["createdon"] <= at for each in audits):
            yield row, audit, case


def over_in_a_second(rows: Rows, random: Random) -> None:
    """Cases that were created and resolved in one second, with all that was written about them in between."""
    for case in some(rows["incident"], random):
        audits = audits_of(rows, case["incidentid"])
        if case["statecode"] != RESOLVED or len(audits) > 4:
            continue
        at = min(row["createdon"] for row in audits)
        for row in audits:
            row["createdon"] = at
        for table, column in _BELONGINGS.items():
            for row in rows[table]:
                if row[column] == case["incidentid"]:
                    row["createdon"] = at
        case["createdon"] = at


def handed_to_and_fro(rows: Rows, random: Random) -> None:
    """Owners that got their case back, by machines and by cascades too."""
    for audit in some_audits(rows, random, "incident"):
        for column, old, new in entries_of(audit):
            if column == "ownerid" and old and new and audit["operation"] == UPDATE:
                action = random.choice([2, 11, 13])
                add(rows, random, audit, audit["createdon"] + SECOND, [("ownerid", new, old)], action=action)
                add(rows, random, audit, audit["createdon"] + 2 * SECOND, [("ownerid", old, new)], action=action)


def moved_in_bulk(rows: Rows, random: Random) -> None:
    """Many cases that changed hands and came back in the same two seconds."""
    end: datetime = max(row["modifiedon"] for row in rows["incident"]) - 3600 * SECOND
    team = f"team,{rows['team'][1]['teamid']}"
    births = {row["_objectid_value"]: row for row in rows["audit"] if row["operation"] == CREATE}
    for case in some(rows["incident"], random):
        owner = f"{case['_ownerid_type']},{case['_ownerid_value']}"
        latest = max(row["createdon"] for row in audits_of(rows, case["incidentid"]))
        if latest < end and owner != team:
            like = births[case["incidentid"]] | {"_userid_value": rows["systemuser"][9]["systemuserid"]}
            add(rows, random, like, end, [("ownerid", owner, team)], action=13)
            add(rows, random, like, end + SECOND, [("ownerid", team, owner)], action=13)
