"""A thousand refreshes while workers are killed with -9 and every tenth answer is lost: which sign-ins die of it?

Run A: Sage ID honours the previous refresh token for 30 seconds. Run B, the baseline: not for a moment, so each answer
that is lost after a rotation must end the sign-in, and its owner must be told. In B people sign in again.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

import storage.queries.connections.connections as rows
from benchmarks.bad_network import LOST_SHARE, BadNetwork
from benchmarks.parts.stage import WORKSPACE, Stage, databases, email_of, now, show, stage
from storage.tables.alerts import OutboxRow
from storage.tables.core import CONNECTED, RECONNECT_NEEDED, Connection

CONNECTIONS, WORKERS = 50, 2
SETTLE_SECONDS, RUN_SECONDS = 95.0, 300.0


@dataclass
class Run:
    """One run and its tally."""

    at: Stage
    outside: BadNetwork
    refreshes: int
    wanted_kills: int
    kills: int = 0
    done: int = 0
    journal: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    families: set[str] = field(default_factory=lambda: {f"f{each}" for each in range(CONNECTIONS)})
    _versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys((f"c{n}" for n in range(CONNECTIONS)), 1))

    async def go(self) -> None:
        """Until all is done, then until nothing is under way any more."""
        give_up = time.monotonic() + RUN_SECONDS
        nursed = await self.at.start("benchmarks.parts.nursery")
        turn = asyncio.Lock()
        killers = [asyncio.create_task(self._lives(nursed, turn)) for _ in range(WORKERS)]
        while self.done < self.refreshes and time.monotonic() < give_up:
            await self._turn(sign_in_again=True)
        self.wanted_kills = 0
        self.outside.share = 0
        give_up = time.monotonic() + SETTLE_SECONDS
        while await self._turn(sign_in_again=False) and time.monotonic() < give_up:
            pass
        for killer in killers:
            killer.cancel()
        await asyncio.gather(*killers, return_exceptions=True)

    async def _lives(self, nursed: asyncio.subprocess.Process, turn: asyncio.Lock) -> None:
        """One worker after another, each killed at a random moment; the last ones at the end."""
        assert nursed.stdin is not None
        assert nursed.stdout is not None
        while True:
            async with turn:
                nursed.stdin.write(b"\n")
                while not (said := (await nursed.stdout.readline()).strip()).isdigit():
                    assert said, "the nursery has ended"  # what workers log goes to the same place
                pid = int(said)
            try:
                # By progress and not by the clock alone, so that a slow machine isn't killed to a standstill.
                enough = self.done + random.uniform(0.5, 1.5) * WORKERS * self.refreshes / max(1, self.wanted_kills)
                while self.done < enough or not self.wanted_kills:  # noqa: ASYNC110
                    await asyncio.sleep(random.uniform(0.05, 0.5))
            finally:
                self.kills += _killed(pid)

    async def _turn(self, *, sign_in_again: bool) -> bool:
        """Count, sign in again, make more due. True while something is under way."""
        await asyncio.sleep(0.25)
        async with self.at.database.reading() as tx:
            found = list(await tx.scalars(select(Connection).order_by(Connection.id)))
        self.done += sum(row.token_version - self._versions[row.id] for row in found)
        self._versions = {row.id: row.token_version for row in found}
        for row in found:
            self._note(row)
        idle = [row.id for row in found if row.state == CONNECTED and _rests(row)]
        busy = sum(row.state == CONNECTED for row in found) - len(idle)
        if sign_in_again:
            for row in (row for row in found if row.state == RECONNECT_NEEDED):
                await self._sign_in(row)
            wanted = self.refreshes - self.done - busy
            await self._make_due(random.sample(idle, max(0, min(len(idle), wanted, 4))))
        return busy > 0

    def _note(self, row: Connection) -> None:
        what = f"[lease {row.lease_owner[:4] if row.lease_owner else 'free'}, failures {row.failures}]"
        known = self.journal[row.sign_in_id]
        if not known or known[-1][1] != what:
            known.append((time.monotonic(), what))

    async def _make_due(self, ids: list[str]) -> None:
        free = (Connection.id.in_(ids), Connection.lease_owner.is_(None), Connection.state == CONNECTED)
        async with self.at.database.transaction() as tx:
            await tx.execute(update(Connection).where(*free).values(refresh_due_at=now()))

    async def _sign_in(self, row: Connection) -> None:
        sign_in_id, moment = f"f{len(self.families)}", now()
        self.families.add(sign_in_id)
        self._versions[row.id] += 1
        expires_at = moment + timedelta(hours=8)
        fresh: dict[str, Any] = {
            **self.at.pair(sign_in_id, row.user_id),
            "sign_in_id": sign_in_id,
            "subject_hash": None,
        }
        whose = {"connection_id": row.id, "workspace_id": WORKSPACE, "user_id": row.user_id}
        async with self.at.database.transaction() as tx:
            await rows.save(tx, **whose, **fresh, access_expires_at=expires_at, due_at=expires_at, now=moment)

    async def tally(self) -> dict[str, object]:
        """The figures, from Sage ID's own memory and the notices in the database."""
        async with self.at.database.reading() as tx:
            notices = list(await tx.scalars(select(OutboxRow.dedupe_key).where(OutboxRow.kind == "sign_in_ended")))
        told = {key.split(":")[2] for key in notices}
        dead = {sign_in_id for sign_in_id in self.families if not self.at.sage_id.is_signed_in(email_of(sign_in_id))}
        if self.at.sage_id.grants.overlap_seconds:
            for sign_in_id in sorted(dead):
                print(
                    f"  {sign_in_id}: {self.outside.story(email_of(sign_in_id), self.journal[sign_in_id])}", flush=True
                )
        return {
            "refreshes stored": self.done,
            "workers killed with -9": self.kills,
            "answers lost or turned into 502": self.outside.lost,
            "reuse detections at Sage ID": self.outside.reuses,
            "sign-ins lost": len(dead),
            "owners told (notices)": len(notices),
            "lost and not told": len(dead - told),
            "told and not lost": len(told - dead),
        }


def _killed(pid: int) -> bool:
    """False: it had ended by itself, which a worker never should."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        print(f"worker {pid} had ended by itself", file=sys.stderr)
        return False
    return True


def _rests(row: Connection) -> bool:
    later = row.refresh_due_at is not None and row.refresh_due_at > now() + timedelta(minutes=10)
    return later and row.lease_owner is None and row.refresh_began_at is None


async def run(server: str, overlap: float, *, refreshes: int, kills: int) -> dict[str, object]:
    """One run on its own database."""
    outside = BadNetwork()
    async with stage(server, wrapped=outside.wrap) as at:
        at.sage_id.grants.overlap_seconds = overlap
        await at.connect(CONNECTIONS)
        made = Run(at, outside, refreshes, kills)
        await made.go()
        return await made.tally()


async def measure(refreshes: int, kills: int) -> None:
    """Both runs at once, on one server, and their table."""
    with databases() as server:
        a, b = await asyncio.gather(*(run(server, each, refreshes=refreshes, kills=kills) for each in (30, 0)))
    title = f"{CONNECTIONS} connections, {WORKERS} workers, {LOST_SHARE:.0%} of answers spoilt"
    show(title, ("", "A: overlap 30 s", "B: no overlap"), [(name, a[name], b[name]) for name in a])


if __name__ == "__main__":
    asyncio.run(measure(200, 20) if "--small" in sys.argv else measure(1000, 100))
