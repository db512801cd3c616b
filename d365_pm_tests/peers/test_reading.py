"""The peers that our own environment has read a small sandbox whole; Airbyte's source is left to `make peers`."""

import pytest

from d365_pm_tests.peers.reading import TABLES, read_all


@pytest.mark.bench
@pytest.mark.slow
def test_sdk_and_dlt_read_every_table_whole():
    results = {result.peer: result for result in read_all(30, None, page_size=25)}

    assert len(results) == 3
    for result in results.values():
        assert result.error is None
        assert set(result.tables) == set(TABLES)
        assert result.tables["incident"].rows == 30
        assert result.is_whole
