"""How long audit lines are kept: whole months of the oldest go, and a chain goes with its workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.each_alone import each_alone
from bot.features.audit.model.hash_chain import (
    CHANGES,
    INSTALL,
    UNINSTALL,
    AuditLine,
    ChainHead,
)
from bot.features.audit.service.heads import Head, Heads
from bot.features.audit.service.log import AuditLog
from storage.cipher import Cipher
from storage.database import Database
from storage.queries import audit as rows
from storage.tables.holds import AuditHead

log = structlog.get_logger(__name__)


class AuditRetention:
    """Removes audit lines that are past their retention, each chain by its own."""

    def __init__(self, *, database: Database, cipher: Cipher, audit: AuditLog, keep: Mapping[str, timedelta]) -> None:
        self._audit = audit
        self._database = database
        self._heads = Heads(cipher)
        self._keep = keep

    async def clear_away(self, *, now: datetime) -> int:
        """Remove the whole months that are past their retention from every chain. Return how many lines."""
        async with self._database.reading() as tx:
            chains = [(row.id, row.chain) for row in await rows.heads(tx) if row.id != rows.ALL and not row.closed_at]

        async def shorten(head: tuple[str, str]) -> int:
            which, chain = head
            return await self._shorten(which, _month(now - self._keep[chain]), now=now)

        kept = [each for each in chains if each[1] in self._keep]
        return sum(await each_alone(kept, shorten, task="shorten a record", ids=lambda head: {"record": head[0]}))

    async def _shorten(self, which: str, before: datetime, *, now: datetime) -> int:
        # Looked at without a lock first: on most days there is nothing to remove.
        async with self._database.reading() as tx:
            row = await rows.head(tx, which)
            if row is None or not await self._removable(tx, row, before):
                return 0
        async with self._database.transaction() as tx:
            row = await rows.locked_head(tx, which)
            last = await self._removable(tx, row, before) if row is not None else None
            if row is None or last is None:
                return 0
            if not await self._heads.is_whole(tx, row):
                # What was tampered with is evidence, and stays.
                log.error("a record is not as it was written, and is not shortened", workspace=row.workspace_id)
                return 0
            count = last.number - row.removed
            await self._heads.store(tx, replace(Head.of(row), removed=last), sealed=True)
            await rows.remove(tx, workspace_id=row.workspace_id, chain=row.chain, up_to=last.number)
            line = AuditLine(
                now, "", "remove by retention", f"{row.chain}: lines {row.removed + 1} to {last.number}",
                "", f"before {before:%Y-%m-%d}, the last was {last.hash}",
            )  # fmt: skip
            await self._audit.record(tx, line, workspace_id=row.workspace_id)
        log.info("a record was shortened", workspace=row.workspace_id, chain=row.chain, lines=count)
        return count

    async def _removable(self, tx: AsyncSession, row: AuditHead, before: datetime) -> ChainHead | None:
        """Return the last line that goes; None if none does."""
        where = {"workspace_id": row.workspace_id, "chain": row.chain}
        first_kept = await rows.first_since(tx, **where, moment=before)
        last = row.number if first_kept is None else first_kept - 1
        if last <= row.removed:
            return None
        found = await rows.page(tx, **where, after=last - 1, limit=1)
        return ChainHead(last, found[0].hash) if found else None

    async def close(self, tx: AsyncSession, *, workspace_id: str, before: datetime, now: datetime) -> bool:
        """Close a workspace's chains so that it can be deleted. Return False, closing none, if its record forbids it.

        The record has to be whole, and to say itself that the app was uninstalled before a moment.
        """
        # Otherwise somebody who can only write to the database could have the app delete a record for them.
        last = await rows.last_of(tx, workspace_id=workspace_id, chain=CHANGES, actions=[INSTALL, UNINSTALL])
        which = [rows.head_id(workspace_id, chain) for chain in self._keep]
        heads = [row for each in which if (row := await rows.locked_head(tx, each)) is not None]
        says_so = last is not None and last.action == UNINSTALL and last.at <= before
        if not says_so or not all([await self._heads.is_whole(tx, row) for row in heads]):
            log.error(
                "a workspace isn't deleted: its record doesn't say that it was uninstalled", workspace=workspace_id
            )
            return False
        for row in heads:
            await self._heads.store(tx, replace(Head.of(row), closed_at=now), sealed=True)
        return True


def _month(moment: datetime) -> datetime:
    """Return the beginning of the month, in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
