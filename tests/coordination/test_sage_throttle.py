"""One company's Sage is asked gently, by all processes together."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event

from bot.coordination.sage_throttle import SageGates
from bot.errors import SageBusy
from storage.database import Database
from tests.builders import company


@pytest.fixture
async def gates(desk, database_url):
    """The gates of two processes."""
    other = Database(database_url)
    yield [SageGates(database=database, clock=desk.clock) for database in (desk.services.database, other)]
    await other.close()


async def test_a_pause_asked_of_one_process_holds_for_all_and_for_one_company(desk, gates):
    await gates[0].of(company(1), workspace_id="w1").pause(30)
    with pytest.raises(SageBusy) as busy:
        await gates[1].of(company(1), workspace_id="w1").pass_through()
    assert busy.value.retry_after == 30
    await gates[1].of(company(2), workspace_id="w1").pass_through()
    desk.clock.forward(seconds=31)
    await gates[1].of(company(1), workspace_id="w1").pass_through()


async def test_a_shorter_pause_never_shortens_a_longer_one(desk, gates):
    await gates[0].of(company(1), workspace_id="w1").pause(60)
    await gates[1].of(company(1), workspace_id="w1").pause(1)
    desk.clock.forward(seconds=30)
    with pytest.raises(SageBusy):
        await gates[0].of(company(1), workspace_id="w1").pass_through()


async def test_heavy_reads_of_a_company_take_turns_over_processes(desk, gates):
    running, most = 0, 0

    async def read(number):
        nonlocal running, most
        async with gates[number % 2].of(company(1), workspace_id="w1").heavy():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1

    await asyncio.gather(*(read(number) for number in range(4)))
    assert most == 1


async def test_who_waits_for_a_heavy_read_looks_and_writes_nothing(desk, gates):
    """A look-up of a name may wait for minutes, and many may: SQLite has one writer."""
    waits, asked, statements = gates[1]._database, asyncio.Event(), list[str]()
    engines = [waits._looker or waits._glancer.sync_engine, waits._writer.sync_engine]

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)
        if "leases" in statement:
            asked.set()

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    async with gates[0].of(company(1), workspace_id="w1").heavy():
        waiting = asyncio.create_task(gates[1].of(company(1), workspace_id="w1").heavy().__aenter__())
        await asked.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
    assert [each for each in statements if not each.startswith(("BEGIN", "SELECT"))] == []


async def test_the_turn_of_a_killed_process_is_free_after_a_minute(desk, gates):
    holding = asyncio.create_task(gates[0].of(company(1), workspace_id="w1").heavy().__aenter__())
    await holding
    desk.clock.forward(seconds=61)
    async with asyncio.timeout(5), gates[1].of(company(1), workspace_id="w1").heavy():
        pass


async def test_retry_after_is_honoured_by_the_next_question_of_anybody(desk, connected):
    """Sage says 429 once; nobody asks again until its pause is over."""
    desk.sage.faults.next(status=429, headers={"Retry-After": "120"}, contains="customer_views")
    for _ in range(2):
        with pytest.raises(SageBusy):
            await desk.services.customers.look_up(await desk.session(), "ABS001")
    asked = len([seen for seen in desk.sage.requests if "customer_views" in seen.path])
    assert asked == 1
    desk.clock.forward(seconds=121)
    assert await desk.services.customers.look_up(await desk.session(), "ABS001")
