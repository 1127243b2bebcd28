"""Customers looked up in the copy of a large ledger by what people type, beside the database's own index of trigrams.

    python -m benchmarks.copy_search --customers 100000 --samples 40
    python -m benchmarks.copy_search --short      # a tenth of it on SQLite, counted in the steps of SQLite's machine

On SQLite beside FTS5, on PostgreSQL beside pg_trgm (`LIKE` where that can't be installed), asked for the same texts.
`menu` is what fills while somebody types, `look-up` what answers a command while Sage is away.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.lists import steps, taken
from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.large_ledger import fill
from bot.domain.text.folding import same
from bot.features.access.model.authorization import Decision, Shown
from bot.features.customers.service.own_customers import alike
from storage.database import Database
from storage.queries.mirror import mirror_search
from storage.statements import table_of
from storage.tables.alerts import MirroredCustomer
from tests.postgres import postgres_server

Way = Callable[[AsyncSession, dict[str, Any], str], Awaitable[object]]
_SHORT, _MOST_STEPS = 10_000, 250
GEORGES: list[dict[int, tuple[str, ...]]] = [{2: ("george",)}]
EVERYBODYS = Decision(True, Shown.FIGURES)
ALL_TEXT = "reference || ' ' || name || ' ' || short_name || ' ' || postcode"


async def menu(tx: AsyncSession, here: dict[str, Any], words: str) -> object:
    """What one keystroke asks."""
    return await mirror_search.suggested(tx, **here, words=same(words))


async def reps_menu(tx: AsyncSession, here: dict[str, Any], words: str) -> object:
    """Ask as a rep who owns one customer in twenty."""
    return await mirror_search.suggested(tx, **here, words=same(words), codes=GEORGES)


async def look_up(tx: AsyncSession, here: dict[str, Any], words: str) -> object:
    """What a command asks while Sage is away."""
    return await mirror_search.find(tx, **here, words=same(words))


async def mistyped(tx: AsyncSession, here: dict[str, Any], words: str) -> object:
    """What is asked in addition where nothing fits."""
    return await alike(tx, here, EVERYBODYS, words)


async def own_index(database: Database) -> tuple[str, str, str]:
    """Make the database's own index. Return its name, and its queries of a part and of a typing error."""
    if database.dialect == "sqlite":
        async with database.transaction() as tx:
            await tx.execute(text("create virtual table trigrams using fts5(words, tokenize='trigram')"))
            every = f"insert into trigrams(rowid, words) select customer_id, {ALL_TEXT} from mirrored_customers"
            await tx.execute(text(every))
        joined = "select c.customer_id, c.reference, c.name from trigrams t join mirrored_customers c"
        joined += " on c.company_pk = :company_pk and c.customer_id = t.rowid where trigrams match :words"
        return "FTS5 trigram", f"{joined} limit 25", f"{joined} order by rank limit 3"
    chosen = f"select customer_id, reference, name from mirrored_customers where {ALL_TEXT} ilike :words limit 25"
    near = f"select customer_id, reference, name from mirrored_customers order by :words <<-> ({ALL_TEXT}) limit 3"
    try:
        async with database.transaction() as tx:
            await tx.execute(text("create extension pg_trgm"))
            await tx.execute(
                text(f"create index trigrams on mirrored_customers using gist (({ALL_TEXT}) gist_trgm_ops)")
            )
    except DBAPIError:
        return "LIKE", chosen, chosen
    async with database.transaction() as tx:
        await tx.execute(text("analyze mirrored_customers"))
    return "pg_trgm", chosen, near


def pattern(name: str, words: str, is_mistyped: bool) -> str:
    """Return the words as the database's own index is asked for them."""
    if name != "FTS5 trigram":
        return words if is_mistyped and name == "pg_trgm" else f"%{words}%"
    if not is_mistyped:
        return f'"{words}"'
    return " OR ".join(f'"{words[place : place + 3]}"' for place in range(len(words) - 2))


async def texts(database: Database, samples: int) -> dict[str, list[str]]:
    """Return what people type, by kind: of customers of the ledger, always the same."""
    row, chosen = table_of(MirroredCustomer).c, random.Random(3)
    async with database.reading() as tx:
        every = (await tx.execute(select(row.reference, row.name, row.postcode).order_by(row.customer_id))).all()
    some = chosen.sample(every, samples)
    swapped = [f"{name[:3]}{name[4]}{name[3]}{name[5:].partition(' ')[0]}" for _, name, _ in some]
    return {
        "a name": [name for _, name, _ in some],
        "a part of a name": [name[2 : 2 + chosen.randint(3, 6)].strip() for _, name, _ in some],
        "two words": [" ".join(name.split()[:2]) for _, name, _ in some],
        "a reference's beginning": [reference[: chosen.randint(2, 6)] for reference, _, _ in some],
        "a postcode": [postcode for _, _, postcode in some],
        "a postcode's beginning": [postcode.split()[0] for _, _, postcode in some],
        "nobody's name": ["Zzyzx Kwik", "qqx", "motor zzyzx", "ZZ99 9ZZ"] * (samples // 4),
        "a typing error": swapped,
    }


async def asked(database: Database, here: dict[str, Any], samples: int) -> Iterator[tuple[str, str, Any, Any]]:
    """Return (who asks, kind, our questions, those to the database's own index), each of all texts of the kind."""
    name, part, near = await own_index(database)
    found = []
    for kind, said in (await texts(database, samples)).items():
        is_mistyped = kind == "a typing error"
        ways: dict[str, Way] = {"mistyped, in addition": mistyped}
        if not is_mistyped:
            ways = {"menu": menu, "a rep's menu": reps_menu, "look-up": look_up}
        theirs = [
            partial(_theirs, sql=near if is_mistyped else part, here=here, words=pattern(name, words, is_mistyped))
            for words in said
        ]
        for who, way in ways.items():
            found.append((f"{who}: {kind}", name, [partial(way, here=here, words=words) for words in said], theirs))
    return iter(found)


async def _theirs(tx: AsyncSession, *, sql: str, here: dict[str, Any], words: str) -> object:
    values = {"words": words, **here}
    return (await tx.execute(text(sql), {name: values[name] for name in values if f":{name}" in sql})).all()


async def measure(url: str, customers: int, samples: int, *, counts: bool) -> list[Figure]:
    """Fill a database, ask it, and return the figures."""
    database, figures = Database(url), []
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    try:
        here = await fill(database, customers)
        for what, name, ours, theirs in await asked(database, here, samples):
            if counts:
                made, other = [max([await steps(database, ask) for ask in asks]) for asks in (ours, theirs)]
                of = f"{what}, {customers:,} customers, dearest of {len(ours)}"
                figures.append(Figure(of, "thousand steps of SQLite", [made], f"{name}: {other}", most=_MOST_STEPS))
                continue
            took = [await p99_and_cpu(database, asks) for asks in (ours, theirs)]
            for unit, (mine, other) in zip(("p99", "CPU"), zip(*took, strict=True), strict=True):
                figures.append(Figure(f"{kind}, {what}, {unit}", "ms", [mine], f"{name}: {other:.1f} ms", most=30))
    finally:
        await database.close()
    return figures


async def p99_and_cpu(
    database: Database, asks: list[Callable[[AsyncSession], Awaitable[object]]]
) -> tuple[float, float]:
    """Return the 99th percentile of the wall, and the processor's mean, in milliseconds, of questions asked thrice."""
    found = [await taken(database, ask, 3) for ask in asks]
    walls = sorted(each["p99"] for each in found)
    return walls[int(0.99 * (len(walls) - 1))], sum(each["cpu"] for each in found) / len(found)


def main() -> None:
    """Tell the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=40, help="texts of each kind")
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lite = f"sqlite:///{Path(folder) / 'sage.db'}"
        if given.short:
            tell(*asyncio.run(measure(lite, _SHORT, 4, counts=True)))
            return
        with postgres_server() as server:
            for url in (lite, server):
                tell(*asyncio.run(measure(url, given.customers, given.samples, counts=False)))


if __name__ == "__main__":
    main()
