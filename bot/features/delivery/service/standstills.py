"""Messages to the app's admins: a worker is gone, or a company isn't read. One at the start, one at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.each_alone import each_alone
from bot.coordination.lease import hold_lease
from bot.features.access.model.authorization import Role
from bot.features.access.service.telling import tell
from bot.features.delivery.model import COPY_FRESH, COPY_OLD, WORKER_AWAY, WORKER_BACK
from storage.database import Database
from storage.queries import heartbeats
from storage.queries.alerts import standstills
from storage.queries.alerts.standstills import Copy
from storage.queries.connections import workspaces
from storage.tables.alerts import OutboxRow, notice_target

SILENCE = timedelta(minutes=5)
_TURN = "standstills"

Place = tuple[str, int | None]


def old_after(interval: timedelta) -> timedelta:
    """Return the age from which a copy that is looked at this often stands still."""
    return max(timedelta(hours=1), 3 * interval)


class Standstills:
    """Looks, and writes the notices. `interval` is between two looks at a company."""

    def __init__(self, *, database: Database, interval: timedelta, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._old_after = old_after(interval)
        self._clock = clock

    async def look_at_copies(self, *, now: datetime) -> None:
        """Tell of each copy that has not matched Sage for too long, and of each that does again."""
        async with self._database.reading() as tx:
            copies = {(each.workspace_id, each.company_pk): each for each in await standstills.copies(tx)}
            told = await standstills.told(tx, begun=COPY_OLD, over=COPY_FRESH)
        old = {of for of, copy in copies.items() if copy.synced_at < now - self._old_after}

        async def begin(copy: Copy) -> None:
            facts = {"company": copy.company, "since": copy.synced_at.isoformat()}
            async with self._database.transaction() as tx:
                people = await workspaces.with_role(tx, workspace_id=copy.workspace_id, role=Role.ADMIN)
                of = (copy.workspace_id, copy.company_pk)
                await _tell(tx, of, COPY_OLD, people, facts, mark=facts["since"], now=now)

        async def end(rows: Sequence[OutboxRow]) -> None:
            async with self._database.transaction() as tx:
                await _over(tx, COPY_FRESH, rows, now=now)

        begun = [copies[of] for of in old if of not in told]
        await each_alone(begun, begin, task="tell of an old copy", ids=lambda copy: {"workspace": copy.workspace_id})
        over = [rows for of, rows in told.items() if of in copies and of not in old]
        await each_alone(over, end, task="tell of a copy", ids=lambda rows: {"workspace": rows[0].workspace_id})

    async def look_at_worker(self, *, kind: str, since: datetime) -> list[tuple[str, str]]:
        """Tell of a worker that is silent, and of one that is back. Return (workspace id, target) to be posted here.

        `since` is when the process began to look: a worker that was never alive is awaited from then on.
        """
        now = self._clock()
        async with hold_lease(_TURN, database=self._database, clock=self._clock) as lease:
            if lease is None:
                return []
            async with self._database.reading() as tx:
                last = await heartbeats.last(tx, kind=kind)
                told = await standstills.told(tx, begun=WORKER_AWAY, over=WORKER_BACK)
                admins = await standstills.admins(tx, role=Role.ADMIN)
            if last is not None and now - last < SILENCE:
                async with self._database.transaction() as tx:
                    for rows in told.values():
                        await _over(tx, WORKER_BACK, rows, now=now)
                return []
            if now - since < SILENCE:
                return []
            # No worker posts what is written here.
            begun = [(workspace_id, user_id) for workspace_id, user_id in admins if (workspace_id, None) not in told]
            facts = {"since": (last or since).isoformat()}
            async with self._database.transaction() as tx:
                for workspace_id, user_id in begun:
                    await _tell(tx, (workspace_id, None), WORKER_AWAY, [user_id], facts, mark=facts["since"], now=now)
            return [(workspace_id, notice_target(user_id)) for workspace_id, user_id in begun]


async def _tell(
    tx: AsyncSession,
    of: Place,
    kind: str,
    people: Sequence[str],
    facts: Mapping[str, str],
    *,
    mark: str,
    now: datetime,
) -> None:
    workspace_id, company_pk = of
    once = f"{company_pk or ''}:{mark}"
    await tell(tx, workspace_id, now, kind, people, facts, mark=once, company_pk=company_pk)


async def _over(tx: AsyncSession, kind: str, rows: Sequence[OutboxRow], *, now: datetime) -> None:
    """Tell those who were told that it began."""
    of = (rows[0].workspace_id, rows[0].company_pk)
    people = dict.fromkeys(row.recipient for row in rows)
    await _tell(tx, of, kind, list(people), rows[-1].facts, mark=str(rows[-1].id), now=now)
