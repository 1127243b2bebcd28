"""The open items of a large ledger: the list of late payers and its totals. Prints JSON.

    python -m benchmarks.open_items --customers 100000 --rounds 50
    python -m benchmarks.open_items --load 20000

On SQLite and on PostgreSQL. Three customers of four owe one to four items, and two of three customers are late; one in
five is the rep's. Times are of the wall and of the processor, on PostgreSQL the server's: others may use the machine.

With `--load` instead: the first load of the open items of so many customers, on SQLite, against a bare download of the
same pages with a bulk insert of every value as it comes. The median of three.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import structlog
from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.copy_search import NOW, fill
from benchmarks.sandbox_process import connect, fresh_product, sandbox
from bot.domain.company import Company
from bot.sage.odata import after, all_of, unlike
from bot.sage.open_items import FIELDS, RESOURCE
from bot.sage.protocol import request
from storage.database import Database
from storage.queries.mirror import mirror_state, open_items
from storage.queries.mirror.customer_condition import EVERY_CUSTOMER, CodeIn, CustomerCondition
from storage.queries.mirror.open_items import WantedDebt
from storage.tables.alerts import MirroredCustomer
from storage.tables.debts import CustomerDebtRow, OpenItemRow
from tests.postgres import postgres_server
from tests.storage.builders import debt, item

TODAY = date(2026, 3, 16)
PAGE = 2000
GEORGES = CustomerCondition(all_of=(CodeIn(2, ("george",)),))

Ask = Callable[[AsyncSession], Awaitable[Sequence[Any]]]


async def owe(database: Database, here: dict[str, Any], customers: int) -> int:
    """Give three customers of four one to four items, some of them late. Return how many items."""
    chosen = random.Random(1)
    items: list[dict[str, Any]] = []
    debts: list[dict[str, Any]] = []
    for number in range(1, customers + 1):
        if chosen.random() < 0.25:
            continue
        dues = [TODAY - timedelta(days=chosen.randint(-30, 60)) for _ in range(chosen.choice((1, 1, 2, 2, 3, 4)))]
        items += [
            item(len(items) + place, number, f"{chosen.randint(10, 2000)}.50", due) for place, due in enumerate(dues, 1)
        ]
        # As the night leaves it: all but the items of today and yesterday are in the sum.
        base, owed = TODAY - timedelta(days=1), items[-len(dues) :]
        late = sum((row["uncovered"] for row in owed if row["due"] < base), Decimal(0))
        coming = min((due for due in dues if due >= base), default=None)
        debts.append(debt(number, "10.00", min(dues), now=NOW, late=late, next_due=coming))
    async with database.transaction() as tx:
        for table, rows in ((OpenItemRow, items), (CustomerDebtRow, debts)):
            for start in range(0, len(rows), PAGE):
                await tx.execute(insert(table), [{**row, **here} for row in rows[start : start + PAGE]])
        others = update(MirroredCustomer).where(MirroredCustomer.customer_id % 5 != 0)
        await tx.execute(others.values(analysis_keys={"1": "trade", "2": "aisha", "3": "tyne & wear"}))
        await tx.execute(text("analyze"))
    return len(items)


def spent(server: int | None) -> float:
    """Return the processor's seconds of this process, or of a server's on this machine."""
    if server is None:
        return time.process_time()
    user, system = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def taken(database: Database, ask: Ask, rounds: int) -> dict[str, float]:
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


async def measure(url: str, customers: int, rounds: int) -> dict[str, Any]:
    """Fill a database and ask it."""
    database = Database(url)
    try:
        here = await fill(database, customers)
        count = await owe(database, here, customers)
        found: dict[str, Any] = {"items": count}
        for name, wanted in {"all": EVERY_CUSTOMER, "a rep's": GEORGES}.items():
            for days in (1, 30):
                asked = WantedDebt(wanted, TODAY, days)

                async def page(tx: AsyncSession, asked: WantedDebt = asked) -> Sequence[Any]:
                    return await open_items.overdue(tx, **here, wanted=asked, offset=0, limit=15)

                async def totals(tx: AsyncSession, asked: WantedDebt = asked) -> Sequence[Any]:
                    return await open_items.overdue_totals(tx, **here, wanted=asked)

                found[f"{name}, {days}+ days"] = {
                    "page": await taken(database, page, rounds),
                    "totals": await taken(database, totals, rounds),
                }
        return found
    finally:
        await database.close()


async def load(customers: int) -> dict[str, Any]:
    """Load the items of a simulated Sage of its own process, and download them bare."""
    async with sandbox(customers) as address:
        with tempfile.TemporaryDirectory() as folder:
            async with fresh_product(Path(folder), address) as product:
                workspace_id, connection_id, company = await connect(product, address)
                mirror, store = product.services.mirror, product.services.database
                await mirror.ensure(most=1)
                ((_, company_pk),) = await mirror.due(most=1)
                named: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
                assert await mirror.sync(**named)
                rounds = []
                for _ in range(3):
                    look = await _timed(mirror.sync, named)
                    async with store.transaction() as tx:
                        await mirror_state.note(tx, **named, items_phase=None)
                    rounds.append(await _timed(mirror.sync, named) - look)
                token = await product.services.sage_tokens.access_token(
                    workspace_id=workspace_id, connection_id=connection_id
                )
            plain = [await bare(token, address, company, Path(folder) / f"bare{n}.db") for n in range(3)]
    ours, bare_seconds = sorted(rounds)[1], sorted(seconds for seconds, _ in plain)[1]
    return {
        "items": plain[0][1],
        "ours": round(ours, 2),
        "bare": round(bare_seconds, 2),
        "ratio": round(ours / bare_seconds, 2),
    }


async def _timed(sync: Callable[..., Awaitable[bool]], named: dict[str, Any]) -> float:
    began = time.perf_counter()
    assert await sync(**named)
    return time.perf_counter() - began


async def bare(token: str, address: str, company: Company, file: Path) -> tuple[float, int]:
    """Return seconds and rows: no types, no checks, nothing resumable."""
    names, last, total = FIELDS.split(","), 0, 0
    began = time.perf_counter()
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"CREATE TABLE items ({', '.join(names)}, PRIMARY KEY ({names[0]}))")
    async with httpx.AsyncClient(timeout=60) as http:
        while True:
            wanted = all_of(unlike("document_outstanding_value", 0), after(names[0], last))
            query = {"$select": FIELDS, "$filter": wanted.text, "$orderby": f"{names[0]} asc", "$top": str(PAGE)}
            ask = request(RESOURCE, edition=company.edition, company=company, query=query)
            headers = {**ask.headers, "Authorization": f"Bearer {token}"}
            page = json.loads((await http.get(f"{address}/sage-api{ask.target}", headers=headers)).content)
            rows = [[row.get(name) for name in names] for row in page]
            database.executemany(f"INSERT INTO items VALUES ({', '.join('?' * len(names))})", rows)
            database.commit()
            total += len(page)
            if len(page) < PAGE:
                database.close()
                return time.perf_counter() - began, total
            last = page[-1][names[0]]


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--load", type=int, default=0, help="customers whose items are loaded, instead")
    asked = parser.parse_args()
    if asked.load:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
        print(json.dumps({"customers": asked.load, **asyncio.run(load(asked.load))}, indent=2))
        return
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        places = {"sqlite": f"sqlite:///{Path(folder) / 'sage.db'}", "postgresql": server}
        found = {name: asyncio.run(measure(url, asked.customers, asked.rounds)) for name, url in places.items()}
    print(json.dumps({"customers": asked.customers, **found}, indent=2))


if __name__ == "__main__":
    main()
