"""The worked example of the reference (event-log semantics, section 8) as raw rows, with full audit."""

from d365_pm_tests.models.desk import RESPONDED, Desk
from d365_pm_tests.models.names import guid

CANCELED, SUCCEEDED = 5, 4


def build_worked_example(language: str = "pt-BR", *, audit_from: str | None = None) -> Desk:
    """The case of section 8: opened by e-mail, escalated, resolved, reactivated and resolved again."""
    desk = Desk(as_of="2024-03-20T00:00:00Z", language=language, audit_from=audit_from)
    desk.case("example", "04 13:05:10", by="robot", subjectid="network", caseorigincode=2)
    desk.enqueue("04 13:05:12", "queue_n1", "example")
    desk.clock(
        "response clock",
        "04 13:05:14",
        "example",
        item="first_response",
        status=SUCCEEDED,
        succeededon="04 13:50:00",
        failuretime="04 14:05:14",
    )
    desk.clock(
        "first clock",
        "04 13:05:14",
        "example",
        item="resolution",
        status=CANCELED,
        failuretime="05 13:05:14",
        terminalstatetime="05 11:12:20",
    )
    _first_day(desk)
    _second_day(desk)
    desk.reactivate("06 12:00:00", "example", by="bob")
    desk.update("resolution 1", modifiedby="bob")
    desk.resolve("06 14:00:00", "example", by="bob")
    desk.respond("06 16:00:00", ("csat", 4, 4.0), case="example")
    return desk


def _first_day(desk: Desk) -> None:
    desk.change("item", "04 13:47:30", by="alice", workerid=(None, "alice"))
    desk.update("item", workeridmodifiedon="04 13:47:30", modifiedby="alice")
    desk.change("example", "04 13:47:30", by="alice", ownerid=("robot", "alice"))
    desk.change("example", "04 14:02:09", by="alice", subjectid=("network", "billing"))
    desk.link_article("04 14:20:41", "example", article="article", by="alice")
    desk.email_out("04 14:30:52", "example", by="alice")
    desk.status("04 14:31:00", 3, "example", by="alice")


def _second_day(desk: Desk) -> None:
    desk.email_in("05 11:10:05", "example")
    desk.status("05 11:12:20", 1, "example", by="alice")
    desk.clock(
        "second clock",
        "05 11:12:20",
        "example",
        item="resolution",
        status=SUCCEEDED,
        succeededon="05 15:25:44",
        failuretime="06 09:46:34",
        msdyn_prevslakpiinstanceid=guid("first clock"),
    )
    desk.update("example", resolvebykpiid="second clock", firstresponsebykpiid="response clock", slainvokedid="gold")
    desk.change("example", "05 12:05:00", by="alice", isescalated=(False, True), ownerid=("alice", "team_n2"))
    desk.update("example", escalatedon="05 12:05:00")
    desk.change("example", "05 12:40:15", by="bob", ownerid=("team_n2", "bob"))
    desk.email_out("05 15:20:30", "example", by="bob")
    desk.resolve("05 15:25:44", "example", by="bob")
    desk.invite("05 15:25:50", "example", status=RESPONDED)
