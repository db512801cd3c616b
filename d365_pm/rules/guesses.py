"""What the facts of an environment suggest, seed by seed.

Belongs here: one function per seed that something can be proposed for. Does not belong here: the words (`words.py`).
"""

from collections.abc import Iterator

from d365_pm.rules.facts import Facts, Status
from d365_pm.rules.proposal import Certainty, Proposal
from d365_pm.rules.words import category_word, escalation_sign, machine_word, mail_meaning, status_meaning

_STATE_ROLES = {0: "in_progress", 1: "resolved", 2: "cancelled"}
_ROLE_STATES = {
    **dict.fromkeys(("in_progress", "waiting_customer", "on_hold", "researching", "solution_proposed"), 0),
    **dict.fromkeys(("resolved", "closed"), 1),
    **dict.fromkeys(("cancelled", "merged"), 2),
}
"""State that a status reason of a role belongs to, where the platform's own are a guide; closed may be active too."""

_ON_HOLD = 2
_CATEGORY_TYPES = frozenset({"Picklist", "Lookup"})
_BULK = 20
"""Cases that no person creates within one second (event-log semantics, 4.10)."""


def status_roles(facts: Facts) -> Iterator[Proposal]:
    """Roles of status reasons that no row of the seed tells."""
    for status in facts.statuses:
        if str(status.code) in facts.known["status_roles"]:
            continue
        role, reason, certainty = _role(status)
        yield Proposal(
            "status_roles",
            {"status_code": str(status.code), "role": role, "remark": _label(status)},
            f"status reason {_label(status)} ({status.code})",
            f"{reason}; {_use(status)}",
            certainty,
        )


def waiting_status(facts: Facts) -> Iterator[Proposal]:
    """The platform's On Hold where no status reason waits for the customer: it may be used for that (3.10)."""
    used = [(status, facts.roles.get(status.code)) for status in facts.statuses if status.cases or status.changes]
    waits = [
        status for status, role in used if (role or (status_meaning(status.labels) or "?")[0]) == "waiting_customer"
    ]
    for status, role in used:
        if status.code == _ON_HOLD and role == "on_hold" and not waits:
            yield Proposal(
                "status_roles",
                {"status_code": str(status.code), "role": "waiting_customer", "remark": _label(status)},
                f"status reason {_label(status)} ({status.code})",
                f"{_use(status)}, and no status reason that waits for the customer is in use; ask what it means here",
                Certainty.LOW,
            )


def _use(status: Status) -> str:
    if not status.cases and not status.changes:
        return "nobody uses it"
    return f"{status.cases:,} case(s) have it now, {status.changes:,} audited change(s) led to it"


def _role(status: Status) -> tuple[str, str, Certainty]:
    by_state = _STATE_ROLES.get(status.state if status.state is not None else -1, "in_progress")
    meant = status_meaning(status.labels)
    if meant is None:
        why = "its label says nothing that is known" if status.labels else "it has no label"
        state = "" if status.state is None else f", so its state ({by_state}) decides"
        return by_state, f"{why}{state}", Certainty.LOW
    role, word = meant
    if status.state is None:
        return role, f"its label has '{word}'", Certainty.MEDIUM
    if _ROLE_STATES[role] == status.state:
        return role, f"its label has '{word}', and its state fits", Certainty.HIGH
    if role == "closed" and status.state in (0, 2):
        return role, f"its label has '{word}', although its state is not Resolved", Certainty.LOW
    return by_state, f"its label has '{word}', but its state does not fit that, so the state decides", Certainty.LOW


def _label(status: Status) -> str:
    return " / ".join(dict.fromkeys(status.labels)) or f"code:{status.code}"


def escalation_targets(facts: Facts) -> Iterator[Proposal]:
    """Teams and queues whose names speak of escalation; names suggest, they never decide (3.4)."""
    for target in facts.targets:
        sign = None if target.is_special else escalation_sign(target.name)
        if sign is None or f"{target.type}|{target.id}".lower() in facts.known["escalation_targets"]:
            continue
        word, is_outright = sign
        yield Proposal(
            "escalation_targets",
            {"target_type": target.type, "target_id": target.id, "remark": target.name},
            f"{target.type} {target.name}",
            f"its name has '{word}'",
            Certainty.MEDIUM if is_outright else Certainty.LOW,
        )


def email_templates(facts: Facts) -> Iterator[Proposal]:
    """Templates whose mails are surveys or acknowledgements."""
    for template in facts.templates:
        meant = None if template.id.lower() in facts.known["email_templates"] else mail_meaning(template.subjects)
        if meant is None:
            continue
        meaning, word = meant
        yield Proposal(
            "email_templates",
            {"template_id": template.id, "meaning": meaning, "remark": f"subjects with '{word}'"},
            f"e-mail template of {template.mails:,} mail(s)",
            f"every subject of its mails has '{word}'",
            Certainty.MEDIUM,
        )


def system_users(facts: Facts) -> Iterator[Proposal]:
    """Accounts that look like people to the platform and like machines by name or speed."""
    for user in facts.users:
        if user.is_known_system or user.id.lower() in facts.known["system_users"]:
            continue
        word = machine_word(user.name)
        is_fast = user.busiest_second >= _BULK
        if not word and not is_fast:
            continue
        reasons = [f"its name has '{word}'"] if word else []
        reasons += [f"it created {user.busiest_second:,} cases within one second"] if is_fast else []
        yield Proposal(
            "system_users",
            {"user_id": user.id, "remark": user.name},
            f"user {user.name}",
            " and ".join(reasons),
            Certainty.MEDIUM if is_fast else Certainty.LOW,
        )


def categorization_columns(facts: Facts) -> Iterator[Proposal]:
    """Columns of the case that look like a category: the case type, and choices and lookups of the organisation."""
    known = facts.known["categorization_columns"]
    for column in facts.columns:
        if column.name in known:
            continue
        audit = "it is audited" if column.is_audited else "it is not audited, so its changes leave no event"
        is_own = column.is_custom and column.type in _CATEGORY_TYPES
        word = category_word(column.name) if is_own else None
        if column.name == "casetypecode" and facts.with_type:
            reason = f"{facts.with_type:,} of {facts.cases:,} cases have a case type; {audit}"
            certainty = Certainty.MEDIUM if facts.with_type * 2 >= facts.cases else Certainty.LOW
        elif word:
            reason, certainty = f"a column of the organisation whose name has '{word}'; {audit}", Certainty.MEDIUM
        else:
            continue
        row = {"column_name": column.name, "remark": ""}
        yield Proposal("categorization_columns", row, f"column {column.name}", reason, certainty)


def choices(facts: Facts) -> Iterator[Proposal]:
    """The column that tells the type of a request, where most cases fill the other one."""
    if "service_request_type_column|casetypecode" in facts.known["choices"]:
        return
    if facts.with_subject * 10 < facts.cases and facts.with_type * 2 > facts.cases:
        yield Proposal(
            "choices",
            {"key": "service_request_type_column", "value": "casetypecode", "remark": "Most cases have no subject"},
            "service_request_type_column",
            f"{facts.with_subject:,} of {facts.cases:,} cases have a subject, {facts.with_type:,} a case type",
            Certainty.MEDIUM,
        )
