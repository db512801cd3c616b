"""The same seed and end give the same desk; a desk that was kept is the desk that was made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from d365_pm.sandbox.desk import Desk, DeskError, generate, read

_END = datetime(2026, 2, 20, 12, 0, tzinfo=UTC)


def test_same_seed_and_end_give_the_same_rows_and_truth() -> None:
    one, two = (generate(cases=120, seed=5, end=_END, days=20) for _ in range(2))
    assert one.tables.keys() == two.tables.keys()
    for name, table in one.tables.items():
        assert table.equals(two.tables[name]), name
    assert one.truth(_END, "en").equals(two.truth(_END, "en"))


def test_another_seed_gives_other_rows() -> None:
    one, two = (generate(cases=60, seed=seed, end=_END, days=20) for seed in (5, 6))
    assert not one.tables["incident"].equals(two.tables["incident"])
    assert set(one.tables["incident"]["incidentid"].to_pylist()).isdisjoint(
        two.tables["incident"]["incidentid"].to_pylist()
    )


def test_the_end_may_be_given_in_any_zone() -> None:
    zoned = _END.astimezone(tz=None)
    assert (
        generate(cases=20, seed=5, end=zoned)
        .tables["incident"]
        .equals(generate(cases=20, seed=5, end=_END).tables["incident"])
    )


def test_without_an_end_the_desk_lives_until_now() -> None:
    before = datetime.now(UTC)
    desk = generate(cases=5, seed=1)
    assert before - timedelta(seconds=1) <= desk.end <= datetime.now(UTC)


def test_a_desk_survives_its_folder(tmp_path: Path) -> None:
    desk = generate(cases=80, seed=3, end=_END, days=15)
    desk.write(tmp_path / "desk")
    again = read(tmp_path / "desk")
    assert (again.start, again.end) == (desk.start, desk.end)
    assert again.tables.keys() == desk.tables.keys()
    assert all(again.tables[name].equals(table) for name, table in desk.tables.items())
    assert again.truth(_END, "pt-BR").equals(desk.truth(_END, "pt-BR"))


@pytest.mark.parametrize(("cases", "days"), [(0, 60), (10, 0), (-3, 5)])
def test_no_case_or_no_day_is_no_desk(cases: int, days: int) -> None:
    with pytest.raises(DeskError, match="at least one case and one day"):
        generate(cases=cases, days=days, end=_END)


def test_an_end_needs_a_time_zone() -> None:
    with pytest.raises(DeskError, match="no time zone"):
        generate(cases=5, end=datetime(2026, 2, 20))  # noqa: DTZ001


def test_the_truth_needs_a_known_language_and_a_zoned_instant(desk: Desk) -> None:
    with pytest.raises(DeskError, match="pt-BR and en"):
        desk.truth(desk.end, "fr")
    with pytest.raises(DeskError, match="no time zone"):
        desk.truth(datetime(2026, 4, 1), "en")  # noqa: DTZ001


def test_an_empty_folder_holds_no_desk(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="No desk can be read"):
        read(tmp_path)


@pytest.mark.parametrize("cases", [1, 2, 7])
def test_the_smallest_desks_work(cases: int) -> None:
    desk = generate(cases=cases, seed=2, end=_END, days=3)
    assert desk.tables["incident"].num_rows == cases
    assert desk.truth(_END, "en").num_rows >= cases


def test_twenty_thousand_cases() -> None:
    desk = generate(cases=20_000, seed=4, end=_END)
    log = desk.truth(_END, "pt-BR")
    assert desk.tables["incident"].num_rows == 20_000
    assert len(set(log["CaseGuid"].to_pylist())) == 20_000
    assert 9 <= log.num_rows / 20_000 <= 13
