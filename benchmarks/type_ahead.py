"""The menu of customers while somebody types, on a large ledger, beside a plain scan of all columns. Tells ratios.

    python -m benchmarks.type_ahead --customers 100000 --rounds 15

On SQLite and on PostgreSQL. Every text is asked for in every round, by each way in turn. Baseline, in the same run:
`LIKE '%words%'` over every text column of the table. `theirs` is the same as a sales person of one customer in fifty.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.copy_search import fill
from benchmarks.figures import Figure, tell
from bot.domain.folding import same
from storage.database import Database
from storage.queries.mirror import mirror_search
from storage.statements import table_of
from storage.tables.alerts import MirroredCustomer
from tests.postgres import postgres_server

_C = table_of(MirroredCustomer).c
COLUMNS = (_C.reference, _C.name, _C.short_name, _C.postcode, _C.status_reason, _C.currency_iso, _C.details)
ASKED = (
    "R", "REF0", "REF09999", "REF099999", "g", "ga", "gara", "garages", "garages nor", "w99", "w99996 motor",
    "NE12 3XX", "NE12", "GAR0123", "north", "limited", "zzyzx", "zzyzx kwik", "motor zzyzx", "Sons (North",
)  # fmt: skip
MISTYPED = ("garegas", "REG012345", "ltmited")
THEIRS: list[dict[int, tuple[str, ...]]] = [{2: ("anna",)}]

Way = Callable[[AsyncSession, dict[str, Any], str], Awaitable[object]]


async def suggested(tx: AsyncSession, whose: dict[str, Any], words: str) -> object:
    """As the product asks."""
    return await mirror_search.suggested(tx, **whose, words=same(words))


async def theirs(tx: AsyncSession, whose: dict[str, Any], words: str) -> object:
    """The same for a sales person."""
    return await mirror_search.suggested(tx, **whose, words=same(words), codes=THEIRS)


async def mistyped(tx: AsyncSession, whose: dict[str, Any], words: str) -> object:
    """What is asked in addition where nothing fits."""
    return await mirror_search.beginning_like(tx, **whose, stem=same(words)[:2])


async def scanned(tx: AsyncSession, whose: dict[str, Any], words: str) -> object:
    """The baseline."""
    fitting = or_(*(cast(column, String).icontains(words, autoescape=True) for column in COLUMNS))
    mine = (_C.workspace_id == whose["workspace_id"], _C.company_pk == whose["company_pk"])
    columns = (_C.customer_id, _C.reference, _C.name, _C.short_name, _C.postcode)
    statement = select(*columns).where(*mine, fitting).order_by(_C.name, _C.customer_id).limit(25)
    return (await tx.execute(statement)).all()


WAYS: dict[str, tuple[Way, tuple[str, ...]]] = {
    "suggested": (suggested, ASKED),
    "theirs": (theirs, ASKED),
    "mistyped": (mistyped, MISTYPED),
    "scanned": (scanned, ASKED),
}


async def measure(which: str, url: str, customers: int, rounds: int) -> None:
    """Tell of each way the median and the 99th percentile of all texts in each round."""
    database = Database(url)
    try:
        whose = await fill(database, customers)
        async with database.transaction() as tx:
            change = "update mirrored_customers set analysis = :codes where customer_id % 50 = 0"
            await tx.execute(text(change), {"codes": '{"1": "Trade", "2": "Anna"}'})
        taken: dict[str, list[list[float]]] = {name: [] for name in WAYS}
        for _ in range(rounds):
            for name, (way, asked) in WAYS.items():
                taken[name].append([await _timed(database, way, whose, words) for words in asked])
    finally:
        await database.close()
    for name in list(WAYS)[:-1]:
        for which_of, place in (("p50", 49), ("p99", 98)):
            ours, scans = ([_percentile(each, place) for each in taken[way]] for way in (name, "scanned"))
            title = f"{which}, {customers:,} customers: {name}, {which_of}"
            tell(Figure(title, "ms", ours, most=30 if which_of == "p99" else None))
            tell(Figure(f"{title}, beside a scan", "ms", ours, "LIKE over every text column", scans))


async def _timed(database: Database, way: Way, whose: dict[str, Any], words: str) -> float:
    began = time.perf_counter()
    async with database.reading() as tx:
        await way(tx, whose, words)
    return 1000 * (time.perf_counter() - began)


def _percentile(milliseconds: list[float], place: int) -> float:
    return statistics.quantiles(milliseconds, n=100, method="inclusive")[place]


def main() -> None:
    """Tell of both kinds of database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        places = {"SQLite": f"sqlite:///{Path(folder) / 'sage.db'}", "PostgreSQL": server}
        for which, url in places.items():
            asyncio.run(measure(which, url, asked.customers, asked.rounds))


if __name__ == "__main__":
    main()
