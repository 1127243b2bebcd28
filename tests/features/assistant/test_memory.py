"""“It” is remembered for an hour, for one person in one thread about one company, and nobody inherits another's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import Thread
from bot.features.assistant.model.questions import It, Named, Topic
from bot.features.assistant.service.memory import NOTHING, Memory, Remembered
from storage.queries import conversation_subject as spoken_of
from storage.tables.assistant import ConversationSubject

HERE = Thread("D0PRIYA", "1.1")
HOUR = timedelta(hours=1)
CARD_OF_1 = Remembered(1, ask.WholeCard(It()))


async def prepare(desk):
    for team in ("T0ACME", "T0OTHER"):
        await desk.connect(desk.asker(team_id=team))


@pytest.fixture
def desk(desk, prepared):
    return desk


@pytest.fixture
def memory(desk):
    return Memory(database=desk.services.database, connections=desk.services.connections)


async def test_the_last_one_is_it(desk, memory):
    session = await desk.session()
    assert await memory.recall(session, HERE) == NOTHING
    await memory.remember(session, HERE, 1)
    await memory.remember(session, HERE, 2)
    assert (await memory.recall(session, HERE)).customer_id == 2


async def test_for_one_hour(desk, memory):
    now = desk.clock()
    await memory.remember(await desk.session(now=now), HERE, 1)
    assert await memory.recall(await desk.session(now=now + HOUR - timedelta(seconds=1)), HERE) == CARD_OF_1
    assert await memory.recall(await desk.session(now=now + HOUR), HERE) == NOTHING


async def test_nobody_inherits_it(desk, memory):
    await memory.remember(await desk.session(), HERE, 1)
    await desk.connect(desk.asker("U0GEORGE"), "george@example.test")
    for asker, place in (
        (desk.asker(), Thread("D0PRIYA")),
        (desk.asker(), Thread("D0PRIYA", "1.2")),
        (desk.asker(), Thread("C0SALES", "1.1")),
        (desk.asker("U0GEORGE"), HERE),
        (desk.asker(team_id="T0OTHER"), HERE),
    ):
        assert await memory.recall(await desk.session(asker), place) == NOTHING


async def test_another_workspace_is_told_nothing_of_it(desk, memory):
    asker, now = desk.asker(), desk.clock()
    await memory.remember(await desk.session(asker, now=now), HERE, 1)
    async with desk.services.database.reading() as tx:
        key = {"channel": HERE.channel, "thread": HERE.thread, "user_id": asker.user_id}
        since = now - HOUR
        theirs = desk.workspaces["T0OTHER"]
        ours = await spoken_of.recall(tx, workspace_id=asker.workspace_id, **key, since=since)
        assert (ours.customer_id, ours.asked) == (1, "card")
        assert await spoken_of.recall(tx, workspace_id=theirs, **key, since=since) is None


async def test_another_company_in_use_ends_it(desk, memory):
    asker = desk.asker()
    await desk.connect(asker, "priya@example.test")
    for number in (1, 2, 1):
        await desk.services.connections.choose(await desk.session(asker), number=number)
        assert await memory.recall(await desk.session(asker), HERE) == NOTHING
        await memory.remember(await desk.session(asker), HERE, 1)
        assert await memory.recall(await desk.session(asker), HERE) == CARD_OF_1


async def test_housekeeping_forgets_it(desk, memory):
    await memory.remember(await desk.session(), HERE, 1)
    await memory.remember(await desk.session(now=desk.clock() + HOUR), Thread("D0PRIYA"), 1)
    await desk.services.installations.clear_away(now=desk.clock() + HOUR)
    async with desk.services.database.reading() as tx:
        assert await tx.scalar(select(func.count()).select_from(ConversationSubject)) == 1


def test_only_ids_and_the_kind_of_question_are_kept():
    columns = {column.name for column in ConversationSubject.__table__.columns}
    assert columns == {
        "workspace_id",
        "channel",
        "thread",
        "user_id",
        "company_pk",
        "customer_id",
        "asked",
        "shown",
        "spoken_at",
    }


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        (ask.Balance(Named("Secret Words Ltd")), ask.Balance(It())),
        (ask.CanOrder(It(), Decimal("1500.50")), ask.CanOrder(It(), Decimal("1500.50"))),
        (ask.CanOrder(It(), Decimal(f"1.{'3' * 60}")), ask.CanOrder(It())),
        (ask.Watch(It()), None),
        (ask.PutOnHold(It(), "cheque bounced"), None),
        (ask.ListOverdue(days=90), ask.ListOverdue(days=90)),
        (ask.WhoIsOnHold("", True, Decimal("5000.50")), ask.WhoIsOnHold("", True, Decimal("5000.50"))),
        (ask.ListSuggested("", True, Decimal(5000), 999), ask.ListSuggested("", True, Decimal(5000), 999)),
        (ask.Largest(), ask.Largest()),
        (ask.Largest(count=5, page=3), ask.Largest(count=5, page=3)),
        (ask.ListOverdue(days=30, most_days=60, page=2), ask.ListOverdue(days=30, most_days=60, page=2)),
        (ask.WhoIsOnHold(most=Decimal("99.5"), page=12), ask.WhoIsOnHold(most=Decimal("99.5"), page=12)),
        (ask.ListOverdue("Leeds", also=("Durham or York",)), ask.ListOverdue("Leeds", also=("Durham or York",))),
        (ask.WhoIsOnHold("x", without=("ABS", "w")), ask.WhoIsOnHold("x", without=("ABS", "w"))),
        (ask.ListReleased("y", period="this week"), ask.ListReleased("y", period="this week")),
        (ask.ListPutOnHold(page=2), ask.ListPutOnHold(page=2)),
        (ask.CannotAnswer(Topic.OTHER_LISTS), ask.CannotAnswer(Topic.TOTALS)),
        (ask.CannotAnswer(Topic.STATEMENTS), None),
    ],
)
async def test_the_question_is_kept_without_the_name_of_one_customer(desk, memory, question, kept):
    session = await desk.session()
    await memory.remember(session, HERE, None, question)
    assert await memory.recall(session, HERE) == Remembered(None, kept)


@pytest.mark.parametrize(
    "question",
    [
        ask.WhoIsOnHold("secret " * 60, mine=True),
        ask.ListOverdue(without=("secret",) * 60),
        ask.ListSuggested("", True, Decimal(f"1.{'3' * 300}")),
    ],
)
async def test_of_a_list_with_more_than_is_kept_that_alone_is_known(desk, memory, question):
    session = await desk.session()
    await memory.remember(session, HERE, None, question)
    found = await memory.recall(session, HERE)
    assert (type(found.last), found.is_named) == (type(question), True)
    assert "secret" not in repr(found)
