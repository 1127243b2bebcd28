"""The first reading of a ledger, against a bare download of the same pages with a bulk insert. Tells the ratios.

    python -m benchmarks.first_sync --customers 100000 --rounds 3

On SQLite, and on PostgreSQL, where the bare one inserts by COPY. Ours and the bare one take turns; both ask a simulated
Sage in a process of its own for the same pages of customers and open items, with the same fields, through the same kind
of client. The bare one has no types, no checks, nothing to go on from after a crash, and no index but the key. A third
figure tells what our tables and indexes cost by themselves: the rows that ours has stored are written again, as they
are, to the same tables of another database.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import psycopg
import structlog

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.sandbox_process import connect, fresh_product, sandbox
from benchmarks.parts.stage import new_database
from bot.domain.company import Company
from bot.sage import ledger, open_items
from bot.sage.odata import after, all_of, unlike
from bot.sage.protocol import request
from storage.database import Database
from storage.migrations import upgrade
from storage.queries.mirror import open_items as stored_items
from storage.tables.row import Row
from tests.postgres import postgres_server

T = TypeVar("T")

_TICKS = os.sysconf("SC_CLK_TCK")
# Those that others refer to come first.
_TABLES = tuple(table.name for table in Row.metadata.sorted_tables)


@dataclass(frozen=True, slots=True)
class Resource:
    """What is downloaded, page by page in order of a key."""

    name: str
    key: str
    fields: tuple[str, ...]
    most: int
    where: Sequence[Any] = ()


RESOURCES = (
    # The simulated Sage is one from before 2025 R1, and refuses a field that it doesn't have.
    Resource(
        "customer_views",
        "id",
        tuple(each for each in ledger.FIELDS.split(",") if each != "has_promised_payment"),
        ledger.USUAL_PAGE,
    ),
    Resource(
        open_items.RESOURCE,
        "posted_customer_transaction_id",
        tuple(open_items.FIELDS.split(",")),
        open_items.USUAL_PAGE,
        (unlike("document_outstanding_value", 0),),
    ),
)


class Insert(Protocol):
    """Inserts a page of a resource, and commits."""

    async def __call__(self, resource: Resource, rows: list[list[Any]]) -> None: ...


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the processor, of the database server's and of the wall, and MB that the peak lies above the start."""

    cpu: float
    server: float
    wall: float
    peak: float


async def bare(address: str, token: str, company: Company, insert: Insert) -> dict[str, int]:
    """Download and insert every value as it comes. Return how many rows there were of each resource."""
    counts = dict.fromkeys((each.name for each in RESOURCES), 0)
    async with httpx.AsyncClient(timeout=60) as http:
        for resource in RESOURCES:
            last, is_full = 0, True
            while is_full:
                page = await _page(http, address, token, company, resource, last)
                await insert(resource, [[row.get(name) for name in resource.fields] for row in page])
                counts[resource.name] += len(page)
                last, is_full = page[-1][resource.key] if page else last, len(page) >= resource.most
    return counts


async def _page(
    http: httpx.AsyncClient, address: str, token: str, company: Company, resource: Resource, last: int
) -> list[dict[str, Any]]:
    wanted = all_of(*resource.where, after(resource.key, last)).text
    query = {"$select": ",".join(resource.fields), "$filter": wanted, "$orderby": f"{resource.key} asc"}
    query["$top"] = str(resource.most)
    ask = request(resource.name, edition=company.edition, company=company, query=query)
    headers = {**ask.headers, "Authorization": f"Bearer {token}"}
    answer = await http.get(f"{address}/sage-api{ask.target}", headers=headers)
    return list(json.loads(answer.content))


@asynccontextmanager
async def into_sqlite(file: Path) -> AsyncIterator[Insert]:
    """Insert by `executemany` into a file."""
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    for each in RESOURCES:
        database.execute(f"CREATE TABLE {each.name} ({', '.join(each.fields)}, PRIMARY KEY ({each.key}))")

    async def insert(resource: Resource, rows: list[list[Any]]) -> None:
        database.executemany(f"INSERT INTO {resource.name} VALUES ({', '.join('?' * len(resource.fields))})", rows)
        database.commit()

    yield insert
    database.close()


@asynccontextmanager
async def into_postgresql(url: str) -> AsyncIterator[Insert]:
    """Insert by COPY on a server."""
    async with await psycopg.AsyncConnection.connect(url) as database:
        for each in RESOURCES:
            columns = (f"{name} {'bigint PRIMARY KEY' if name == each.key else 'text'}" for name in each.fields)
            await database.execute(f"CREATE TABLE {each.name} ({', '.join(columns)})")

        async def insert(resource: Resource, rows: list[list[Any]]) -> None:
            async with database.cursor() as cursor, cursor.copy(f"COPY {resource.name} FROM STDIN") as copy:
                for row in rows:
                    await copy.write_row(row)
            await database.commit()

        yield insert


async def again_into_sqlite(stored: Path, empty: Path) -> Spent:
    """Write every row of a database to the same tables of an empty one, by `executemany`. Return what it took."""
    with closing(sqlite3.connect(stored)) as source, closing(sqlite3.connect(empty)) as target:
        target.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
        rows = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in _TABLES}
        meter = Meter(None)
        for name, page in _pages(rows):
            target.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(page[0]))})", page)
            target.commit()
        return meter.spent()


async def again_into_postgresql(stored: str, empty: str, server: int) -> Spent:
    """Write every row of a database to the same tables of an empty one, by COPY. Return what it took."""
    async with await psycopg.AsyncConnection.connect(stored) as source, source.cursor() as cursor:
        rows: dict[str, list[bytes]] = {}
        for name in _TABLES:
            async with cursor.copy(f"COPY {name} TO STDOUT") as reading:
                rows[name] = [bytes(line) async for line in reading]
    async with await psycopg.AsyncConnection.connect(empty) as target, target.cursor() as cursor:
        meter = Meter(server)
        for name, page in _pages(rows):
            async with cursor.copy(f"COPY {name} FROM STDIN") as writing:
                await writing.write(b"".join(page))
            await target.commit()
        return meter.spent()


def _pages(rows: Mapping[str, list[T]]) -> Iterator[tuple[str, list[T]]]:
    """Yield each table's rows in parts of a page of customers, and the name of the table."""
    for name, of_table in rows.items():
        for start in range(0, len(of_table), ledger.USUAL_PAGE):
            yield name, of_table[start : start + ledger.USUAL_PAGE]


class Meter:
    """What this process and a database server have used so far."""

    def __init__(self, server: int | None) -> None:
        self._server = server
        # Begins the peak anew, so that it is of what follows.
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
        self._memory = _memory("VmRSS")
        self._cpu, self._of_server, self._wall = time.process_time(), _of_server(server), time.perf_counter()

    def spent(self) -> Spent:
        """Return what was used since this was made."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Spent(cpu, _of_server(self._server) - self._of_server, wall, _memory("VmHWM") - self._memory)


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _of_server(postmaster: int | None) -> float:
    """Return the processor's seconds of a server and its processes, those that have ended included."""
    if postmaster is None:
        return 0.0
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, parent, *rest = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        own, ended = sum(map(int, rest[9:11])), sum(map(int, rest[11:13]))
        total += own + ended if stat.parent.name == str(postmaster) else own if parent == str(postmaster) else 0
    return total / _TICKS


async def once(address: str, url: str, empty: str, folder: Path, server: int | None) -> tuple[Spent, Spent, Spent]:
    """Read a ledger by the product, then bare, then write the product's rows again. Return what each used."""
    async with fresh_product(url, address) as product:
        workspace_id, connection_id, company = await connect(product, address)
        mirror, tokens = product.services.mirror, product.services.sage_tokens
        await mirror.ensure(most=1)
        ((_, company_pk),) = await mirror.due(most=1)
        # As `bot web` does at its start.
        gc.collect()
        gc.freeze()
        meter = Meter(server)
        assert await mirror.sync(workspace_id=workspace_id, company_pk=company_pk)
        ours = meter.spent()
        token = await tokens.access_token(workspace_id=workspace_id, connection_id=connection_id)
        state = await mirror.state(workspace_id=workspace_id, company_pk=company_pk)
        async with product.services.database.reading() as tx:
            items, _ = await stored_items.counts(tx, workspace_id=workspace_id, company_pk=company_pk)
    opened = into_sqlite(folder / "bare.db") if server is None else into_postgresql(url)
    async with opened as insert:
        meter = Meter(server)
        counts = await bare(address, token, company, insert)
        theirs = meter.spent()
    assert state is not None
    assert list(counts.values()) == [state.customers, items]
    await _prepare(empty)
    if server is None:
        rows = await again_into_sqlite(Path(urlsplit(url).path), Path(urlsplit(empty).path))
    else:
        rows = await again_into_postgresql(url, empty, server)
    print(f"{counts}: ours {ours}, bare {theirs}, our rows again {rows}", flush=True)
    return ours, theirs, rows


async def _prepare(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


async def main(customers: int, rounds: int, databases: Sequence[str]) -> None:
    """Tell what both spend on each database."""
    with postgres_server() as admin:
        async with sandbox(customers) as address:
            for name in databases:
                found = []
                for _ in range(rounds):
                    with tempfile.TemporaryDirectory() as folder:
                        is_file = name == "SQLite"
                        url, empty = (
                            f"sqlite:///{Path(folder) / file}" if is_file else new_database(admin)
                            for file in ("ours.db", "again.db")
                        )
                        server = None if is_file else _postmaster(admin)
                        found.append(await once(address, url, empty, Path(folder), server))
                _tell(f"first sync of {customers:,} customers and their open items, {name}", found, name)


def _postmaster(url: str) -> int:
    with psycopg.connect(url) as database:
        row = database.execute("select pg_backend_pid()").fetchone()
        assert row is not None
        return int(Path(f"/proc/{row[0]}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def _tell(what: str, found: Sequence[tuple[Spent, Spent, Spent]], database: str) -> None:
    insert = "executemany" if database == "SQLite" else "COPY"
    ours, bare_ones, again = zip(*found, strict=True)

    def beside(others: Sequence[Spent], baseline: str, unit: str, of: Any, most: float | None = None) -> Figure:
        theirs = [of(each) for each in others]
        return Figure(what, unit, [of(each) for each in ours], baseline=baseline, theirs=theirs, most=most)

    both = partial(beside, bare_ones, f"bare download and {insert}")
    # What a program would need that asks as the bare one does, and keeps what ours keeps.
    least = [
        replace(each, cpu=each.cpu + more.cpu, server=more.server) for each, more in zip(bare_ones, again, strict=True)
    ]
    tables = partial(beside, least, f"bare download and {insert}, and {insert} of our rows to our tables")
    tell(both("s of the processor", lambda each: each.cpu, 1.3), tables("s of the processor", lambda each: each.cpu))
    if database != "SQLite":
        tell(both("s of the processor, the server's too", lambda each: each.cpu + each.server))
        tell(tables("s of the processor, the server's too", lambda each: each.cpu + each.server))
    tell(both("s", lambda each: each.wall), both("MB above the start", lambda each: each.peak))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--on", choices=("SQLite", "PostgreSQL"), action="append", help="one database alone")
    given = parser.parse_args()
    asyncio.run(main(given.customers, given.rounds, given.on or ("SQLite", "PostgreSQL")))
