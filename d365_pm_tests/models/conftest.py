"""A fresh service desk for each test."""

import pytest

from d365_pm_tests.models.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A desk with people, queues and an SLA, but without cases."""
    return Desk()
