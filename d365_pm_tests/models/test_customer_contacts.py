"""E-mails, contacts of the customer and waiting for them, row by row (reference: 2.13, 3.12, K9)."""

from collections.abc import Mapping
from typing import Any

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid

NOTICED = "19 00:00"
SEEDS = {
    "switches": [{"key": "keep_deleted", "is_on": "true"}],
    "email_templates": [
        {"template_id": guid("thanks").upper(), "meaning": "acknowledgement"},
        {"template_id": guid("how was it"), "meaning": "survey"},
    ],
}
EMAILS: dict[str, tuple[bool, dict[str, Any], tuple[str | None, bool, str | None]]] = {
    "ours": (True, {"senton": "11:05"}, ("11:05", False, None)),
    "ours, not sent": (True, {"senton": None}, (None, False, None)),
    "ours, by a workflow": (True, {"isworkflowcreated": True}, ("11:00", True, None)),
    "ours, maker unknown": (True, {"isworkflowcreated": None}, ("11:00", False, None)),
    "thanks": (True, {"templateid": ("template", "thanks")}, ("11:00", False, "acknowledgement")),
    "a survey": (True, {"templateid": ("template", "how was it")}, ("11:00", False, "survey")),
    "another template": (True, {"templateid": ("template", "other")}, ("11:00", False, None)),
    "a survey by its link": (True, {"templateid": ("template", "thanks")}, ("11:00", False, "survey")),
    "theirs": (False, {"senton": "10:55"}, ("10:55", False, None)),
    "theirs, without a time of sending": (False, {"senton": None}, ("11:00", False, None)),
}
"""Whether an e-mail is ours, what is special about it; its moment, whether a workflow made it, what is known of it."""


def test_emails_of_cases_are_read_in_one_form() -> None:
    desk = Desk(seeds=SEEDS)
    for case, (is_ours, columns, _) in EMAILS.items():
        desk.case(case)
        mail = (desk.email_out if is_ours else desk.email_in)("11:00", case, **columns)
        if case == "a survey by its link":
            desk.rows["survey_email"][mail] = {"activityid": desk.guid(mail)}
    rows = desk.run.rows_of("staging.email")
    assert {row["case_id"]: (row["sent_at"], row["is_made_by_workflow"], row["known_meaning"]) for row in rows} == {
        case: (moment and at(moment), by_workflow, meaning)
        for case, (_, _, (moment, by_workflow, meaning)) in EMAILS.items()
    }
    assert rows.one(case_id="ours") == {
        "email_id": "email 1",
        "case_id": "ours",
        "is_outgoing": True,
        "status_code": 3,
        "sent_at": at("11:05"),
        "created_by_id": "alice",
        "is_made_by_workflow": False,
        "known_meaning": None,
    }


CONTACTS: list[tuple[str, dict[str, Any], bool]] = [
    ("email", {"directioncode": False, "statuscode": 4}, True),
    ("email", {"directioncode": False, "statuscode": 2}, True),
    ("email", {"directioncode": False, "statuscode": None}, True),
    ("email", {"directioncode": False, "statuscode": 1}, False),
    ("email", {"directioncode": False, "statuscode": 3}, False),
    ("email", {"directioncode": False, "statuscode": 5}, False),
    ("email", {"directioncode": True, "statuscode": 4}, False),
    ("phonecall", {"directioncode": False, "statuscode": 1}, True),
    ("phonecall", {"directioncode": False, "statuscode": 2}, True),
    ("phonecall", {"directioncode": False, "statuscode": 4}, True),
    ("phonecall", {"directioncode": False, "statuscode": None}, True),
    ("phonecall", {"directioncode": False, "statuscode": 3}, False),
    ("phonecall", {"directioncode": False, "statecode": 2, "statuscode": 100_000_001}, False),
    ("phonecall", {"directioncode": False, "statecode": 1, "statuscode": 100_000_001}, True),
    ("phonecall", {"directioncode": True, "statuscode": 4}, False),
    ("adx_portalcomment", {"adx_portalcommentdirectioncode": 1}, True),
    ("adx_portalcomment", {"adx_portalcommentdirectioncode": None}, True),
    ("adx_portalcomment", {"adx_portalcommentdirectioncode": 2}, False),
]
"""A row about a case, and whether it is a contact that came from the customer."""
CONTACT: Mapping[str, dict[str, Any]] = {
    "email": {"directioncode": False, "statuscode": 4, "senton": "11:00"},
    "phonecall": {"directioncode": False, "statuscode": 4},
    "adx_portalcomment": {},
}


def contact(desk: Desk, table: str, name: str, about: Any, **columns: Any) -> str:
    """A row of 11:00 that is a contact unless its columns say otherwise."""
    written = {"regardingobjectid": about, "createdon": "11:00", "modifiedon": "11:30"}
    return desk.row(table, name, **(written | CONTACT[table] | columns))


def test_contacts_are_what_came_from_the_customer() -> None:
    desk = Desk(seeds=SEEDS)
    wanted = []
    for number, (table, columns, is_contact) in enumerate(CONTACTS):
        case = desk.case(f"case {number}")
        contact(desk, table, f"row {number}", case, **columns)
        if is_contact:
            wanted.append((f"row {number}", case, at("11:00")))
    found = desk.run.rows_of("staging.customer_contact").only("activity_id", "case_id", "contacted_at")
    assert sorted(found) == sorted(wanted)


def test_contacts_about_nothing_deleted_ones_and_broken_keys_are_left_out() -> None:
    desk = Desk(seeds=SEEDS)
    for case in ("living", "kept"):
        desk.case(case)
    desk.delete("kept", noticed=NOTICED)
    for table in CONTACT:
        contact(desk, table, f"{table} of a company", "acme")
        contact(desk, table, f"{table} of a file", "living")
        desk.rows[table][f"{table} of a file"]["activityid"] = "no guid"
        for case in ("living", "kept"):
            desk.delete(contact(desk, table, f"deleted {table} of {case}", case), noticed=NOTICED)
    found = desk.run.rows_of("staging.customer_contact").only("activity_id")
    assert sorted(found) == sorted(f"deleted {table} of kept" for table in CONTACT)
    assert desk.run.rows_of("staging.email").only("email_id") == ["deleted email of kept"]


def test_the_contact_that_opened_the_case_and_those_after_its_end_do_not_count() -> None:
    desk = Desk()
    cases = {
        "opened": (["10:00:00", "10:10:00"], ["12:00"], None),
        "a second later": (["10:10:01"], ["12:00"], 1),
        "with the resolution": (["12:00:00"], ["12:00"], 1),
        "after the resolution": (["12:00:01"], ["12:00"], None),
        "before the last resolution": (["11:00", "13:00", "13:30"], ["12:00", "14:00"], 3),
        "not resolved": (["11:00"], [], None),
    }
    for case, (contacts, resolutions, _) in cases.items():
        desk.case(case, "10:00:00")
        for moment in contacts:
            desk.email_in(moment, case)
        for number, moment in enumerate(resolutions):
            if number:
                desk.reactivate("12:30", case)
            desk.resolve(moment, case)
    found = dict(desk.run.rows_of("staging.case_contact").only("case_id", "later_contacts"))
    assert found == {case: count for case, (_, _, count) in cases.items() if count}


WAITS: dict[str, tuple[list[tuple[str, int]], list[str], tuple[int, int]]] = {
    "answered": ([("11:00", 3), ("11:30", 1)], ["11:10", "11:20"], (1800, 600)),
    "answered at once": ([("11:00", 3), ("11:30", 1)], ["11:00"], (1800, 0)),
    "answered before": ([("11:00", 3), ("11:30", 1)], ["10:59:59"], (1800, 1800)),
    "answered later": ([("11:00", 3), ("11:30", 1)], ["11:40"], (1800, 1800)),
    "asked twice": ([("11:00", 3), ("11:30", 1), ("12:00", 3), ("12:10", 1)], ["11:20", "12:05"], (2400, 1500)),
    "still waiting": ([("19 23:00", 3)], [], (3600, 3600)),
    "still waiting, answered": ([("19 23:00", 3)], ["19 23:59"], (3600, 3540)),
    "asked at the as-of": ([("20 00:00:00", 3)], [], (0, 0)),
}
"""Changes of the status reason, contacts of the customer; seconds of waiting by the status and by the contacts."""


def test_a_case_waits_until_its_status_changes_its_customer_answers_or_the_log_ends() -> None:
    desk = Desk(as_of="20 00:00")
    for case, (changes, contacts, _) in WAITS.items():
        desk.case(case)
        for moment, code in changes:
            desk.status(moment, code, case)
        for moment in contacts:
            desk.email_in(moment, case)
    for case, moment in (("asked after the as-of", "20 00:00:01"), ("never asked", "")):
        desk.case(case)
        if moment:
            desk.status(moment, 3, case)
    rows = desk.run.rows_of("staging.customer_wait")
    found = {row["case_id"]: (row["wait_seconds"], row["wait_seconds_by_contact"]) for row in rows}
    assert found == {case: seconds for case, (_, _, seconds) in WAITS.items()}


def test_a_request_is_a_change_into_waiting_and_lasts_until_one_out_of_it() -> None:
    desk = Desk(seeds={"status_roles": [{"status_code": "2", "role": "waiting_customer"}]})
    for case in ("c1", "c2", "c3"):
        desk.case(case)
    for moment, code in (("11:00", 77), ("11:10", 3), ("11:20", 77)):
        desk.status(moment, code, "c3")
    desk.audit("c1", "11:16", {"statecode": (0, 1)})
    desk.status("10:30", 4)
    desk.change("c1", "11:00", by="bob", audit={"through": "robot", "name": "asked"}, statuscode=(4, 3))
    desk.status("11:10", 2)
    desk.change("c1", "11:15", prioritycode=(2, 1))
    desk.status("11:20", 1)
    desk.status("11:30", 3, "c2")
    desk.change("c1", "12:00", by=("externalparty", "portal"), audit={"name": "again"}, statuscode=(1, 2))  # type: ignore[arg-type]
    columns = ("case_id", "audit_id", "requested_at", "left_at", "actor_id", "external_actor_id", "acted_through_id")
    rows = desk.run.rows_of("staging.information_request")
    assert sorted(rows.only(*columns, "old_status", "new_status"), key=str) == [
        ("c1", "again", at("12:00"), None, None, "portal", None, 1, 2),
        ("c1", "asked", at("11:00"), at("11:20"), "bob", None, "robot", 4, 3),
        ("c2", rows.one(case_id="c2")["audit_id"], at("11:30"), None, "alice", None, None, 1, 3),
        ("c3", rows.one(case_id="c3")["audit_id"], at("11:10"), at("11:20"), "alice", None, None, 77, 3),
    ]


def test_the_channel_of_a_case_is_that_of_its_first_conversation() -> None:
    labels = {
        ("msdyn_ocliveworkitem", "msdyn_state", 1): ("Aberta", "Open"),
        ("incident", "msdyn_channel", 1): ("Outro", "Other"),
        ("msdyn_ocliveworkitem", "msdyn_channel", 1): ("Voz", "Voice"),
    }
    desk = Desk(seeds=SEEDS, labels=labels)
    talks: dict[str, dict[str, dict[str, Any]]] = {
        "initiated first": {"a": {"initiated": "10:10", "started": "10:40"}, "b": {"initiated": "10:20"}},
        "started first": {"a": {"started": "10:10"}, "b": {"initiated": "10:20", "started": "10:00"}},
        "created first": {"a": {"created": "10:10"}, "b": {"started": "10:20", "created": "10:00"}},
        "created first, initiated": {"a": {"created": "10:10"}, "b": {"initiated": "10:20", "created": "10:00"}},
        "without a channel": {"a": {"channel": None}, "b": {"created": "12:00"}},
    }
    for case, conversations in talks.items():
        desk.case(case)
        for name, moments in conversations.items():
            columns = {f"msdyn_{key}on": moments[key] for key in ("initiated", "started") if key in moments}
            columns |= {"msdyn_channel": moments.get("channel", 1 if name == "a" else 192360000)}
            desk.row(
                "msdyn_ocliveworkitem",
                f"{name} of {case}",
                msdyn_issueid=case,
                createdon=moments.get("created", "11:00"),
                **columns,
            )
    found = desk.run.rows_of("staging.first_conversation").only("case_id", "channel_code", "channel")
    assert sorted(found) == sorted(
        (case, None if "without" in case else 1, None if "without" in case else "Voz") for case in talks
    )


def test_a_conversation_needs_a_case_and_deleted_ones_stay_with_kept_cases_only() -> None:
    desk = Desk(seeds=SEEDS)
    for case in ("living", "kept", "twice"):
        desk.case(case)
    desk.delete("kept", noticed=NOTICED)
    for case in ("living", "kept"):
        desk.row("msdyn_ocliveworkitem", f"of {case}", msdyn_issueid=case, msdyn_channel=7, createdon="11:00")
        desk.delete(f"of {case}", noticed=NOTICED)
    for name, channel in (("#2", 192360000), ("#1", 7)):
        desk.row("msdyn_ocliveworkitem", name, msdyn_issueid="twice", msdyn_channel=channel, createdon="11:00")
    desk.row("msdyn_ocliveworkitem", "odd", msdyn_channel=7, createdon="11:00")
    desk.rows["msdyn_ocliveworkitem"]["odd"]["_msdyn_issueid_value"] = "no guid"
    found = desk.run.rows_of("staging.first_conversation").only("case_id", "channel")
    assert sorted(found) == [("kept", "code:7"), ("twice", "code:7")]


def test_a_customer_is_a_company_or_a_person_with_or_without_one() -> None:
    desk = Desk()
    desk.row("contact", "john", fullname="John Doe")
    columns = ("customer_type", "customer_id", "customer_name", "account_name")
    assert sorted(desk.run.rows_of("staging.customer").only(*columns), key=str) == [
        ("account", "acme", "Global Tech Inc.", "Global Tech Inc."),
        ("contact", "jane", "Jane Doe", "Global Tech Inc."),
        ("contact", "john", "John Doe", None),
    ]
