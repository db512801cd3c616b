"""Tables that are read only where something needs them, by name, and the activities that do.

Belongs here: names, for settings and models. Does not belong here: their columns (`dataverse/registry/optional.py`).
"""

SURVEY_EMAIL = "survey_email"
"""E-mails with a link to a survey: read where `D365_PM_SURVEY_LINKS` says what such links look like."""

NAMED_TABLES = frozenset({"annotation", "post", "msdyn_ocliveworkitem", "msdyn_ocsession", "teammembership"})
"""Optional tables that `D365_PM_TABLES` may name."""

OPTIONAL_TABLES = NAMED_TABLES | {SURVEY_EMAIL}
"""Dataverse tables that no shipped rule reads."""

_NEEDED = {
    "note_added": "annotation",
    "conversation_started": "msdyn_ocliveworkitem",
    "conversation_ended": "msdyn_ocliveworkitem",
}


def tables_of(activities: frozenset[str]) -> frozenset[str]:
    """The optional tables that extended activities are made of."""
    return frozenset(table for activity, table in _NEEDED.items() if activity in activities)
