"""Fifty callers in two processes find one token stale: how often is Sage ID asked, and who is left without one?

Baseline: everyone renews for themselves. The same callers read the row, and whoever finds it stale asks Sage ID, with
no lease. Sage ID's old token dies at its first use in both.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

import storage.queries.connections.connections as rows
from benchmarks.parts.stage import WORKSPACE, Stage, custody_here, databases, email_of, now, stage
from benchmarks.parts.stage import show as show_table
from bot.errors import BotError
from bot.features.tokens.service.sage_tokens import REFRESH, SageTokens
from storage.tables.core import Connection

PROCESSES, CALLERS, ROUNDS, LATENCY = 2, 25, 7, 0.15
_STALE = timedelta(seconds=60)
_CONNECTION = "c0"


@dataclass(frozen=True)
class Outcome:
    """One round."""

    posts: int
    without: int
    seconds: float
    alive: bool


async def ours(sage_tokens: SageTokens) -> str:
    """The product's way."""
    return await sage_tokens.access_token(workspace_id=WORKSPACE, connection_id=_CONNECTION)


async def everyone(sage_tokens: SageTokens) -> str:
    """The baseline's way."""
    async with sage_tokens.database.reading() as tx:
        row = await rows.by_id(tx, workspace_id=WORKSPACE, connection_id=_CONNECTION)
    assert row is not None
    whose = {"workspace_id": WORKSPACE, "user_id": row.user_id}
    if row.access_expires_at > now() + _STALE:
        return row.access_token_sealed or ""
    tokens = await sage_tokens.sage_id.refresh(sage_tokens.open(row.refresh_token_sealed, REFRESH, **whose))
    sealed = sage_tokens.seal(tokens, **whose)
    expires_at = now() + timedelta(seconds=tokens.expires_in)
    async with sage_tokens.database.transaction() as tx:
        await tx.execute(
            update(Connection)
            .where(Connection.id == _CONNECTION)
            .values(
                access_token_sealed=sealed.access_token_sealed,
                refresh_token_sealed=sealed.refresh_token_sealed,
                access_expires_at=expires_at,
            )
        )
    return tokens.access


WAYS: dict[str, Callable[[SageTokens], Awaitable[str]]] = {"ours": ours, "everyone": everyone}


async def ask(way: str) -> None:
    """A process of callers: for each line on stdin, all ask at once; a line says how many got nothing."""
    async with custody_here() as sage_tokens:
        async with sage_tokens.database.reading() as tx:
            await rows.by_id(tx, workspace_id=WORKSPACE, connection_id=_CONNECTION)
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            got = await asyncio.gather(*(WAYS[way](sage_tokens) for _ in range(CALLERS)), return_exceptions=True)
            print(json.dumps([type(each).__name__ for each in got if isinstance(each, BotError)]), flush=True)


async def storm(at: Stage, processes: list[asyncio.subprocess.Process], sign_in_id: str) -> Outcome:
    """A fresh sign-in goes stale, and everybody asks."""
    stale = {**at.pair(sign_in_id, "U0"), "sign_in_id": sign_in_id, "state": "connected", "refresh_due_at": None}
    stale["access_expires_at"] = now() - timedelta(minutes=1)
    async with at.database.transaction() as tx:
        await tx.execute(update(Connection).where(Connection.id == _CONNECTION).values(**stale))
    before, began = len(at.sage_id.token_log), time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    failures = [json.loads(await _line(process)) for process in processes]
    seconds = time.perf_counter() - began
    posts = len(at.sage_id.token_log) - before
    return Outcome(posts, sum(map(len, failures)), seconds, at.sage_id.is_signed_in(email_of(sign_in_id)))


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await asyncio.wait_for(process.stdout.readline(), 60)


async def measure(rounds: int) -> None:
    """Both ways on one server, and their table."""
    outcomes: dict[str, list[Outcome]] = {}
    with databases() as server:
        for way in WAYS:
            async with stage(server) as at:
                at.sage_id.grants.overlap_seconds = 0
                at.sage_id.faults.delay(LATENCY, contains="oauth/token")
                await at.connect(1)
                processes = [await at.start("benchmarks.refresh_storm", "--ask", way) for _ in range(PROCESSES)]
                for process in processes:
                    assert await _line(process) == b"ready\n"
                outcomes[way] = [await storm(at, processes, f"{way}{each}") for each in range(rounds)]
    show(outcomes["ours"], outcomes["everyone"])


def show(ours: list[Outcome], everyone: list[Outcome]) -> None:
    """The figures beside the baseline's."""
    posts, posts_all = _median(ours, "posts"), _median(everyone, "posts")
    seconds, seconds_all = _median(ours, "seconds"), _median(everyone, "seconds")
    lost, lost_all = _median(ours, "without"), _median(everyone, "without")
    alive, alive_all = sum(each.alive for each in ours), sum(each.alive for each in everyone)
    rounds = len(ours)
    title = (
        f"{PROCESSES * CALLERS} callers, {PROCESSES} processes, one stale token; Sage ID takes {LATENCY * 1000:.0f} ms;"
        f" median of {rounds} rounds"
    )
    table = [
        ("token POSTs", f"{posts:.0f}", f"{posts_all:.0f}", f"{posts / posts_all:.2f}"),
        ("most token POSTs in a round", max(each.posts for each in ours), max(each.posts for each in everyone), ""),
        ("callers without a token", f"{lost:.0f}", f"{lost_all:.0f}", f"{lost / lost_all:.2f}" if lost_all else ""),
        ("last answer, ms", f"{seconds * 1000:.0f}", f"{seconds_all * 1000:.0f}", f"{seconds / seconds_all:.2f}"),
        ("sign-in alive afterwards", f"{alive} of {rounds}", f"{alive_all} of {rounds}", ""),
    ]
    show_table(title, ("", "one renews", "everyone renews for themselves", "ratio"), table)


def _median(outcomes: list[Outcome], name: str) -> float:
    return statistics.median(float(getattr(each, name)) for each in outcomes)


if __name__ == "__main__":
    if "--ask" in sys.argv:
        asyncio.run(ask(sys.argv[-1]))
    else:
        asyncio.run(measure(3 if "--small" in sys.argv else ROUNDS))
