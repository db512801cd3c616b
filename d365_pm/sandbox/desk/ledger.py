"""What piles up while the desk lives: notes, e-mails, calls, links, clocks, resolutions, surveys.

Belongs here: which columns each pile has; `case` is the case that a row was made for, `regarding` the one that it
belongs to now, instants are called `at` or by what happened then. Does not belong here: the present state of cases
(`floor.py`).
"""

from d365_pm.sandbox.desk.rows import Rows


class Ledger:
    """The piles of one desk."""

    def __init__(self) -> None:
        self.item_facts = Rows("entered", "worked")
        self.events = Rows("case", "activity", "at", "rank", "actor", "status", "owner_team", "article")
        self.contacts = Rows("case", "at")
        self.mails = Rows(
            "case", "created", "sent", "outgoing", "status", "actor", "automatic", "internal", "text", "regarding",
            "modified", "case_status", "owner_team", "article",
        )  # fmt: skip
        self.calls = Rows("case", "at", "outgoing", "actor", "minutes", "regarding", "modified")
        self.tasks = Rows("case", "created", "modified", "completed", "canceled", "actor", "text")
        self.comments = Rows("case", "at", "regarding", "modified")
        self.links = Rows("case", "article", "at", "actor", "usage", "sent")
        self.external_links = Rows("case", "article", "at", "actor")
        self.timers = Rows(
            "case", "kpi", "item", "created", "applicable", "warning", "failure", "status", "succeeded", "terminal",
            "paused", "resumed", "elapsed", "previous", "forgets", "modified",
        )  # fmt: skip
        self.resolutions = Rows("case", "at", "actor", "kind", "text", "minutes", "undone", "undoer")
        self.invites = Rows("case", "at", "actor", "status", "modified")
        self.responses = Rows("case", "invite", "at", "score", "nps")
