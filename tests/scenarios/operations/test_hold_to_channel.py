"""The product as an operator runs it: a hold in Sage is one message in the channel, and a release changes it."""

from __future__ import annotations

import asyncio

import pytest

from tests.scenarios.operations.process import running
from tests.scenarios.operations.test_real_process import walk


@pytest.fixture
async def product(tmp_path):
    async with running(tmp_path, SYNC_INTERVAL="1") as started:
        yield started


def posted(product, words):
    return [
        message
        for message in product.office.slack.messages
        if message.channel == "C0SALES"
        and message.via.startswith("chat.")
        and words in message.text
        and not message.is_gone
    ]


async def until(condition, what):
    try:
        async with asyncio.timeout(40):
            while not condition():
                await asyncio.sleep(0.2)
    except TimeoutError:
        pytest.fail(what())


async def test_a_hold_in_sage_is_told_once_and_its_release_edits_the_card(product):
    office = product.office
    await walk(office, [])
    office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    answer = await office.command("/sage", "subscribe holds,releases here")
    assert "Subscription 1" in answer.text
    views = [seen for seen in office.sage.requests if "customer_views" in seen.path]
    await until(
        lambda: len([s for s in office.sage.requests if "customer_views" in s.path]) > len(views) + 2,
        product.log.read_text,
    )
    office.world.put_on_hold("ABS001", "overdue")
    await until(lambda: posted(product, "ABS001"), product.log.read_text)
    (card,) = posted(product, "ABS001")
    assert "on hold" in card.text.lower()
    assert "£" not in card.text
    office.world.release("ABS001")
    await until(lambda: any("eleased" in m.text for m in posted(product, "ABS001")), product.log.read_text)
    await asyncio.sleep(3)
    said = posted(product, "ABS001")
    assert len([m for m in said if not m.thread_ts]) == 1
    assert next(m for m in said if not m.thread_ts).ts == card.ts
    assert await product.stop() == 0
