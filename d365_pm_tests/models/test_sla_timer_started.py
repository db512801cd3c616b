"""SLA Timer Started: rule S1, its chains and its KPIs (reference: event-log semantics 3.6, tables 6.1)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

CANCELED, SUCCEEDED = 5, 4


def starts(desk: Desk) -> list[str]:
    return desk.run.activity("sla_timer_started").only("source_row_id")


@story
def test_s1_an_instance_starts_the_timer_when_it_was_created(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00:04", item="resolution", applicablefromvalue="09:30")
    yield
    started = desk.run.activity("sla_timer_started")
    assert started.only("rule", "case_id", "event_time", "source_table", "confidence") == [
        ("S1", "c1", at("10:00:04"), "slakpiinstance", "A")
    ]


@story
def test_s1_two_kpis_are_two_timers(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="first_response")
    desk.clock("k2", "10:00", item="resolution")
    yield
    assert sorted(desk.run.activity("sla_timer_started").only("sla_kpi")) == ["first_response", "resolution"]


@story
def test_a_timer_of_an_email_is_not_the_timer_of_its_case(desk: Desk) -> Story:
    desk.case()
    mail = desk.email_in("10:01")
    desk.clock("k1", "10:02", mail, item="first_response")
    yield
    assert starts(desk) == []


@pytest.mark.parametrize("named", ["by its id as a text", "by a lookup that does not tell the table"])
@story
def test_a_clock_may_name_its_case_without_its_table(desk: Desk, named: str) -> Story:
    desk.case()
    by_text = {"regarding": None, "regardingentityid": desk.guid("c1")}
    desk.clock("k1", "10:00", item="resolution", **(by_text if "text" in named else {"regarding": (None, "c1")}))
    yield
    assert starts(desk) == ["k1"]


@pytest.mark.parametrize("kpi", ["first_response", "resolution"])
@story
def test_the_case_tells_which_kpi_an_instance_measures(desk: Desk, kpi: str) -> Story:
    desk.clock("k1", "10:00", desk.case(), item=None, name="whatever")
    desk.update("c1", **{"firstresponsebykpiid" if kpi == "first_response" else "resolvebykpiid": "k1"})
    yield
    assert desk.run.activity("sla_timer_started").only("sla_kpi") == [kpi]


@pytest.mark.parametrize("kpi", ["first_response", "resolution"])
@story
def test_the_kpi_of_its_target_tells_what_an_instance_measures(desk: Desk, kpi: str) -> Story:
    desk.clock("k1", "10:00", desk.case(), item=kpi, name="whatever")
    yield
    assert desk.run.activity("sla_timer_started").only("sla_kpi") == [kpi]


@pytest.mark.parametrize(
    ("field", "kpi"), [("firstresponsebykpiid", "first_response"), ("resolvebykpiid", "resolution")]
)
@story
def test_the_field_of_a_legacy_target_tells_what_an_instance_measures(desk: Desk, field: str, kpi: str) -> Story:
    desk.row("slaitem", "legacy_item", relatedfield=field, failureafter=60, slaid="gold")
    desk.clock("k1", "10:00", desk.case(), name="whatever", msdyn_slaitemid="legacy_item")
    yield
    assert desk.run.activity("sla_timer_started").only("sla_kpi") == [kpi]


@story
def test_the_case_outranks_the_target_in_naming_the_kpi(desk: Desk) -> Story:
    desk.clock("k1", "10:00", desk.case(), item="first_response")
    desk.update("c1", resolvebykpiid="k1")
    yield
    assert desk.run.activity("sla_timer_started").only("sla_kpi") == ["resolution"]


@pytest.mark.parametrize(
    ("kpi", "clock", "item", "name"),
    [
        ("Visita", "Relógio", "Meta", "Visita"),
        (None, "Relógio", "Meta", "Relógio"),
        (None, None, "Meta", "Meta"),
        (None, None, None, "unnamed"),
    ],
)
@story
def test_any_other_kpi_keeps_its_name(
    desk: Desk, kpi: str | None, clock: str | None, item: str | None, name: str
) -> Story:
    desk.row("msdyn_slakpi", "visit", msdyn_name=kpi, msdyn_entityname="incident", msdyn_kpifield="new_visitbykpiid")
    desk.row("slaitem", "visit_item", failureafter=60, slaid="gold", msdyn_slakpiid="visit", name=item)
    desk.clock("k1", "10:00", desk.case(), name=clock, msdyn_slaitemid="visit_item")
    yield
    assert desk.run.activity("sla_timer_started").only("sla_kpi") == [f"other:{name}"]


@pytest.mark.parametrize(
    ("name", "kpi"),
    [
        ("First Response by KPI", "first_response"),
        ("Tempo da primeira resposta", "first_response"),
        ("Resolve by KPI: resolution", "resolution"),
        ("Resolução", "resolution"),
        ("Response", "other:Response"),
    ],
)
@story
def test_where_nothing_else_tells_the_kpi_the_name_of_the_instance_does(desk: Desk, name: str, kpi: str) -> Story:
    desk.clock("k1", "10:00", desk.case(), name=name)
    yield
    assert desk.run.activity("sla_timer_started").only("sla_kpi") == [kpi]


@story
def test_an_instance_that_names_its_predecessor_continues_it(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=CANCELED, terminalstatetime="11:00")
    desk.clock("k2", "15:00", item="resolution", msdyn_prevslakpiinstanceid=desk.guid("k1"))
    yield
    assert starts(desk) == ["k1"]


@story
def test_five_pauses_are_one_timer(desk: Desk) -> Story:
    desk.case()
    for number in range(5):
        ended = f"1{number + 1}:00:00"
        desk.clock(f"k{number}", f"1{number}:00:00", item="resolution", status=CANCELED, terminalstatetime=ended)
    desk.clock("k5", "15:00:00", item="resolution")
    yield
    assert starts(desk) == ["k0"]


@pytest.mark.parametrize(
    ("created", "timers"),
    [("11:00:00", ["k1"]), ("11:01:00", ["k1"]), ("11:01:01", ["k1", "k2"])],
    ids=["same second", "60 s later", "61 s later"],
)
@pytest.mark.parametrize("previous", [None, ""], ids=["null", "empty text"])
@story
def test_without_a_named_predecessor_a_minute_decides(
    desk: Desk, created: str, timers: list[str], previous: str | None
) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=CANCELED, terminalstatetime="11:00:00", modifiedon="14:00")
    desk.clock("k2", created, item="resolution", msdyn_prevslakpiinstanceid=previous)
    yield
    assert starts(desk) == timers


@story
def test_without_an_end_the_last_change_ends_the_predecessor(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=CANCELED, modifiedon="11:00:00")
    desk.clock("k2", "11:00:30", item="resolution")
    yield
    assert starts(desk) == ["k1"]


@pytest.mark.parametrize(("canceled", "first"), [(("#1", "#2"), "#1"), (("#2",), "#2")])
@story
def test_timers_of_one_second_are_one_chain(desk: Desk, canceled: tuple[str, ...], first: str) -> Story:
    """Of two canceled at once the one whose id sorts first began; one that runs on is never before another."""
    desk.case()
    for name in ("#1", "#2"):
        ended = {"status": CANCELED, "terminalstatetime": "10:00"} if name in canceled else {}
        desk.clock(name, "10:00", item="resolution", **ended)
    desk.clock("#3", "10:00:20", item="resolution")
    yield
    assert starts(desk) == [first]


@story
def test_a_timer_that_was_made_later_is_no_predecessor_wherever_its_end_lies(desk: Desk) -> Story:
    """An end before the creation is an error of whoever wrote it."""
    desk.case()
    desk.clock("k1", "11:00:00", item="resolution")
    desk.clock("k2", "11:05:00", item="resolution", status=CANCELED, terminalstatetime="10:59:30")
    yield
    assert starts(desk) == ["k1", "k2"]


@story
def test_a_timer_that_ended_otherwise_has_no_continuation(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=SUCCEEDED, terminalstatetime="11:00:00")
    desk.clock("k2", "11:00:30", item="resolution")
    yield
    assert starts(desk) == ["k1", "k2"]


@story
def test_a_timer_of_another_kpi_is_no_predecessor(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="first_response", status=CANCELED, terminalstatetime="11:00:00")
    desk.clock("k2", "11:00:30", item="resolution")
    yield
    assert starts(desk) == ["k1", "k2"]


@story
def test_a_timer_of_another_case_is_no_predecessor(desk: Desk) -> Story:
    desk.case("c1")
    desk.case("c2")
    desk.clock("k1", "10:00", "c1", item="resolution", status=CANCELED, terminalstatetime="11:00:00")
    desk.clock("k2", "11:00:30", "c2", item="resolution")
    yield
    assert starts(desk) == ["k1", "k2"]
