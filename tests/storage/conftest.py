"""Two workspaces in every database, so any test can notice a leak."""

from __future__ import annotations

import pytest

from storage.database import Database
from tests.storage.builders import install


@pytest.fixture
async def two_workspaces(database, now):
    async with database.transaction() as tx:
        return await install(tx, "T1", now=now), await install(tx, "T2", now=now)


@pytest.fixture
async def rivals(database, database_url, two_workspaces):
    other = Database(database_url)
    yield [database, other]
    await other.close()
