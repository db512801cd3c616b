"""The service desks of this folder's stories."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import tell


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest) -> dict[str, Desk]:
    """Desk of each story of the module, which may name options of it as `ENVIRONMENT`, with the rows of all of them."""
    items = (item for item in request.session.items if item.getparent(pytest.Module) is request.node)
    return tell(items, getattr(request.module, "ENVIRONMENT", {}))


@pytest.fixture
def desk(told: dict[str, Desk], request: pytest.FixtureRequest) -> Desk:
    """Desk of one story."""
    return told[request.node.nodeid]
