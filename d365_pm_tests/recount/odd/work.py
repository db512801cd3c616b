"""Work on cases that went another way: queues, e-mails, contacts, categories, escalations, actors."""

from random import Random

from d365_pm_tests.recount.odd.audit_rows import CREATE, SECOND, add, entries_of, sets, some, some_audits
from d365_pm_tests.recount.raw import Rows


def moved_items(rows: Rows, random: Random) -> None:
    """Queue items that went on to another queue."""
    queues = [row["queueid"] for row in rows["queue"]]
    for item in some(rows["queueitem"], random):
        at, old, new = item["enteredon"] + 90 * SECOND, item["_queueid_value"], random.choice(queues)
        created = next((a for a in rows["audit"] if a["_objectid_value"] == item["queueitemid"]), None)
        if created is not None and old != new:
            add(rows, random, created, at, [("queueid", f"queue,{old}", f"queue,{new}")], action=2)
            item["_queueid_value"], item["enteredon"] = new, at


def unsent_emails(rows: Rows, random: Random) -> None:
    """E-mails without a send time."""
    for row in some(rows["email"], random):
        row["senton"] = None


def odd_emails(rows: Rows, random: Random) -> None:
    """E-mails to colleagues only, to unresolved addresses, by nobody, and without recipients."""
    for party in some(rows["activityparty"], random):
        party["_partyid_value"], party["_partyid_type"] = random.choice(
            [
                (None, None),
                (rows["systemuser"][6]["systemuserid"], "systemuser"),
                (rows["queue"][0]["queueid"], "queue"),
            ]
        )
    for row in some(rows["email"], random, 0.1):
        row["_createdby_value"] = None
    for row in some(rows["email"], random, 0.1):
        row["isworkflowcreated"] = None


def odd_categories(rows: Rows, random: Random) -> None:
    """Categories that were emptied, corrected within a minute, and set for the first time."""
    subjects = [f"subject,{row['subjectid']}" for row in rows["subject"]]
    for audit in some_audits(rows, random, "incident"):
        for column, _, new in entries_of(audit):
            other = random.choice([None, *subjects])
            if column == "subjectid" and new != other:
                at = audit["createdon"] + 5 * SECOND
                back = at + random.choice([1, 30, 60, 61]) * SECOND
                user = random.choice([audit["_userid_value"], rows["systemuser"][7]["systemuserid"]])
                add(rows, random, audit, at, [("subjectid", new, other)], action=2)
                again = add(rows, random, audit, back, [("subjectid", other, new)], action=2)
                again["_userid_value"] = user


def escalated_again(rows: Rows, random: Random) -> None:
    """Escalations taken back and raised again, minutes apart."""
    for audit in some_audits(rows, random, "incident", updates=True):
        if sets(audit, "isescalated", "True"):
            for minutes in random.choice([(3, 6), (5, 11), (9,), (10,), (11,), (8, 16, 24)]):
                at = audit["createdon"] + minutes * 60 * SECOND
                add(rows, random, audit, at - 5 * SECOND, [("isescalated", "True", "False")])
                add(rows, random, audit, at, [("isescalated", "False", "True")])


def odd_actors(rows: Rows, random: Random) -> None:
    """Audit rows without a user, and by external parties."""
    for audit in some_audits(rows, random, "incident", "queueitem"):
        contact = random.choice(rows["contact"])["contactid"]
        audit["_userid_value"], audit["_userid_type"] = random.choice([(None, None), (contact, "externalparty")])
        if audit["_userid_type"] is None and audit["operation"] != CREATE:
            audit["_callinguserid_value"] = rows["systemuser"][8]["systemuserid"]


def late_calls(rows: Rows, random: Random) -> None:
    """Contacts in the tenth minute, in the second of the resolution, and ones that did not take place."""
    resolved = {row["_incidentid_value"]: row["createdon"] for row in rows["incidentresolution"]}
    created = {row["incidentid"]: row["createdon"] for row in rows["incident"]}
    for table in ("email", "phonecall", "adx_portalcomment"):
        for row in some(rows[table], random):
            case = row["_regardingobjectid_value"]
            moments = [created[case] + minute * SECOND for minute in (599, 600, 601)]
            row["createdon"] = random.choice([*moments, resolved.get(case, created[case])])
            if row.get("senton") is not None:
                row["senton"] = row["createdon"]
        for row in some(rows[table], random, 0.1):
            row["statecode"], row["statuscode"] = random.choice([(0, 1), (2, 5)])
