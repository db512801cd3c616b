"""A tiny service desk: what happens to a case, written as the raw rows that Dataverse would keep of it.

Belongs here: the vocabulary of the tests. Does not belong here: the models that read the rows (`model_run.py`).
"""

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from d365_pm.settings import Language, Profile
from d365_pm_tests.models.answers import Answers
from d365_pm_tests.models.model_run import ModelRun, Settings
from d365_pm_tests.models.names import instant
from d365_pm_tests.models.people import LABELS, option_labels, populate
from d365_pm_tests.models.raw_desk import CREATE, RawDesk
from d365_pm_tests.models.raw_rows import Row, attribute_metadata, loads

SENT, RESPONDED = 647390002, 647390003
NEVER = "9999-12-31T00:00:00Z"


class Desk(RawDesk):
    """The service desk of one test, and the models' answers to its rows.

    Args:
        as_of: Start of the extraction of every table.
        language: Language of the labels, `pt-BR` or `en`.
        seeds: Rows of seeds to add, or to put in the place of those with the same key; None for a file without a line.
        labels: Option labels (Portuguese, English) to add, or to put in the place of those of `people.py`.
        unaudited: Columns that the environment does not audit, such as `incident.statuscode`.
        profile: Reading of the template that the seeds start from.
        time_zone: IANA zone of local times.
        activities: Extended activities that are on.
        audit_from: Moment before which no audit rows were written, or `NEVER`.
    """

    def __init__(
        self,
        *,
        as_of: str = "20 00:00",
        language: str = "pt-BR",
        seeds: Mapping[str, list[dict[str, str]] | None] | None = None,
        labels: Mapping[tuple[str, str, int], tuple[str, str]] | None = None,
        unaudited: Collection[str] = (),
        profile: Profile = Profile.RECOMMENDED,
        time_zone: str = "UTC",
        activities: Collection[str] = (),
        audit_from: str | None = None,
        shared: "Desk | None" = None,
        scope: str = "",
    ) -> None:
        super().__init__(shared=shared, scope=scope)
        self.settings = Settings(as_of, Language(language), seeds or {}, profile, time_zone, frozenset(activities))
        self.loads = loads(instant(as_of))
        self._labels = {**LABELS, **(labels or {})}
        self._unaudited = unaudited
        self._audit_from = audit_from
        self._parent = shared
        self._parts: list[Desk] = []
        self.story: Iterator[None] = iter(())
        if shared is None:
            populate(self)
            self.update("contoso", isauditenabled=audit_from != NEVER)

    def part(self, scope: str) -> "Desk":
        """A desk with cases of its own over the people of this one; the models run over all parts at once."""
        part = Desk(shared=self, scope=scope)
        self._parts.append(part)
        return part

    # What happens to a case

    def case(self, name: str = "c1", created: str = "10:00", *, by: str = "alice", **columns: Any) -> str:
        """A case and the audit row of its creation; `audited=False` leaves the latter out."""
        audited = columns.pop("audited", True)
        initial = {
            "ownerid": by,
            "statecode": 0,
            "statuscode": 1,
            "prioritycode": 2,
            "caseorigincode": 2,
            "isescalated": False,
            "customerid": "acme",
        } | columns
        self.row("incident", name, ticketnumber=f"CAS-{self.guid(name)}", title=name, createdby=by, modifiedby=by)
        self.update(name, createdon=created, modifiedon=created, **initial)
        if audited:
            recorded = {column: (None, value) for column, value in initial.items() if value is not None}
            self.audit(name, created, recorded, by=by, operation=CREATE, action=CREATE)
        return name

    def resolve(self, when: str, case: str = "c1", *, by: str = "alice", status: int = 5, **columns: Any) -> str:
        """Resolve a case: its resolution row (unless `row=False`), and the audited change of state and status."""
        resolution = f"resolution {len(self.rows['incidentresolution']) + 1}"
        if columns.pop("row", True):
            written: Row = {"createdon": when, "modifiedon": when, "createdby": by, "statecode": 1, "statuscode": 2}
            written |= {"incidentid": case, "resolutiontypecode": status} | columns
            self.row("incidentresolution", resolution, **written)
        self.change(case, when, by=by, **self._to(case, 1, status))
        return resolution

    def reactivate(self, when: str, case: str = "c1", *, by: str = "alice") -> str:
        """Reactivate a case; the platform cancels its last resolution."""
        for name, row in self.rows["incidentresolution"].items():
            if row["_incidentid_value"] == self.value(case, "incidentid") and row["statecode"] == 1:
                self.update(name, statecode=2, statuscode=3, modifiedon=when)
        return self.change(case, when, by=by, **self._to(case, 0, 1))

    def cancel(self, when: str, case: str = "c1", *, by: str = "alice", status: int = 6) -> str:
        """Cancel a case; status 2000 is what a merge leaves."""
        return self.change(case, when, by=by, **self._to(case, 2, status))

    def status(self, when: str, code: int, case: str = "c1", *, by: str | None = "alice") -> str:
        """Change the status reason within the state."""
        return self.change(case, when, by=by, statuscode=(self.value(case, "statuscode"), code))

    def enqueue(
        self, when: str, queue: str = "queue_n1", case: str = "c1", *, by: str = "robot", name: str = "item"
    ) -> str:
        """Put a case into a queue."""
        columns = {"queueid": queue, "objectid": case}
        self.row("queueitem", name, createdon=when, modifiedon=when, enteredon=when, objecttypecode=112)
        self.update(name, createdby=by, statecode=0, statuscode=1, **columns)
        created = {column: (None, value) for column, value in columns.items()}
        self.audit(name, when, created, by=by, operation=CREATE, action=CREATE)
        return name

    def clock(self, name: str, started: str, case: str = "c1", /, *, item: str | None = None, **columns: Any) -> str:
        """An SLA KPI instance; `item` is `first_response` or `resolution` and names its target."""
        self.row("slakpiinstance", name, name=item, regarding=case, status=0, createdon=started, modifiedon=started)
        target = f"{item}_item" if item else None
        self.update(name, **({"applicablefromvalue": started, "msdyn_slaitemid": target} | columns))
        return name

    def link_article(
        self, when: str, case: str = "c1", *, article: str = "article", by: str = "alice", **columns: Any
    ) -> str:
        """Link a knowledge article to a case."""
        name = f"link {len(self.rows['knowledgearticleincident']) + 1}"
        linked: Row = {"incidentid": case, "knowledgearticleid": article, "createdon": when, "modifiedon": when}
        linked |= {"createdby": by, "statecode": 0, "statuscode": 1, "issenttocustomer": False, "knowledgeusage": 1}
        return self.row("knowledgearticleincident", name, **(linked | columns))

    def email_out(self, when: str, case: str = "c1", *, by: str = "alice", to: str = "jane", **columns: Any) -> str:
        """A sent e-mail of a case."""
        sent = {"directioncode": True, "statecode": 1, "statuscode": 3, "senton": when, "isworkflowcreated": False}
        return self._email(when, case, by=by, sender=by, to=to, **(sent | columns))

    def email_in(self, when: str, case: str = "c1", *, sender: str = "jane", **columns: Any) -> str:
        """A received e-mail of a case."""
        received = {"directioncode": False, "statecode": 1, "statuscode": 4, "senton": when}
        return self._email(when, case, by="robot", sender=sender, to="queue_n1", **(received | columns))

    def invite(self, when: str, case: str = "c1", *, status: int = SENT, by: str = "voice", **columns: Any) -> str:
        """An invitation to a survey."""
        name = f"invite {len(self.rows['msfp_surveyinvite']) + 1}"
        invited: Row = {"regardingobjectid": case, "createdon": when, "modifiedon": when, "createdby": by}
        invited |= {"msfp_invitestatus": status, "statecode": 1}
        return self.row("msfp_surveyinvite", name, **(invited | columns))

    def respond(self, when: str, *metrics: tuple[str, Any, Any], case: str = "c1", **columns: Any) -> str:
        """An answer to a survey: each metric is a type (`csat`, `nps`), a value and a decimal value."""
        name = f"response {len(self.rows['msfp_surveyresponse']) + 1}"
        values = [
            {"id": f"m{number}", "type": kind, "value": value, "decimalvalue": exact}
            for number, (kind, value, exact) in enumerate(metrics)
        ]
        answered: Row = {"regardingobjectid": case, "createdon": when, "modifiedon": when, "createdby": "voice"}
        answered |= {"msfp_satisfactionmetricvalue": json.dumps(values), "statecode": 1}
        return self.row("msfp_surveyresponse", name, **(answered | columns))

    def _email(self, when: str, case: str, *, by: str, sender: str, to: str, **columns: Any) -> str:
        name = f"email {len(self.rows['email']) + 1}"
        written = {"regardingobjectid": case, "createdon": when, "modifiedon": when, "createdby": by, "subject": name}
        self.row("email", name, **(written | columns))
        for mask, party in ((1, sender), (2, to)):
            self.row(
                "activityparty", f"{name} party {mask}", activityid=name, partyid=party, participationtypemask=mask
            )
        return name

    def _to(self, case: str, state: int, status: int) -> dict[str, tuple[Any, Any]]:
        return {
            "statecode": (self.value(case, "statecode"), state),
            "statuscode": (self.value(case, "statuscode"), status),
        }

    # What the models make of it

    @cached_property
    def run(self) -> Answers:
        """The answers of the models; the rows must be complete when the first one is asked for."""
        cases = [row["incidentid"] for row in self.rows["incident"].values()]
        return Answers(self._parent._models if self._parent else self._models, cases, self.known_guid)

    @cached_property
    def _models(self) -> ModelRun:
        rows: dict[str, list[Row]] = {
            "attribute_metadata": attribute_metadata(unaudited=self._unaudited),
            "option_label": option_labels(self._labels),
            "_loads": self.loads,
        }
        for desk in (self, *self._parts):
            for table, named in desk.rows.items():
                rows.setdefault(table, []).extend(named.values())
        if self._audit_from is not None:
            since = instant(self._audit_from)
            rows["audit"] = [row for row in rows.get("audit", []) if row["createdon"] >= since]
        return ModelRun(rows, self.settings)
