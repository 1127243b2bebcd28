"""The first load of a ledger's open items, beside a bare download of the same pages. Prints JSON.

    python -m benchmarks.open_items --load 20000

On SQLite. The bare download inserts every value in bulk as it comes. The median of three.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import structlog

from benchmarks.sandbox_process import connect, fresh_product, sandbox
from bot.domain.company import Company
from bot.sage.odata import after, all_of, unlike
from bot.sage.open_items import FIELDS, RESOURCE
from bot.sage.protocol import request
from storage.queries.mirror import mirror_state

PAGE = 2000


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
    parser.add_argument("--load", type=int, default=20_000, help="customers whose items are loaded")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    print(json.dumps({"customers": asked.load, **asyncio.run(load(asked.load))}, indent=2))


if __name__ == "__main__":
    main()
