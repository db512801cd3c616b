"""Records that are gone, twice there or half filled."""

import json
from random import Random

from d365_pm_tests.recount.odd.audit_rows import SECOND, new_id, some
from d365_pm_tests.recount.raw import Rows


def odd_numbers(rows: Rows, random: Random) -> None:
    """Ticket numbers that occur twice, and empty ones."""
    cases = rows["incident"]
    for row in some(cases, random, 0.1):
        row["ticketnumber"] = random.choice(["", random.choice(cases)["ticketnumber"]])


def lost_people(rows: Rows, random: Random) -> None:
    """Users, teams, queues, subjects, products and customers that are gone."""
    for table in ("systemuser", "queue", "team", "subject", "product", "contact"):
        gone = {id(row) for row in some(rows[table], random, 0.2)}
        rows[table] = [row for row in rows[table] if id(row) not in gone]


def odd_clocks(rows: Rows, random: Random) -> None:
    """SLA instances with empty links, canceled ones, without item, without deadline, met late."""
    for row in some(rows["slakpiinstance"], random):
        row["msdyn_prevslakpiinstanceid"] = random.choice([None, ""])
    for row in some(rows["slakpiinstance"], random, 0.15):
        row["status"] = random.choice([0, 1, 2, 3, 4, 5])
    for row in some(rows["slakpiinstance"], random, 0.1):
        row["_msdyn_slaitemid_value"] = None
    for row in some(rows["slakpiinstance"], random, 0.05):
        row["failuretime"] = None
    for row in some(rows["slakpiinstance"], random, 0.05):
        row["terminalstatetime"] = None
    for row in some(rows["incident"], random, 0.1):
        row["_resolvebykpiid_value"] = None


def lost_clocks(rows: Rows, random: Random) -> None:
    """Cases whose SLA instances are gone."""
    gone = {row["incidentid"] for row in some(rows["incident"], random)}
    rows["slakpiinstance"] = [row for row in rows["slakpiinstance"] if row["_regarding_value"] not in gone]
    for row in some(rows["incident"], random):
        row["_resolvebykpiid_value"] = None
    for row in some(rows["incident"], random):
        row["resolveby"] = None


def odd_satisfaction(rows: Rows, random: Random) -> None:
    """Responses with decimals, without CSAT, broken, and several of a case."""
    texts = [
        '[{"type":"csat","value":"2.5"}]',
        '[{"type":"csat","value":"3","decimalvalue":3.49}]',
        '[{"type":"nps","value":"promoter","decimalvalue":9}]',
        '[{"type":"nps","value":"9"},{"type":"csat","value":"4","decimalvalue":null}]',
        '[{"type":"csat","value":null,"decimalvalue":4.5}]',
        "[]",
        "{}",
        "null",
        "[{",
        None,
    ]
    for row in some(rows["msfp_surveyresponse"], random):
        row["msfp_satisfactionmetricvalue"] = random.choice(texts)
    for row in some(rows["msfp_surveyresponse"], random):
        later = row["createdon"] + random.randrange(100) * SECOND
        text = random.choice(texts)
        again = {"activityid": new_id(random), "createdon": later, "msfp_satisfactionmetricvalue": text}
        rows["msfp_surveyresponse"].append(row | again)
    for row in some(rows["incident"], random):
        row["customersatisfactioncode"] = random.randint(1, 5)


def odd_surveys(rows: Rows, random: Random) -> None:
    """Invites of people, of nobody, of users that are gone, and of cases that only their parameters name."""
    users = [row["systemuserid"] for row in rows["systemuser"]]
    for row in some(rows["msfp_surveyinvite"], random):
        row["_createdby_value"] = random.choice([None, new_id(random), *users])
    numbers = {row["incidentid"]: row["ticketnumber"] for row in rows["incident"]}
    for row in some(rows["msfp_surveyinvite"], random):
        case = row["_regardingobjectid_value"]
        text = random.choice([{"incidentid": case}, {"case": numbers[case]}, {"id": str(case).upper()}, {"x": "y"}])
        row |= {"_regardingobjectid_value": None, "_regardingobjectid_type": None}
        row["msfp_contextparameters"] = json.dumps(text)


def lost_articles(rows: Rows, random: Random) -> None:
    """Knowledge articles that are gone while their links stay."""
    gone = {id(row) for row in some(rows["knowledgearticle"], random, 0.2)}
    rows["knowledgearticle"] = [row for row in rows["knowledgearticle"] if id(row) not in gone]


def odd_articles(rows: Rows, random: Random) -> None:
    """Articles linked again, by machines, by nobody, sent to the customer, and from outside."""
    links = rows["knowledgearticleincident"]
    machine = next(row["systemuserid"] for row in rows["systemuser"] if row["applicationid"])
    for row in some(links, random):
        later = row["createdon"] + random.randrange(0, 200_000) * SECOND
        links.append(row | {"knowledgearticleincidentid": new_id(random), "createdon": later})
    for row in some(links, random, 0.2):
        row["_createdby_value"] = random.choice([None, machine])
    for row in some(links, random):
        row["issenttocustomer"] = True
