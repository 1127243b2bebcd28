"""The lists of a large company, as each of them is asked for, with their totals.

    python -m benchmarks.lists --customers 100000 --rounds 30
    python -m benchmarks.lists --short      # a tenth of it on SQLite, counted in the steps of SQLite's machine

On SQLite and on PostgreSQL. Of 100,000 customers 10,000 are on hold and 30,000 late; there are 20 reps and 300 regions.
Times are of the wall and of the processor, on PostgreSQL the server's: others may use the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.large_ledger import NOW, TODAY, fill, owe
from storage.database import Database
from storage.queries.mirror import code_sets, debt_days, held_accounts, hold_episodes, mirrored_customers, open_items
from storage.queries.mirror.customer_condition import EVERY_CUSTOMER, CodeIn, CustomerCondition, StateIn
from storage.queries.mirror.debt_days import Weeks
from storage.queries.mirror.open_items import WantedDebt
from tests.postgres import postgres_server

REP = CustomerCondition(any_of=(((CodeIn(2, ("george",))),),))
REGION = CustomerCondition(all_of=(CodeIn(3, ("tyne & wear",)),))
ELSEWHERE = CustomerCondition(all_of=(CodeIn(3, ("tyne & wear",), negated=True),))
WORDS = CustomerCondition(words=(("garages",),))
LATE = CustomerCondition(states=(StateIn(due_by=TODAY - timedelta(days=30)),))
NOT_LATE = CustomerCondition(states=(StateIn(due_by=TODAY - timedelta(days=1), negated=True),))
EUROS = CustomerCondition(currencies=("EUR",), minimum_balance=Decimal(1000))
_SHORT, _MOST_STEPS = 10_000, 700
_CURRENCIES = (("GBP", "£"),)
_MONTH, _WEEK = timedelta(days=30), timedelta(days=7)

Ask = Callable[..., Awaitable[Any]]


def questions() -> dict[str, Ask]:
    """Return each question of a list, by what people would call it."""
    found: dict[str, Ask] = {"vocabulary of filters": code_sets.values}
    debts = {
        "overdue": WantedDebt(EVERY_CUSTOMER, TODAY),
        "30+": WantedDebt(EVERY_CUSTOMER, TODAY, 30),
        "above 500": WantedDebt(EVERY_CUSTOMER, TODAY, least=Decimal(500)),
        "promised": WantedDebt(EVERY_CUSTOMER, TODAY, promised=True),
        "disputed": WantedDebt(EVERY_CUSTOMER, TODAY, disputed=True),
        "warned": WantedDebt(EVERY_CUSTOMER, TODAY, warned=True),
        "chase": WantedDebt(EVERY_CUSTOMER, TODAY, unpromised=True, least=Decimal(50)),
        "suggested": WantedDebt(EVERY_CUSTOMER, TODAY, suggested=True, suggest_days=60, now=NOW),
        "suggested by amount": WantedDebt(EVERY_CUSTOMER, TODAY, suggested=True, suggest_above=Decimal(2000), now=NOW),
        "a rep's": WantedDebt(REP, TODAY),
        "a rep's 30+": WantedDebt(REP, TODAY, 30),
        "a region's": WantedDebt(REGION, TODAY),
        "all regions but one": WantedDebt(ELSEWHERE, TODAY),
        "words": WantedDebt(WORDS, TODAY),
        "euros, balance 1,000": WantedDebt(EUROS, TODAY),
    }
    for name, wanted in debts.items():
        found[f"overdue: {name}, page"] = partial(open_items.overdue, wanted=wanted, offset=0, limit=15)
        found[f"overdue: {name}, totals"] = partial(open_items.overdue_totals, wanted=wanted)
    states = {
        "not on hold, 60+": WantedDebt(CustomerCondition(states=(StateIn(held=True, negated=True),)), TODAY, 60),
        "on hold": WantedDebt(CustomerCondition(states=(StateIn(held=True),)), TODAY),
        "not over the limit": WantedDebt(CustomerCondition(states=(StateIn(over_limit=True, negated=True),)), TODAY),
    }
    for name, wanted in states.items():
        found[f"overdue: {name}, page"] = partial(open_items.overdue, wanted=wanted, offset=0, limit=15)
        found[f"overdue: {name}, totals"] = partial(open_items.overdue_totals, wanted=wanted)
    held = {
        "all": EVERY_CUSTOMER,
        "a rep's": REP,
        "a region's": REGION,
        "words": WORDS,
        "late": LATE,
        "not late": NOT_LATE,
    }
    for name, those in held.items():
        page = partial(held_accounts.page, now=NOW, zone="Europe/London", by_debt=True, offset=0, limit=15)
        found[f"on hold: {name}, page"] = partial(page, wanted=those)
        found[f"on hold: {name}, totals"] = partial(held_accounts.totals, wanted=those)
        found[f"on hold: {name}, counts"] = partial(held_accounts.counts, wanted=those, since=NOW - _WEEK)
    for name, those in {"all": EVERY_CUSTOMER, "a rep's": REP}.items():
        found[f"released: {name}"] = partial(
            held_accounts.released, wanted=those, since=NOW - _WEEK, until=NOW, limit=10
        )
        found[f"reasons: {name}"] = partial(hold_episodes.by_reason, wanted=those, since=NOW - _MONTH)
        for what, used in (("over the limit", 100), ("near the limit", 80), ("largest", None)):
            ranked = {"wanted": those, "used": used}
            found[f"{what}: {name}, page"] = partial(mirrored_customers.ranked, **ranked, offset=0, limit=10)
            found[f"{what}: {name}, count"] = partial(mirrored_customers.ranked_count, **ranked)
        found[f"ledger: {name}, totals"] = partial(mirrored_customers.totals, wanted=those)
        weeks = Weeks(those, TODAY, TODAY - _WEEK, Decimal(50))
        found[f"debts digest: {name}, totals"] = partial(debt_days.totals, weeks=weeks)
        found[f"debts digest: {name}, movers"] = partial(
            debt_days.movers, weeks=weeks, currencies=_CURRENCIES, most=5, by_amount=True
        )
    return found


def spent(server: int | None) -> float:
    """Return the processor's seconds of this process, or of a server's on this machine."""
    if server is None:
        return time.process_time()
    return int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9


async def taken(database: Database, ask: Callable[[AsyncSession], Awaitable[Any]], rounds: int) -> dict[str, float]:
    """Return the median and the 99th percentile of a question, and the processor's share of one, in milliseconds."""
    walls = []
    async with database.reading() as tx:
        server = None if database.dialect == "sqlite" else await tx.scalar(text("select pg_backend_pid()"))
        await ask(tx)
        began = spent(server)
        for _ in range(rounds):
            start = time.perf_counter()
            await ask(tx)
            walls.append(1000 * (time.perf_counter() - start))
        cpu = 1000 * (spent(server) - began) / rounds
    walls.sort()
    return {"p50": round(walls[rounds // 2], 1), "p99": round(walls[-1 - rounds // 100], 1), "cpu": round(cpu, 1)}


async def steps(database: Database, ask: Callable[[AsyncSession], Awaitable[Any]]) -> float:
    """Return the thousands of steps that SQLite's machine makes for a question: whatever else the computer does."""
    made = 0

    def another() -> None:
        nonlocal made
        made += 1

    async with database.reading() as tx:
        driver = (await (await tx.connection()).get_raw_connection()).driver_connection
        assert driver is not None
        await driver.set_progress_handler(another, 1_000)
        await ask(tx)
        await driver.set_progress_handler(None, 0)
    return made


async def measure(url: str, customers: int, rounds: int) -> dict[str, dict[str, float]]:
    """Fill a database and ask it, so many times; 0 to count steps. Return what each question took."""
    database = Database(url)
    try:
        here = await fill(database, customers)
        await owe(database, here, customers)
        asked = {name: partial(ask, **here) for name, ask in questions().items()}
        if not rounds:
            return {name: {"steps": await steps(database, ask)} for name, ask in asked.items()}
        return {name: await taken(database, ask, rounds) for name, ask in asked.items()}
    finally:
        await database.close()


def dearest(found: Mapping[str, Mapping[str, float]], measured: str) -> Iterator[tuple[str, float]]:
    """Yield of each kind of list what the dearest question took, and which that is."""
    for kind in dict.fromkeys(name.partition(":")[0] for name in found):
        of_kind = {name: each[measured] for name, each in found.items() if name.partition(":")[0] == kind}
        name = max(of_kind, key=lambda name: of_kind[name])
        yield f"{name} (dearest of {len(of_kind)})", of_kind[name]


def main() -> None:
    """Tell the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lite = f"sqlite:///{Path(folder) / 'sage.db'}"
        if asked.short:
            for name, made in dearest(asyncio.run(measure(lite, _SHORT, 0)), "steps"):
                tell(Figure(f"{name}, {_SHORT:,} customers", "thousand steps of SQLite", [made], most=_MOST_STEPS))
            return
        with postgres_server() as server:
            for kind, url in {"SQLite": lite, "PostgreSQL": server}.items():
                found = asyncio.run(measure(url, asked.customers, asked.rounds))
                print(json.dumps({kind: found}, indent=2))
                tell(*(Figure(f"{kind}: {name}, p99", "ms", [ms], most=100) for name, ms in dearest(found, "p99")))
                tell(*(Figure(f"{kind}: {name}, CPU", "ms", [ms], most=100) for name, ms in dearest(found, "cpu")))


if __name__ == "__main__":
    main()
