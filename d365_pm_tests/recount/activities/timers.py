"""SLA Timer Started (3.6), and which KPI an instance measures (table reference, 6.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.people import SYSTEM
from d365_pm_tests.recount.raw import Raw, Row
from d365_pm_tests.recount.rules import CHAIN_GAP

CANCELED = 5
_FIRST_RESPONSE = re.compile("first.*response|primeira.*resposta")
_FIELDS = {"resolvebykpiid": "resolution", "firstresponsebykpiid": "first_response"}


@dataclass(frozen=True)
class Clocks:
    """SLA items and KPIs by id."""

    items: dict[str, Row]
    kpis: dict[str, Row]

    @classmethod
    def of(cls, raw: Raw) -> "Clocks":
        """The SLA definitions of raw rows."""
        return cls(raw.by_key("slaitem", "slaitemid"), raw.by_key("msdyn_slakpi", "msdyn_slakpiid"))

    def kpi(self, case: Dossier, instance: Row) -> str:
        """KPI of an instance: `resolution`, `first_response` or `other:<name>`."""
        for field, kpi in _FIELDS.items():
            if case.row.get(f"_{field}_value") == instance["slakpiinstanceid"]:
                return kpi
        item = self.items.get(instance.get("_msdyn_slaitemid_value") or "", {})
        definition = self.kpis.get(item.get("_msdyn_slakpiid_value") or "", {})
        fed = definition.get("msdyn_kpifield") or item.get("relatedfield")
        return _FIELDS.get(fed, f"other:{fed}") if fed else _by_name(str(instance.get("name")))

    def instances(self, case: Dossier, kpi: str) -> list[Row]:
        """Instances of one KPI, oldest first."""
        own = [row for row in case.rows["slakpiinstance"] if self.kpi(case, row) == kpi]
        return sorted(own, key=lambda row: (row["createdon"], _depth(row, own), row["slakpiinstanceid"]))

    def timers(self, case: Dossier) -> Iterator[Event]:
        """SLA Timer Started: S1, roots of chains only."""
        for kpi in sorted({self.kpi(case, row) for row in case.rows["slakpiinstance"]}):
            for row in self.roots(case, kpi):
                source = ("slakpiinstance", row["slakpiinstanceid"])
                yield Event(case.id, "sla_timer_started", row["createdon"], SYSTEM, "S1", source, detail=kpi)

    def roots(self, case: Dossier, kpi: str) -> list[Row]:
        """Instances that continue no other."""
        rows = self.instances(case, kpi)
        return [row for index, row in enumerate(rows) if not _continues(row, rows[:index])]


def _by_name(name: str) -> str:
    plain = name.lower()
    if "resol" in plain:
        return "resolution"
    return "first_response" if _FIRST_RESPONSE.search(plain) else f"other:{name}"


def ended(instance: Row) -> object:
    """When an instance ended."""
    return instance.get("terminalstatetime") or instance["modifiedon"]


def _continues(row: Row, earlier: list[Row]) -> bool:
    if row.get("msdyn_prevslakpiinstanceid"):
        return True
    canceled = [each for each in earlier if each["status"] == CANCELED]
    gaps = [row["createdon"] - ended(each) for each in canceled]
    return any(CHAIN_GAP * 0 <= gap <= CHAIN_GAP for gap in gaps)


def _depth(row: Row, rows: list[Row]) -> int:
    """How many instances of the same second this one follows by its link."""
    by_id = {each["slakpiinstanceid"]: each for each in rows}
    before = by_id.get(str(row.get("msdyn_prevslakpiinstanceid") or "").lower())
    if before is None or before is row or before["createdon"] != row["createdon"]:
        return 0
    return 1 + _depth(before, [each for each in rows if each is not row])
