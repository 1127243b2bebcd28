"""Every service test runs on both databases, with two workspaces installed."""

from __future__ import annotations

import pytest
import stamina

from tests.desk import desk as open_desk


@pytest.fixture
async def desk(database_url):
    async with open_desk(database_url) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_waiting_between_tries():
    with stamina.set_testing(True, attempts=1):
        yield
