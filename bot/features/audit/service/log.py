"""Appending to the audit log, in the transaction of what it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import AccessChange
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import (
    CHANGES,
    NOTHING_BEFORE,
    AuditLine,
    AuditRow,
    ChainHead,
    enrolled,
    next_link,
)
from bot.features.audit.service.heads import Head, Heads, moved
from storage.cipher import Cipher
from storage.queries import audit as rows

log = structlog.get_logger(__name__)


class AuditLog:
    """Appends to the audit log: who, what, and the state before and after, in words; no figures, no secrets."""

    def __init__(self, *, cipher: Cipher) -> None:
        self._heads = Heads(cipher)

    async def record(self, tx: AsyncSession, line: AuditLine, *, workspace_id: str) -> int:
        """Append a line of what was done and return its number.

        Call this last in a transaction: the log's head stays locked until the commit.
        """
        return await self.record_all(tx, [line], workspace_id=workspace_id, chain=CHANGES)

    async def record_all(self, tx: AsyncSession, lines: Sequence[AuditLine], *, workspace_id: str, chain: str) -> int:
        """Append lines to a chain and return the number of the last. Call this last in a transaction."""
        which, begins = rows.head_id(workspace_id, chain), False
        row = await rows.locked_head(tx, which)
        if row is None:
            row, begins = await rows.first_head(
                tx, which, workspace_id=workspace_id, chain=chain, nothing=NOTHING_BEFORE
            )
        head = Head.of(row)
        # Only a head that is as it was sealed is sealed again: lines after a bad one are stored, and stay in doubt.
        sealed = begins or self._heads.is_sealed(row)
        if not sealed:
            log.error("the end of a record is not as it was sealed", workspace=workspace_id, chain=chain)
        if begins:
            head = replace(head, roll=await self._enrol(tx, which))
        links: list[AuditRow] = []
        for line in lines:
            links.append(next_link(head.end, line, workspace_id=workspace_id, chain=chain))
            head = moved(head, ChainHead(links[-1].number, links[-1].hash))
        await rows.add(tx, [_columns(link, workspace_id) for link in links])
        await self._heads.store(tx, head, sealed=sealed)
        return head.end.number

    async def _enrol(self, tx: AsyncSession, which: str) -> int:
        """Count a chain that begins among all that ever began; return its place."""
        # A chain that was taken away with its head leaves a gap here, and cannot begin again in its own place.
        row, sealed = await rows.locked_head(tx, rows.ALL), True
        if row is None:
            row, created = await rows.first_head(tx, rows.ALL, workspace_id="", chain="", nothing=NOTHING_BEFORE)
            sealed = created and not await rows.has_others(tx, but=[which, rows.ALL])
        if row.number:
            sealed = self._heads.is_sealed(row)
        if not sealed:
            log.error("the count of all records is not as it was sealed")
        head = Head.of(row)
        head = moved(head, enrolled(head.end, which))
        await self._heads.store(tx, head, sealed=sealed)
        return head.end.number

    async def did(self, tx: AsyncSession, session: Session, action: str, what: str, stood: tuple[str, str]) -> None:
        """Append what the asker did; `stood` is the state before and after."""
        await self.did_each(tx, session, action, {what: stood})

    async def did_each(
        self, tx: AsyncSession, session: Session, action: str, done: Mapping[str, tuple[str, str]]
    ) -> None:
        """Append what the asker did to each of many; the state before and after by what it was done to."""
        # A state that stays is no change. What has no state, such as a note, is recorded each time.
        new = {what: (was, now) for what, (was, now) in done.items() if was != now or not was}
        lines = [AuditLine(session.now, session.user_id, action, what, *stood) for what, stood in new.items()]
        if lines:
            await self.record_all(tx, lines, workspace_id=session.workspace_id, chain=CHANGES)

    async def changed(self, tx: AsyncSession, session: Session, made: AccessChange) -> None:
        """Append what an admin changed."""
        about = f"{made.about}, {made.company_name}" if made.what in {"channel", "requests"} else made.about
        await self.did(tx, session, f"change {made.what}", about, (made.before, made.after))


def _columns(link: AuditRow, workspace_id: str) -> dict[str, object]:
    line = link.line
    return {
        "workspace_id": workspace_id,
        "chain": link.chain,
        "number": link.number,
        "at": line.at,
        "who": line.who,
        "action": line.action,
        "what": line.what,
        "before": line.before,
        "after": line.after,
        "previous_hash": link.previous_hash,
        "hash": link.hash,
    }
