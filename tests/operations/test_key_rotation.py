"""Keys are rotated while the service runs: nothing is lost, and an interrupted run goes on."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.operations import key_rotation as resealing
from bot.operations.key_rotation import reseal
from storage import key_rotation as rows
from storage.cipher import Cipher, new_key
from tests.connected_app import KEY
from tests.connected_app import desk as open_desk

NEW = new_key()


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


async def seals(database):
    async with database.reading() as tx:
        return [
            text
            for table in rows.TABLES
            for row in (await tx.scalars(select(table))).all()
            for column in rows.columns(table)
            if (text := getattr(row, column.key)) is not None
        ]


@pytest.fixture
async def full(desk):
    await fill(desk)
    return desk


async def fill(desk):
    """Two workspaces, a live connection in each, and a sign-in that waits for its code."""
    await desk.connect(desk.asker())
    await desk.connect(desk.asker(team_id="T0OTHER"))
    await desk.sign_in(desk.asker("U0GEORGE"), "priya@example.test")


async def test_everything_is_sealed_with_the_first_key_and_the_old_one_can_go(full):
    database = full.services.database
    ring = Cipher.from_text(f"{NEW},{KEY}")
    outcome = await reseal(database, ring, progress=quiet)
    assert (outcome.done, outcome.broken, outcome.left) == (12, 0, 0)
    assert all(text.startswith(Cipher.from_text(NEW).prefix) for text in await seals(database))
    assert (await reseal(database, Cipher.from_text(NEW), progress=quiet)).done == 0


async def test_a_run_that_was_stopped_goes_on(full, monkeypatch):
    database, ring = full.services.database, Cipher.from_text(f"{NEW},{KEY}")

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        await reseal(database, ring, progress=stop)
    mixed = {text[:16] for text in await seals(database)}
    assert len(mixed) == 2
    assert (await reseal(database, ring, progress=quiet)).left == 0


async def test_a_renewal_in_the_middle_is_not_overwritten(database_url):
    """The service seals with the old key as yet: what it stores meanwhile stays, and a second run takes it."""
    async with open_desk(database_url, ENCRYPTION_KEYS=f"{KEY},{NEW}") as desk:
        await fill(desk)
        database, ring = desk.services.database, Cipher.from_text(f"{NEW},{KEY}")
        desk.clock.forward(hours=7, minutes=50)
        due = await desk.services.sage_tokens.due(most=9)
        named = [{"workspace_id": w, "connection_id": c, "version": v} for w, c, v in due]
        assert named
        await asyncio.gather(
            reseal(database, ring, progress=quiet), *(desk.services.sage_tokens.refresh(**each) for each in named)
        )
        await reseal(database, ring, progress=quiet)
        assert all(text.startswith(ring.prefix) for text in await seals(database))


async def test_a_text_that_changed_since_it_was_read_is_left_alone(full):
    database, ring = full.services.database, Cipher.from_text(f"{NEW},{KEY}")
    async with database.transaction() as tx:
        (read, *_) = await rows.page(tx, rows.TABLES[1], but="x", after="", limit=1)
        assert await rows.replace(tx, read, sealed="stored by a renewal meanwhile")
        assert not await rows.replace(tx, read, sealed=ring.seal("old", workspace_id="w", column="c"))


async def test_what_no_key_opens_is_counted_and_the_rest_is_done(full):
    database = full.services.database
    async with database.transaction() as tx:
        (first,) = (await rows.page(tx, rows.TABLES[1], but="x", after="", limit=1))[:1]
        await rows.replace(tx, first, sealed="v1.0123456789ab.c2VhbGVk")
    outcome = await reseal(database, Cipher.from_text(f"{NEW},{KEY}"), progress=quiet)
    assert (outcome.broken, outcome.left) == (1, 1)
    assert outcome.done == 11


def test_every_sealed_column_has_its_place():
    known = {(table, column.key) for table in rows.TABLES for column in rows.columns(table)}
    assert known == set(resealing._PLACES)
