"""The first reading of a ledger, against a bare download of the same pages with a bulk insert. Prints the ratio.

    python -m benchmarks.first_sync --customers 100000 --rounds 3

The simulated Sage is a process of its own, reached over HTTP on loopback; both sides ask it for the same pages.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import tempfile
import time
from pathlib import Path

import httpx
import structlog

from benchmarks.figures import Figure, tell
from benchmarks.sandbox_process import connect, fresh_product, sandbox
from bot.app import Product
from bot.domain.company import Company
from bot.sage.ledger import FIELDS, USUAL_PAGE
from bot.sage.odata import after
from bot.sage.protocol import request


async def ours(product: Product) -> float:
    """Seconds of the first reading."""
    mirror = product.services.mirror
    await mirror.ensure(most=1)
    ((workspace_id, company_pk),) = await mirror.due(most=1)
    began = time.perf_counter()
    assert await mirror.sync(workspace_id=workspace_id, company_pk=company_pk)
    return time.perf_counter() - began


async def bare(token: str, address: str, company: Company, file: Path) -> tuple[float, int]:
    """Seconds, and how many rows: no types, no checks, nothing resumable, every value as it comes."""
    # The simulated Sage is one from before 2025 R1, and refuses a field that it doesn't have.
    names = [each for each in FIELDS.split(",") if each != "has_promised_payment"]
    began, last, total = time.perf_counter(), 0, 0
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"CREATE TABLE customers ({', '.join(names)}, PRIMARY KEY (id))")
    insert = f"INSERT INTO customers VALUES ({', '.join('?' * len(names))})"
    async with httpx.AsyncClient(timeout=60) as http:
        while True:
            query = {"$select": ",".join(names), "$filter": after("id", last).text, "$orderby": "id asc"}
            ask = request(
                "customer_views", edition=company.edition, company=company, query=query | {"$top": str(USUAL_PAGE)}
            )
            headers = {**ask.headers, "Authorization": f"Bearer {token}"}
            page = json.loads((await http.get(f"{address}/sage-api{ask.target}", headers=headers)).content)
            database.executemany(insert, [[row.get(name) for name in names] for row in page])
            database.commit()
            total += len(page)
            if len(page) < USUAL_PAGE:
                database.close()
                return time.perf_counter() - began, total
            last = page[-1]["id"]


async def once(address: str, folder: Path) -> tuple[float, float, int]:
    """Ours, the bare one, and how many customers."""
    async with fresh_product(folder, address) as product:
        workspace_id, connection_id, company = await connect(product, address)
        seconds = await ours(product)
        token = await product.services.sage_tokens.access_token(workspace_id=workspace_id, connection_id=connection_id)
    return seconds, *await bare(token, address, company, folder / "bare.db")


async def main(customers: int, rounds: int) -> None:
    """Print each round, and tell the figure."""
    mine_each, plain_each = list[float](), list[float]()
    async with sandbox(customers) as address:
        for number in range(1, rounds + 1):
            with tempfile.TemporaryDirectory() as folder:
                mine, plain, rows = await once(address, Path(folder))
            mine_each.append(mine)
            plain_each.append(plain)
            print(f"round {number}: {rows} customers; ours {mine:.1f} s, bare {plain:.1f} s: {mine / plain:.2f}")
    tell(Figure(f"first sync of {customers:,}", "s", mine_each, "bare download and executemany", plain_each, most=1.3))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    asyncio.run(main(given.customers, given.rounds))
