"""The desk's surroundings as rows: users, teams, queues, customers, categories, products, the organisation."""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox import schema
from d365_pm.sandbox.desk.activity_tables import addresses
from d365_pm.sandbox.desk.arrow import flags, pick, same, whole
from d365_pm.sandbox.desk.catalogue import BRANCHES, FAMILIES, OWN_STATUSES, PRODUCTS, SUBJECT_TITLES, TOPICS
from d365_pm.sandbox.desk.draft import Draft, record
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import EXTRA_TEAMS, Keys
from d365_pm.sandbox.desk.numbers import NONE, BoolArray, IntArray
from d365_pm.sandbox.desk.people import ADMINISTRATOR, APPLICATIONS, INTEGRATION, SYSTEM, TEAM_NAMES

UNIT = "Central de Atendimento"
_TEAMS = (*TEAM_NAMES, UNIT, "Acesso à Base de Conhecimento")
_SUPPORT_MODE, _NON_INTERACTIVE = 3, 4


def surroundings(floor: Floor, keys: Keys) -> list[Draft]:
    """Every table that the life of cases does not change."""
    makers = (
        systemuser, team, businessunit, queue, account, contact, subject, product, organization,
    )  # fmt: skip
    return [maker(floor, keys) for maker in makers]


def systemuser(floor: Floor, keys: Keys) -> Draft:
    """Applications and people; each person has a private queue."""
    users = floor.staff.users
    number = np.arange(users)
    is_built_in = np.isin(number, [SYSTEM, INTEGRATION])
    is_application = (number < len(APPLICATIONS)) & ~is_built_in
    mode = np.where(is_built_in, _SUPPORT_MODE, np.where(is_application, _NON_INTERACTIVE, 0))
    columns = {
        "systemuserid": keys.of("systemuser", users),
        "fullname": pick(floor.staff.names, number),
        "domainname": pick([f"usuario{n}@exemplo.com.br" for n in range(users)], number),
        "isdisabled": flags(_has_left(floor, number)),
        "isintegrationuser": flags(number == INTEGRATION),
        "setupuser": flags(number == ADMINISTRATOR),
        "accessmode": whole(mode),
        "applicationid": keys.row("application", np.where(is_application, number, NONE)),
        "_businessunitid_value": keys.row("businessunit", np.zeros(users, dtype=np.int64)),
        "_queueid_value": keys.row("queue", np.where(number < ADMINISTRATOR, NONE, _private_queue(number))),
    }
    return _draft(floor, keys, "systemuser", columns)


def _has_left(floor: Floor, user: IntArray) -> BoolArray:
    gone = floor.staff.leavers() if floor.habits.moves_many else np.array([floor.staff.users - 1])
    has_left: BoolArray = np.isin(user, gone)
    return has_left


def team(floor: Floor, keys: Keys) -> Draft:
    """The desk teams, the default team of the unit and an access team."""
    number = np.arange(keys.teams)
    is_desk = number < len(TEAM_NAMES)
    columns = {
        "teamid": keys.of("team", keys.teams),
        "name": pick(_TEAMS, number),
        "teamtype": whole(np.where(number == keys.teams - 1, 1, 0)),
        "isdefault": flags(number == keys.teams - EXTRA_TEAMS),
        "_businessunitid_value": keys.row("businessunit", np.zeros(keys.teams, dtype=np.int64)),
        "_administratorid_value": keys.row(
            "systemuser", np.where(is_desk, floor.staff.supervisor(number), ADMINISTRATOR)
        ),
        "_queueid_value": keys.row("queue", np.where(is_desk, number, NONE)),
    }
    return _draft(floor, keys, "team", columns)


def businessunit(floor: Floor, keys: Keys) -> Draft:
    """The one unit of the desk."""
    columns = {"businessunitid": keys.of("businessunit", 1), "name": same(UNIT, 1), "isdisabled": same(False, 1)}
    return _draft(floor, keys, "businessunit", columns)


def queue(floor: Floor, keys: Keys) -> Draft:
    """One shared queue per desk team, then a private one per person."""
    people = floor.staff.names[ADMINISTRATOR:]
    names = [*TEAM_NAMES, *(f"<{name}>" for name in people)]
    number = np.arange(len(names))
    is_shared = number < len(TEAM_NAMES)
    owner = np.where(is_shared, floor.staff.team(number), number - len(TEAM_NAMES) + ADMINISTRATOR)
    columns = {
        "queueid": keys.of("queue", len(names)),
        "name": pick(names, number),
        "queueviewtype": whole(np.where(is_shared, 0, 1)),
        "queuetypecode": same(1, len(names)),
        "_businessunitid_value": keys.row("businessunit", np.zeros(len(names), dtype=np.int64)),
    }
    return _draft(floor, keys, "queue", columns | keys.owner("ownerid", owner) | _active(len(names)))


def account(floor: Floor, keys: Keys) -> Draft:
    """Companies."""
    count = len(floor.customers.companies)
    number = np.arange(count)
    columns = {
        "accountid": keys.of("account", count),
        "name": pick(floor.customers.companies, number),
        "accountnumber": pick([f"C{n + 10001}" for n in range(count)], number),
        "_primarycontactid_value": keys.row("contact", floor.customers.first_contact),
    }
    return _draft(floor, keys, "account", columns | _owned_by_administrator(keys, count) | _active(count))


def contact(floor: Floor, keys: Keys) -> Draft:
    """People, most of them of a company."""
    count = len(floor.customers.contacts)
    number = np.arange(count)
    columns = {
        "contactid": keys.of("contact", count),
        "fullname": pick(floor.customers.contacts, number),
        "emailaddress1": addresses(floor),
    }
    columns |= keys.customer("parentcustomerid", floor.customers.employer)
    return _draft(floor, keys, "contact", columns | _owned_by_administrator(keys, count) | _active(count))


def subject(floor: Floor, keys: Keys) -> Draft:
    """The category tree: topics under branches under the root."""
    count, root = len(SUBJECT_TITLES), len(SUBJECT_TITLES) - 1
    branch = [len(TOPICS) + BRANCHES.index(topic.branch) for topic in TOPICS]
    parent = np.array([*branch, *(root for _ in BRANCHES), NONE])
    columns = {
        "subjectid": keys.of("subject", count),
        "title": pick(SUBJECT_TITLES, np.arange(count)),
        "_parentsubject_value": keys.row("subject", parent),
    }
    return _draft(floor, keys, "subject", columns)


def product(floor: Floor, keys: Keys) -> Draft:
    """Products, then their families."""
    names = [*(name for name, _ in PRODUCTS), *FAMILIES]
    number = np.arange(len(names))
    family = [len(PRODUCTS) + family for _, family in PRODUCTS]
    columns = {
        "productid": keys.of("product", len(names)),
        "name": pick(names, number),
        "productnumber": pick([f"P{n + 101}" for n in range(len(names))], number),
        "productstructure": whole(np.where(number < len(PRODUCTS), 1, 2)),
        "_parentproductid_value": keys.row("product", np.array([*family, *(NONE for _ in FAMILIES)])),
    }
    return _draft(floor, keys, "product", columns | _active(len(names)))


def organization(floor: Floor, keys: Keys) -> Draft:
    """The environment: auditing on, nothing ever deleted from the audit."""
    columns = {
        "organizationid": keys.of("organization", 1),
        "name": same("orgatendimento", 1),
        "friendlyname": same(UNIT, 1),
        "isauditenabled": same(True, 1),
        "auditretentionperiodv2": pa.array([-1]),
        "expirechangetrackingindays": same(7, 1),
        "languagecode": same(1046, 1),
    }
    return Draft("organization", columns, np.full(1, floor.start))


def own_labels(floor: Floor, keys: Keys) -> list[Draft]:
    """The labels of the organisation's own status reasons in both languages, where it has any."""
    if not floor.habits.own_statuses:
        return []
    labels = [
        (each.code, language, label)
        for each in OWN_STATUSES
        for language, label in ((schema.PORTUGUESE, each.portuguese), (schema.ENGLISH, each.english))
    ]
    count = len(labels)
    columns = {
        "stringmapid": keys.of("stringmap", count),
        "objecttypecode": same("incident", count),
        "attributename": same("statuscode", count),
        "attributevalue": whole(np.array([code for code, _, _ in labels])),
        "langid": whole(np.array([language for _, language, _ in labels])),
        "value": pa.array([label for _, _, label in labels], type=pa.string()),
        "displayorder": whole(np.arange(count) // 2),
    }
    return [Draft("stringmap", columns, np.full(count, floor.start))]


def _private_queue(user: IntArray) -> IntArray:
    return len(TEAM_NAMES) + user - ADMINISTRATOR


def _owned_by_administrator(keys: Keys, count: int) -> dict[str, pa.Array]:
    return keys.owner("ownerid", np.full(count, ADMINISTRATOR))


def _active(count: int) -> dict[str, pa.Array]:
    return {"statecode": same(0, count), "statuscode": same(1, count)}


def _draft(floor: Floor, keys: Keys, table: str, columns: dict[str, pa.Array]) -> Draft:
    """Rows that were there when the desk opened."""
    count = len(next(iter(columns.values())))
    opened = np.full(count, floor.start)
    return Draft(table, columns | record(keys, opened, ADMINISTRATOR, opened, ADMINISTRATOR), opened)
