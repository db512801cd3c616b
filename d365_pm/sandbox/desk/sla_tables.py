"""Service levels, their targets and every clock as rows."""

import numpy as np

from d365_pm.sandbox.desk.arrow import flags, moments, pick, same, whole
from d365_pm.sandbox.desk.catalogue import FAILURE_MINUTES, KPI_NAMES, SLA_NAMES
from d365_pm.sandbox.desk.codes import Clock
from d365_pm.sandbox.desk.draft import Draft, record
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.numbers import MINUTE, NONE
from d365_pm.sandbox.desk.people import ADMINISTRATOR, SYSTEM

_KPI_FIELDS = ("firstresponsebykpiid", "resolvebykpiid")
_PRIORITIES = ("Alto", "Normal", "Baixo")


def slakpiinstance(floor: Floor, keys: Keys) -> Draft:
    """Every clock; a later one of a chain names the one before it, unless the platform forgot to."""
    rows = floor.timers
    count, status = rows.count, rows["status"]
    previous = np.where(rows["forgets"] == 1, NONE, rows["previous"])
    is_terminal = np.isin(status, [Clock.NONCOMPLIANT, Clock.SUCCEEDED, Clock.CANCELED])
    columns = {
        "slakpiinstanceid": keys.of("slakpiinstance", count),
        "name": pick(KPI_NAMES, rows["kpi"]),
        "_regarding_value": keys.row("incident", rows["case"]),
        "_regarding_type": same("incident", count),
        "regardingentityid": keys.row("incident", rows["case"]),
        "msdyn_prevslakpiinstanceid": keys.row("slakpiinstance", previous),
        "_msdyn_slaitemid_value": keys.row("slaitem", rows["item"]),
        "msdyn_calendarid": keys.row("calendar", np.zeros(count, dtype=np.int64)),
        "status": whole(status),
        "warningtimereached": whole((rows["warning"] <= np.where(is_terminal, rows["terminal"], floor.end)) * 1),
        "terminalstatereached": flags(is_terminal),
        "elapsedtime": whole(np.maximum(rows["elapsed"], 0) // MINUTE),
    }
    for column, source in (
        ("applicablefromvalue", "applicable"), ("warningtime", "warning"), ("failuretime", "failure"),
        ("succeededon", "succeeded"), ("terminalstatetime", "terminal"), ("pausedon", "paused"),
        ("lastresumetime", "resumed"),
    ):  # fmt: skip
        columns[column] = moments(rows[source])
    columns |= record(keys, rows["created"], SYSTEM, rows["modified"], SYSTEM)
    columns |= keys.owner("ownerid", np.full(count, SYSTEM))
    return Draft("slakpiinstance", columns, rows["modified"]).where(floor.habits.has_clocks)


def service_levels(floor: Floor, keys: Keys) -> list[Draft]:
    """The service levels, their targets, the KPIs and the calendar behind them."""
    return [_sla(floor, keys), _slaitem(floor, keys), _kpi(floor, keys), _calendar(floor, keys)]


def _sla(floor: Floor, keys: Keys) -> Draft:
    count = len(SLA_NAMES)
    started = np.full(count, floor.start)
    columns = {
        "slaid": keys.of("sla", count),
        "name": pick(SLA_NAMES, np.arange(count)),
        "slatype": same(int(floor.habits.has_clocks), count),
        "_businesshoursid_value": keys.row("calendar", np.zeros(count, dtype=np.int64)),
        "statecode": same(1, count),
        "statuscode": same(2, count),
    }
    columns |= record(keys, started, ADMINISTRATOR, started, ADMINISTRATOR)
    return Draft("sla", columns, started)


def _slaitem(floor: Floor, keys: Keys) -> Draft:
    """One target per service level, priority and KPI, in the order of `catalogue.sla_item`."""
    sla, priority, kpi = (part.reshape(-1) for part in np.indices(FAILURE_MINUTES.shape))
    minutes = FAILURE_MINUTES.reshape(-1)
    started = np.full(len(minutes), floor.start)
    names = [f"{KPI_NAMES[k]} - {_PRIORITIES[p]}" for p, k in zip(priority, kpi, strict=True)]
    columns = {
        "slaitemid": keys.of("slaitem", len(minutes)),
        "name": pick(names, np.arange(len(minutes))),
        "relatedfield": pick(_KPI_FIELDS, kpi),
        "failureafter": whole(minutes),
        "warnafter": whole(minutes * 3 // 4),
        "allowpauseresume": flags(kpi),
        "_slaid_value": keys.row("sla", sla),
        "_msdyn_slakpiid_value": keys.row("msdyn_slakpi", kpi),
        "_businesshoursid_value": keys.row("calendar", np.zeros(len(minutes), dtype=np.int64)),
    }
    columns |= record(keys, started, ADMINISTRATOR, started, ADMINISTRATOR)
    return Draft("slaitem", columns, started)


def _kpi(floor: Floor, keys: Keys) -> Draft:
    count = len(KPI_NAMES)
    started = np.full(count, floor.start)
    columns = {
        "msdyn_slakpiid": keys.of("msdyn_slakpi", count),
        "msdyn_name": pick(KPI_NAMES, np.arange(count)),
        "msdyn_entityname": same("incident", count),
        "msdyn_kpifield": pick(_KPI_FIELDS, np.arange(count)),
        "msdyn_applicablefromfield": same("createdon", count),
    }
    columns |= record(keys, started, ADMINISTRATOR, started, ADMINISTRATOR)
    return Draft("msdyn_slakpi", columns, started)


def _calendar(floor: Floor, keys: Keys) -> Draft:
    columns = {"calendarid": keys.of("calendar", 1), "name": same("Horário de Atendimento", 1)}
    return Draft("calendar", columns, np.full(1, floor.start))
