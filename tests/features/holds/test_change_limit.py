"""A credit limit changed as the acting user: what became of it is found out and recorded, whatever happens."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from bot.errors import SageForbidden
from bot.features.holds.model import HoldVersion, Outcome
from bot.features.holds.service.change_limit import LimitChange
from storage.tables.alerts import SeenChange
from storage.tables.holds import AuditEntry
from tests.features.holds.test_change_hold import abs_id, do_when_put, every, prepare, sync

__all__ = ["prepare"]


@pytest.fixture
def acme(desk, prepared):
    return desk


async def change(desk, limit="6000.00"):
    session = await desk.session("U0PRIYA")
    sage = desk.services.limit_changes.company(session)
    seen = HoldVersion.of(await sage.client.customer_with_reason(abs_id(desk)))
    wanted = LimitChange(abs_id(desk), Decimal(limit), "They grow", seen)
    return await desk.services.limit_changes.change(session, wanted)


async def limits_recorded(desk):
    lines = [line for line in await every(desk, AuditEntry) if "credit limit" in line.action]
    return [(line.action, line.before, line.after) for line in lines]


@pytest.mark.parametrize(
    ("is_done", "recorded"),
    [
        (True, ("change the credit limit (done, as seen later)", "", "credit limit 6000.00 GBP")),
        (False, ("change the credit limit (not done, as seen later)", "", "credit limit 4000.00 GBP")),
    ],
)
async def test_a_limit_whose_end_nobody_saw_is_recorded_once_the_ledger_was_read_again(acme, is_done, recorded):
    if is_done:
        acme.sage.faults.lose_answer(contains="PUT /")
    asking = asyncio.create_task(do_when_put(acme))
    assert (await change(acme)).outcome is Outcome.UNKNOWN
    await asking
    acme.sage.faults.clear()
    if not is_done:
        acme.world.set_limit("ABS001", 4000)
    assert await limits_recorded(acme) == []
    await sync(acme)
    assert await acme.services.intent_recovery.settle(now=acme.clock()) == 1
    assert await limits_recorded(acme) == [recorded]
    assert await acme.services.intent_recovery.settle(now=acme.clock()) == 0


async def test_what_sage_refuses_is_recorded_and_nothing_is_left_to_find_out(acme):
    acme.sage.faults.next(403, contains="PUT /")
    with pytest.raises(SageForbidden):
        await change(acme)
    stood = "credit limit 4000.00 GBP"
    assert await limits_recorded(acme) == [("change the credit limit (not done)", stood, stood)]
    acme.clock.forward(days=2)
    assert await acme.services.intent_recovery.settle(now=acme.clock()) == 0


async def test_a_limit_left_open_names_nobody_as_the_author_of_a_hold(acme):
    acme.sage.faults.lose_answer(contains="PUT /")
    asking = asyncio.create_task(do_when_put(acme))
    await change(acme)
    await asking
    acme.sage.faults.clear()
    acme.world.put_on_hold("ABS001", "They grow")
    await sync(acme)
    assert [(row.kind, row.by_user) for row in await every(acme, SeenChange)] == [("put_on_hold", None)]
