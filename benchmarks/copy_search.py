"""A look-up by name in the copy of a large ledger, with the index of names and without it. Prints the ratios.

    python -m benchmarks.copy_search --customers 100000 --rounds 7

On SQLite and on PostgreSQL. The words stand in no name, so the whole company is looked through: the worst case.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.domain.folding import same
from storage.database import Database
from storage.migrations import upgrade
from storage.queries import connections
from storage.queries.mirror import mirror_search
from storage.queries.mirror import mirrored_customers as mirror
from storage.tables.alerts import MirroredCustomer
from tests.builders import mirror_keys
from tests.postgres import postgres_server
from tests.storage.builders import connect, install

INDEX = "ix_mirrored_customers_names"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKED = {"nobody's name": "Zzyzx Kwik", "a postcode": "NE1 0AA", "many names": "garages"}


async def fill(database: Database, customers: int) -> dict[str, Any]:
    """One company's mirror."""
    await upgrade(database)
    async with database.transaction() as tx:
        await install(tx, "T1", now=NOW)
        named = {"workspace_id": "id-of-T1", "connection_id": "own"}
        await connect(tx, "own", workspace_id="id-of-T1", now=NOW)
        books = {"edition": "standard", "site_id": "s1", "company_id": 1, "company_name": "D", "site_name": "M"}
        company = await connections.choose_company(tx, **named, **books)
        whose = {"workspace_id": "id-of-T1", "company_pk": company.id}
        rows = [_row(number, whose) for number in range(customers)]
        await mirror.write(tx, rows)
    async with database.transaction() as tx:
        await tx.execute(text("analyze"))
    return whose


def _row(number: int, whose: dict[str, Any]) -> dict[str, Any]:
    row = {
        **whose,
        "customer_id": number + 1,
        "reference": f"REF{number:06}",
        "name": f"{chr(65 + number % 26)}{number} Motor Garages & Sons (Northern) Limited",
        "short_name": f"GAR{number:05}",
        "postcode": f"NE{number % 90} {number % 9}XX",
        "on_hold": number % 50 == 0,
        "status_reason": None,
        "hidden": False,
        "currency_iso": "GBP",
        "currency_symbol": "£",
        "balance": Decimal(number),
        "base_balance": Decimal(number),
        "credit_limit": Decimal(4000),
        "open_orders": Decimal(0),
        "analysis": {"1": "Trade", "2": "George", "3": "Tyne & Wear"},
        "details": {"contact_name": "Tom Abbott", "contact_telephone": "0191 498 0123", "town": "Newcastle upon Tyne"},
        "fired_thresholds": [],
        "updated_at": NOW,
        "seen_at": NOW,
        "sweep": 0,
    }
    return mirror_keys(row)


async def seconds(database: Database, whose: dict[str, Any], words: str, rounds: int) -> float:
    """The median of one look-up, in milliseconds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        async with database.reading() as tx:
            await mirror_search.find(tx, **whose, words=same(words))
        taken.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(taken), 1)


async def plan(database: Database, whose: dict[str, Any]) -> str:
    """What the database says it will read."""
    statement = mirror_search.search(MirroredCustomer.name_key.contains("zzyzx kwik"), **whose, limit=26)
    async with database.reading() as tx:
        connection = await tx.connection()
        sql = str(statement.compile(connection.sync_engine, compile_kwargs={"literal_binds": True}))
        verb = "explain query plan" if database.dialect == "sqlite" else "explain"
        rows = (await tx.execute(text(f"{verb} {sql.replace(':', chr(92) + ':')}"))).all()
    return "; ".join(str(row[-1]).strip() for row in rows)[:400]


async def measure(url: str, customers: int, rounds: int) -> dict[str, Any]:
    """With the index, then without."""
    database = Database(url)
    try:
        whose = await fill(database, customers)
        found: dict[str, Any] = {"plan": await plan(database, whose)}
        indexed = {name: await seconds(database, whose, words, rounds) for name, words in ASKED.items()}
        async with database.transaction() as tx:
            await tx.execute(text(f"drop index {INDEX}"))
        for name, words in ASKED.items():
            without = await seconds(database, whose, words, rounds)
            found[name] = {"ms": indexed[name], "ms_without": without, "ratio": round(without / indexed[name], 1)}
        return found
    finally:
        await database.close()


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        places = {"sqlite": f"sqlite:///{Path(folder) / 'sage.db'}", "postgresql": server}
        found = {name: asyncio.run(measure(url, asked.customers, asked.rounds)) for name, url in places.items()}
    print(json.dumps({"customers": asked.customers, **found}, indent=2))


if __name__ == "__main__":
    main()
