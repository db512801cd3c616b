"""Two loads that bring the first rows of the same day at the same time."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from d365_pm.lake import publish
from d365_pm_tests.lake.desk import INCIDENT, incidents, load, moment, visible


def test_a_day_that_another_load_makes_first_is_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other load commits at the last moment at which it can: while this one waits for the lock."""
    locked = publish.locked
    others = [incidents(("other", 1, moment(4), "t"))]

    def meet(folder: Path) -> AbstractContextManager[None]:
        if others:
            load(tmp_path, INCIDENT, others.pop(), at=moment(9))
        return locked(folder)

    monkeypatch.setattr(publish, "locked", meet)

    load(tmp_path, INCIDENT, incidents(("own", 1, moment(4), "t")), at=moment(9))

    assert visible(tmp_path, INCIDENT, "incidentid") == [("other",), ("own",)]
