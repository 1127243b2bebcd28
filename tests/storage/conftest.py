"""Two workspaces in every database, so any test can notice a leak."""

from __future__ import annotations

import pytest

from storage.database import Database
from storage.queries.connections import connections, workspaces
from storage.queries.mirror import mirror_state
from tests.storage.builders import BOOKS, connect, install


@pytest.fixture
async def two_workspaces(database, now):
    async with database.transaction() as tx:
        return await install(tx, "T1", now=now), await install(tx, "T2", now=now)


@pytest.fixture
async def rivals(database, database_url, two_workspaces):
    other = Database(database_url)
    yield [database, other]
    await other.close()


@pytest.fixture
async def both(database, two_workspaces, now):
    """(workspace, company) of each; the same books of the same Sage."""
    made = []
    async with database.transaction() as tx:
        for name in ("T1", "T2"):
            named = {"workspace_id": f"id-of-{name}", "connection_id": f"own-{name}"}
            await connect(tx, named["connection_id"], workspace_id=named["workspace_id"], now=now)
            company = await connections.choose_company(tx, **named, **BOOKS)
            await workspaces.hand_over(tx, **named)
            made.append({"workspace_id": named["workspace_id"], "company_pk": company.id})
            await mirror_state.begin(tx, **made[-1], now=now)
    return made
