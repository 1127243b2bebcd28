"""“It” is remembered for an hour, for one person in one thread about one company, and nobody inherits another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.features.assistant.model.answers import Thread
from bot.features.assistant.service.memory import Memory
from storage import conversation_subject as spoken_of
from storage.tables.assistant import ConversationSubject
from tests.connected_app import desk as open_desk

HERE = Thread("D0PRIYA", "1.1")
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(database_url):
    async with open_desk(database_url) as opened:
        for team in ("T0ACME", "T0OTHER"):
            await opened.connect(opened.asker(team_id=team))
        yield opened


@pytest.fixture
def memory(desk):
    return Memory(database=desk.services.database, connections=desk.services.connections)


async def test_the_last_one_is_it(desk, memory):
    asker, now = desk.asker(), desk.clock()
    assert await memory.recall(asker, HERE, now=now) is None
    await memory.remember(asker, HERE, 1, now=now)
    await memory.remember(asker, HERE, 2, now=now)
    assert await memory.recall(asker, HERE, now=now) == 2


async def test_for_one_hour(desk, memory):
    asker, now = desk.asker(), desk.clock()
    await memory.remember(asker, HERE, 1, now=now)
    assert await memory.recall(asker, HERE, now=now + HOUR - timedelta(seconds=1)) == 1
    assert await memory.recall(asker, HERE, now=now + HOUR) is None


async def test_nobody_inherits_it(desk, memory):
    now = desk.clock()
    await memory.remember(desk.asker(), HERE, 1, now=now)
    await desk.connect(desk.asker("U0GEORGE"), "george@example.test")
    for asker, place in (
        (desk.asker(), Thread("D0PRIYA")),
        (desk.asker(), Thread("D0PRIYA", "1.2")),
        (desk.asker(), Thread("C0SALES", "1.1")),
        (desk.asker("U0GEORGE"), HERE),
        (desk.asker(team_id="T0OTHER"), HERE),
    ):
        assert await memory.recall(asker, place, now=now) is None


async def test_a_guessed_company_of_another_workspace_tells_nothing(desk, memory):
    asker, now = desk.asker(), desk.clock()
    await memory.remember(asker, HERE, 1, now=now)
    async with desk.services.database.reading() as tx:
        company_pk = await tx.scalar(select(ConversationSubject.company_pk))
        key = {"channel": HERE.channel, "thread": HERE.thread, "user_id": asker.user_id, "company_pk": company_pk}
        since = now - HOUR
        theirs = desk.workspaces["T0OTHER"]
        assert await spoken_of.recall(tx, workspace_id=asker.workspace_id, **key, since=since) == 1
        assert await spoken_of.recall(tx, workspace_id=theirs, **key, since=since) is None


async def test_another_company_knows_nothing_of_it(desk, memory):
    asker, now = desk.asker(), desk.clock()
    await memory.remember(asker, HERE, 1, now=now)
    await desk.connect(asker, "priya@example.test")
    await desk.services.connections.choose(asker, number=1, now=desk.clock())
    elsewhere = await memory.recall(asker, HERE, now=now)
    await desk.services.connections.choose(asker, number=2, now=desk.clock())
    assert (elsewhere, await memory.recall(asker, HERE, now=now)) in {(None, 1), (1, None)}


async def test_housekeeping_forgets_it(desk, memory):
    asker = desk.asker()
    await memory.remember(asker, HERE, 1, now=desk.clock())
    await memory.remember(asker, Thread("D0PRIYA"), 1, now=desk.clock() + HOUR)
    await desk.services.installations.clear_away(now=desk.clock() + HOUR)
    async with desk.services.database.reading() as tx:
        assert await tx.scalar(select(func.count()).select_from(ConversationSubject)) == 1


def test_only_ids_are_kept():
    columns = {column.name for column in ConversationSubject.__table__.columns}
    assert columns == {"workspace_id", "channel", "thread", "user_id", "company_pk", "customer_id", "spoken_at"}
