"""The same person id, the same books, and a guessed connection id: nothing crosses from one workspace to the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from storage.queries.access import roles
from storage.queries.connections import connect_links, connections, token_refresh, workspaces
from storage.tables.core import CompanyRow, Connection, ConnectLink, MemberRole, Row, Workspace
from tests.storage.builders import SEALED, connect, found, pending

CROSSED: dict[str, Any] = {"workspace_id": "id-of-T1", "connection_id": "theirs"}
OUTSIDE = token_refresh.of_connection("id-of-T1", "theirs")
BOOKS: dict[str, Any] = {
    "edition": "standard",
    "site_id": "s1",
    "company_id": 1,
    "company_name": "Demo Ltd",
    "site_name": "Main",
}


@pytest.fixture
async def theirs(database, two_workspaces, now):
    """U1 of the second workspace has everything; U1 of the first has nothing."""
    named: dict[str, Any] = {"workspace_id": "id-of-T2", "connection_id": "theirs"}
    async with database.transaction() as tx:
        await connect(tx, "theirs", workspace_id="id-of-T2", now=now)
        await connections.choose_company(tx, **named, **BOOKS)
        place = token_refresh.of_connection("id-of-T2", "theirs")
        await token_refresh.lease(tx, place, owner="job", now=now, until=now + timedelta(minutes=1))
        await pending(tx, "ticket", workspace_id="id-of-T2", now=now)
        await workspaces.grant(tx, workspace_id="id-of-T2", user_id="U1", role="admin", granted_by="U1", now=now)
    return named


async def test_nothing_of_theirs_can_be_read_from_here(database, theirs):
    async with database.reading() as tx:
        ours = {"workspace_id": "id-of-T1", "user_id": "U1"}
        assert await connections.by_id(tx, **CROSSED) is None
        assert await connections.company_of(tx, **CROSSED) is None
        assert await connections.of_user(tx, **ours) is None
        assert await connect_links.pending_of(tx, **ours) is None
        assert await workspaces.role_of(tx, **ours) is None


async def test_nothing_of_theirs_can_be_changed_from_here(database, theirs, now):
    async with database.transaction() as tx:
        before = await _state(tx, theirs)
        later = now + timedelta(minutes=2)
        assert not await token_refresh.lease(tx, OUTSIDE, owner="thief", now=later, until=later)
        assert not await token_refresh.extend(tx, OUTSIDE, owner="job", until=later)
        assert not await connections.mark_reconnect_needed(tx, **CROSSED, expected_version=1, reason="", now=now)
        assert not await connections.disconnect(tx, **CROSSED, reason="", now=now)
        assert not await token_refresh.store(tx, OUTSIDE, expected_version=1, due_at=now, refresh_token_sealed=SEALED)
        assert not await workspaces.hand_over(tx, **CROSSED)
        await token_refresh.release(tx, OUTSIDE, owner="job", due_at=None)
        await token_refresh.reschedule(tx, OUTSIDE, owner="job", due_at=now, answer_lost=False)
        await connections.choose_company(tx, **CROSSED, **{**BOOKS, "company_name": "Ours"})
        assert await _state(tx, theirs) == before


async def test_the_same_books_are_a_row_for_each_workspace(database, theirs, now):
    async with database.transaction() as tx:
        await connect(tx, "mine", now=now)
        mine = await connections.choose_company(tx, **{**CROSSED, "connection_id": "mine"}, **BOOKS)
        assert mine.id != found(await connections.company_of(tx, **theirs)).id


@pytest.mark.parametrize("table", [CompanyRow, Connection, MemberRole, ConnectLink])
async def test_a_workspace_takes_its_rows_along_and_nobody_elses(database, theirs, now, table):
    async with database.transaction() as tx:
        await connect(tx, "mine", now=now)
        await tx.execute(delete(Workspace).where(Workspace.id == "id-of-T2"))
        of_theirs = select(func.count()).select_from(table).where(table.workspace_id == "id-of-T2")
        assert await tx.scalar(of_theirs) == 0
        assert await tx.scalar(select(func.count()).select_from(Connection)) == 1


def test_every_table_knows_its_workspace_but_those_that_come_before_it():
    without = {table.name for table in Row.metadata.tables.values() if "workspace_id" not in table.columns}
    assert without == {"workspaces", "heartbeats", "seen_requests", "leases"}


async def _state(tx, named):
    row = found(await connections.by_id(tx, **named))
    company = found(await connections.company_of(tx, **named))
    return row.state, row.lease_owner, row.lease_until, row.token_version, row.company_pk, company.company_name


async def test_the_codes_of_one_user_are_those_kept_of_everybody_in_the_company(database, both, now):
    ours, theirs = both
    values = {2: ("George", "Gina"), 3: ("North",)}
    async with database.transaction() as tx:
        for books, codes in ((ours, {"U1": values, "U2": {2: ("Anna",)}}), (theirs, {"U1": {2: ("Someone",)}})):
            await roles.set_codes(tx, **books, codes=codes, set_by="U9", now=now)
    async with database.reading() as tx:
        everybody = await roles.codes_of(tx, **ours)
        assert await roles.codes_of_user(tx, **ours, user_id="U1") == everybody["U1"] == values
        assert await roles.codes_of_user(tx, **ours, user_id="U3") == {}
