"""Nothing that one person asks keeps the event loop from answering everybody else: its longest stall is measured."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.json_column import FILTER_JSON
from bot.features.assistant.model.questions import OverLimit
from bot.features.mirror.service.change_listener import ObservedChange
from storage.queries.alerts import subscriptions
from storage.queries.mirror import mirrored_customers
from storage.statements import table_of
from storage.tables.alerts import HoldEpisodeRow
from tests import mirrored_company as held
from tests.builders import NOW, mirror_keys

ACCOUNTS, REGIONS, SUBSCRIPTIONS = 10_000, 300, 50
STALL = 0.05
"""Seconds of this thread's processor time between two turns of the event loop."""
TRIES = 3


@dataclass
class Beat:
    longest: float = 0.0


@asynccontextmanager
async def heartbeat():
    """Measure the longest that one turn of the loop keeps the processor while the block runs."""
    beat, ended = Beat(), asyncio.Event()

    async def beats():
        last = time.thread_time()
        while not ended.is_set():
            await asyncio.sleep(0.001)
            now = time.thread_time()
            beat.longest, last = max(beat.longest, now - last), now

    task = asyncio.create_task(beats())
    await asyncio.sleep(0)
    try:
        yield beat
    finally:
        ended.set()
        await task


@pytest.fixture
async def full(desk):
    """A company with ten thousand accounts on hold, all of them over their limit, in three hundred regions."""
    who = desk.asker("U0PRIYA")
    await desk.connect(who)
    database, now = desk.services.database, desk.clock()
    books = await held.company_of(database, who)
    await held.keep_ledger(database, books, synced_at=now)
    rows = [
        mirror_keys(
            {
                **books,
                "customer_id": number,
                "reference": f"CUS{number:05}",
                "name": f"Customer {number} Ltd",
                "short_name": "",
                "postcode": "",
                "on_hold": True,
                "status_reason": None,
                "hidden": False,
                "currency_iso": "GBP",
                "currency_symbol": "£",
                "balance": Decimal(1_000 + number),
                "base_balance": None,
                "credit_limit": Decimal(500),
                "open_orders": None,
                "analysis": {"2": "George", "3": f"Region {number % REGIONS}"},
                "details": {},
                "fired_thresholds": [],
                "updated_at": None,
                "seen_at": now,
                "sweep": 0,
            }
        )
        for number in range(1, ACCOUNTS + 1)
    ]
    stays = [
        {
            **books,
            "customer_id": number,
            "opened_at": now - timedelta(days=number % 90),
            "reason": "Overdue",
            "ending": "",
            "already_held": False,
        }
        for number in range(1, ACCOUNTS + 1)
    ]
    async with database.transaction() as tx:
        await mirrored_customers.write(tx, rows)
        await tx.execute(insert(table_of(HoldEpisodeRow)), stays)
    desk.books = books
    return desk


async def look(channel_id):
    raise AssertionError(channel_id)


MANY = ",".join(['"Region 1"'] * 90)
ASKED = {
    "the list": lambda desk, session: desk.services.on_hold.ask(session, ""),
    "a page": lambda desk, session: desk.services.on_hold.ask(session, "", page=400),
    "a filter": lambda desk, session: desk.services.on_hold.ask(session, 'region:"Region 7" customer'),
    "the file": lambda desk, session: desk.services.on_hold.file(session, ""),
    "home": lambda desk, session: desk.services.home.of(session),
    "over the limit": lambda desk, session: desk.services.rankings.ask(session, OverLimit(), ""),
    "a subscription": lambda desk, session: desk.services.subscriptions.create(
        session, f"holds in me where region:{MANY}", here="", look=look
    ),
}


async def test_questions_about_ten_thousand_accounts_keep_nobody_waiting(full):
    session = await full.session(full.asker("U0PRIYA"))
    stalls = {kind: [await stall(ask(full, session)) for _ in range(TRIES)] for kind, ask in ASKED.items()}
    assert {kind: tries for kind, tries in stalls.items() if min(tries) >= STALL} == {}


async def stall(asking):
    async with heartbeat() as beat:
        assert await asking
    return beat.longest


async def test_a_bulk_hold_is_fanned_out_in_turns(full):
    database, now = full.services.database, full.clock()
    chosen = Filter(codes=(Codes(3, tuple(f"Region {number}" for number in range(90))),))
    async with database.transaction() as tx:
        for number in range(SUBSCRIPTIONS):
            await subscriptions.create(
                tx,
                **full.books,
                owner="U0PRIYA",
                now=now,
                topics=["holds"],
                filter=FILTER_JSON.write(chosen),
                thresholds=[],
                target_id=f"C0{number:04}",
                is_personal=False,
                delivery="at_once",
                schedule=None,
                zone="Europe/London",
                due_at=None,
            )
    stalls = []
    for attempt in range(TRIES):
        gc.unfreeze()
        seen = [_held(number, attempt) for number in range(1, ACCOUNTS + 1)]
        gc.freeze()  # the collector's own work grows with all that the process has, and is not this one's
        async with heartbeat() as beat, database.transaction() as tx:
            await full.services.alerts.publish(tx, **full.books, seen=seen, now=now)
        stalls.append(beat.longest)
        if beat.longest < STALL:
            return
    pytest.fail(f"stalled in every try: {stalls}")


def _held(number, attempt):
    after = Snapshot(number, f"CUS{number:05}", "Customer", True, analysis={3: f"Region {number % REGIONS}"})
    before = Snapshot(number, f"CUS{number:05}", "Customer", False, analysis=after.analysis)
    return ObservedChange(attempt * ACCOUNTS + number, Change(ChangeKind.PUT_ON_HOLD, before, after), NOW)
