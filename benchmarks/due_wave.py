"""What finding due work costs: a look at 500 due sign-ins of 10,000, and a tick of all looks over 10,000 workspaces.

    python -m benchmarks.due_wave --rounds 15
    python -m benchmarks.due_wave --short    # the statements alone, of 600 sign-ins and 200 workspaces

Every look is the product's own, on PostgreSQL, and what it finds is handed to the job engine. Baseline of a look: the
same rows found and the same number of rows written by two plain statements of the driver, in turn with it. Baseline of
a tick: the same tick over a tenth of the workspaces.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import insert, select, text, update

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.stage import Stage, databases, now, stage, workspace_row
from bot.app import Product, opened
from bot.config import Settings
from bot.domain.filters.customer_filter import EVERYONE
from bot.domain.json_column import FILTER_JSON
from bot.jobs.tasks import Finders
from bot.jobs.timetable import EVERY_SECONDS
from storage.tables.alerts import LIVE, MirrorStateRow, SubscriptionRow
from storage.tables.core import CompanyRow, Connection, Workspace

CONNECTIONS, WORKSPACES = 10_000, 10_000
DUE = 500  # what one look takes at most
_LEAD = timedelta(hours=1)


class Counter:
    """How many statements this process sent to PostgreSQL."""

    def __init__(self) -> None:
        self.statements = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Both our own queries and the job engine's go through this one call of the driver."""
        real = psycopg.AsyncCursor.execute

        async def execute(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
            self.statements += bool(query)  # the pool greets each connection that it lends with an empty one
            return await real(cursor, query, *arguments, **options)

        psycopg.AsyncCursor.execute = execute  # type: ignore[assignment, method-assign]
        try:
            yield
        finally:
            psycopg.AsyncCursor.execute = real  # type: ignore[method-assign]


async def taken(look: Callable[[], Awaitable[object]], counter: Counter) -> tuple[float, int]:
    """Return milliseconds and statements of one look."""
    before, began = counter.statements, time.perf_counter()
    await look()
    return (time.perf_counter() - began) * 1000, counter.statements - before


@contextmanager
def looking(at: Stage) -> Iterator[Counter]:
    """Count, for as long as looks are measured."""
    counter = Counter()
    with counter.counting():
        yield counter


async def with_product(at: Stage, measure: Callable[[Product], Awaitable[None]]) -> None:
    """Run it with the product open, which defers jobs while no worker does them."""
    async with opened(Settings.from_env(at.environment)) as product:
        engine: Any = product.dispatch
        await engine._app.open_async()
        try:
            await measure(product)
        finally:
            await engine._app.close_async()


async def looks(at: Stage, rounds: int, due: int, *, timed: bool) -> None:
    """Tell what a look costs with nothing due, with a full look due, and with that look's jobs waiting already."""
    kinds: dict[str, list[tuple[float, int]]] = {"nothing": [], "new": [], "waiting": [], "plain": []}
    with looking(at) as counter:

        async def measure(product: Product) -> None:
            refreshes = product.finders.refreshes
            await refreshes()
            for _ in range(rounds):
                await _due(at, 0)
                kinds["nothing"].append(await taken(refreshes, counter))
                await _due(at, due)
                await _forget_jobs(at)
                kinds["plain"].append(await taken(lambda: _plainly(at, due), counter))
                await _forget_jobs(at)
                kinds["new"].append(await taken(refreshes, counter))
                kinds["waiting"].append(await taken(refreshes, counter))

        await with_product(at, measure)
    await _forget_jobs(at)
    ms = {name: [each for each, _ in found] for name, found in kinds.items()}
    sent = {name: [float(each) for _, each in found] for name, found in kinds.items()}
    tell(
        Figure(f"a look with {due} due", "statements", sent["new"], most=5),
        Figure(f"a look with {due} due, their jobs waiting", "statements", sent["waiting"], most=5),
        Figure("a look with nothing due", "statements", sent["nothing"], most=2),
    )
    if timed:
        plain = "two plain statements"
        tell(
            Figure(f"a look with {due} due", "ms", ms["new"], most=30),
            Figure(f"a look with {due} due, beside plain SQL", "ms", ms["new"], plain, ms["plain"]),
            Figure(f"a look with {due} due, their jobs waiting", "ms", ms["waiting"], plain, ms["plain"]),
            Figure("a look with nothing due", "ms", ms["nothing"], plain, ms["plain"]),
        )


async def ticks(at: Stage, rounds: int, workspaces: int, *, timed: bool) -> None:
    """Tell what the looks of one tick cost over a tenth of the workspaces, and over all of them."""
    costs: list[list[tuple[float, int]]] = []
    filled = 0
    for number in (workspaces // 10, workspaces):
        await _settle_in(at, filled, number)
        filled = number
        found: list[tuple[float, int]] = []

        async def measure(product: Product, found: list[tuple[float, int]] = found) -> None:
            with looking(at) as counter:
                await _tick(product.finders)
                for _ in range(rounds):
                    found.append(await taken(lambda: _tick(product.finders), counter))

        await with_product(at, measure)
        costs.append(found)
    few, many = costs
    name = f"a tick over {workspaces:,} workspaces"
    tenth = f"over {workspaces // 10:,}"
    tell(Figure(name, "statements", [each for _, each in many], tenth, [each for _, each in few], most=1))
    if timed:
        tell(
            Figure(name, "ms", [each for each, _ in many], most=50),
            Figure(f"{name}, beside a tenth", "ms", [each for each, _ in many], tenth, [each for each, _ in few]),
        )


async def _tick(finders: Finders) -> None:
    """Take the looks that fall due every five seconds or more often, one after another: the busiest second there is."""
    for name, seconds in EVERY_SECONDS.items():
        if seconds <= 5:
            await getattr(finders, name)()


async def measure(*, connections: int, workspaces: int, due: int, rounds: int, timed: bool) -> None:
    """Both, each on a database of its own."""
    with databases() as server:
        async with stage(server) as at:
            await at.connect(connections, due_within=timedelta(hours=1))
            async with at.database.transaction() as tx:
                await tx.execute(text("ANALYZE connections"))
            await looks(at, rounds, due, timed=timed)
        async with stage(server) as at:
            await ticks(at, rounds, workspaces, timed=timed)


async def _due(at: Stage, number: int) -> None:
    """So many are due now, the others not for an hour."""
    now_due = select(Connection.id).order_by(Connection.refreshed_at, Connection.id).limit(number).scalar_subquery()
    async with at.database.transaction() as tx:
        overdue = Connection.refresh_due_at < now() + timedelta(minutes=10)
        await tx.execute(update(Connection).where(overdue).values(refresh_due_at=now() + _LEAD))
        await tx.execute(update(Connection).where(Connection.id.in_(now_due)).values(refresh_due_at=now()))


async def _plainly(at: Stage, due: int) -> None:
    """Find what is due, and write a row for each, with the driver alone."""
    async with await psycopg.AsyncConnection.connect(at.database.libpq_address) as connection:
        found = await connection.execute(
            "SELECT id, workspace_id, token_version FROM connections WHERE refresh_due_at <= %s LIMIT %s", [now(), due]
        )
        rows = await found.fetchall()
        await connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
            " SELECT 'plain', 'job', id, id, jsonb_build_object('w', w, 'v', v)"
            " FROM unnest(%s::text[], %s::text[], %s::int[]) AS found(id, w, v)",
            [list(each) for each in zip(*rows, strict=True)],
        )


async def _forget_jobs(at: Stage) -> None:
    async with at.database.transaction() as tx:
        await tx.execute(text("TRUNCATE procrastinate_jobs CASCADE"))
        await tx.execute(text("DELETE FROM procrastinate_workers"))


async def _settle_in(at: Stage, first: int, last: int) -> None:
    """Add workspaces up to a number, each with a sign-in, a company that is mirrored, and a subscription."""
    moment, later = now(), now() + _LEAD
    state = {"phase": LIVE, "loaded_at": moment, "synced_at": moment, "due_at": later, "reconcile_due_at": later}
    wanted = {"owner": "U1", "topics": ["holds"], "filter": FILTER_JSON.write(EVERYONE), "thresholds": []}
    told = {"is_personal": False, "delivery": "at_once", "zone": "Europe/London", "paused_reason": ""}
    books = {"edition": "standard", "company_id": 1, "company_name": "D", "site_name": "M"}
    numbers = range(first, last)
    pair = at.pair("f", "U1")
    sign_in = {"user_id": "U1", "state": "connected", "state_reason": "", "state_since": moment, "token_version": 1}
    renewed = {"access_expires_at": later, "refresh_due_at": later, "connected_at": moment, "refreshed_at": moment}
    async with at.database.transaction() as tx:
        await tx.execute(insert(Workspace), [workspace_row(f"w{each}", f"T{each}", moment) for each in numbers])
        companies = [{"workspace_id": f"w{each}", "site_id": f"s{each}", **books} for each in numbers]
        made = await tx.execute(insert(CompanyRow).returning(CompanyRow.id, CompanyRow.workspace_id), companies)
        keys = [{"company_pk": row.id, "workspace_id": row.workspace_id} for row in made]
        signed_in = {**sign_in, **renewed, **pair, "failures": 0}
        whose = [{**each, "id": f"c-{each['workspace_id']}", "sign_in_id": "f"} for each in keys]
        await tx.execute(insert(Connection), [{**each, **signed_in} for each in whose])
        await tx.execute(insert(MirrorStateRow), [{**each, **state} for each in keys])
        target = {"number": 1, "target_id": "C1", "created_at": moment, **wanted, **told}
        await tx.execute(insert(SubscriptionRow), [{**each, **target} for each in keys])
    async with at.database.transaction() as tx:
        await tx.execute(text("ANALYZE"))


def main() -> None:
    """Run one of the two modes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    if given.short:
        asyncio.run(measure(connections=600, workspaces=200, due=DUE, rounds=2, timed=False))
    else:
        asyncio.run(measure(connections=CONNECTIONS, workspaces=WORKSPACES, due=DUE, rounds=given.rounds, timed=True))


if __name__ == "__main__":
    main()
