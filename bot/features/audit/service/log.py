"""Appending to the audit log, in the transaction of what it records, and verifying its hash chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import AccessChange
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import NOTHING_BEFORE, AuditLine, AuditRow, ChainHead, first_broken, next_link
from storage.cipher import Cipher, SealBroken, SealedText
from storage.database import Database
from storage.queries import audit as rows
from storage.tables.holds import AuditEntry, AuditHead

HEAD = "audit_heads.head_sealed"
_PAGE = 1_000

log = structlog.get_logger(__name__)


_GONE = "its record is gone: it had begun, and no line of it is left."
_ENDLESS = "the end of its record is gone, so nobody knows which lines are missing."
_NONE = "it has no record, though every workspace has one from its installation on: somebody took it away."


@dataclass(frozen=True, slots=True)
class Verified:
    """The result for one workspace: the number of rows since when, and the last hash.

    `broken` is the number of the first row that was altered; `lost` says what is missing altogether.
    """

    workspace_id: str
    name: str
    lines: int
    last_hash: str
    since: datetime | None = None
    broken: int | None = None
    lost: str = ""

    @property
    def said(self) -> str:
        """Return the result as one line of text."""
        if self.broken is not None:
            why = self.lost or f"line {self.broken} is not as it was written."
            return f"✗ {self.name} ({self.workspace_id}): {why}"
        since = f" since {self.since:%Y-%m-%d %H:%M} UTC" if self.since is not None else ""
        count = f"{self.lines} line{'s' if self.lines != 1 else ''}"
        return f"✓ {self.name} ({self.workspace_id}): {count}{since}, the last is {self.last_hash}"


class AuditLog:
    """Appends to the audit log: who, what, and the state before and after, in words; no figures, no secrets."""

    def __init__(self, *, cipher: Cipher) -> None:
        self._cipher = cipher

    async def record(self, tx: AsyncSession, line: AuditLine, *, workspace_id: str) -> int:
        """Append a line and return its number.

        Call this last in a transaction: the log's head stays locked until the commit.
        """
        end, is_first = await rows.locked_head(tx, workspace_id=workspace_id), False
        if end is None:
            end, is_first = await rows.first_head(tx, workspace_id=workspace_id, nothing=NOTHING_BEFORE)
        head = ChainHead(end.number, end.hash)
        link = next_link(head, line, workspace_id=workspace_id)
        sealed: SealedText | None = None
        # Only a head that is as it was sealed is sealed again: rows after a bad one are stored, and stay in doubt.
        if self._is_sealed_end(end, head, workspace_id) or (is_first and head == ChainHead()):
            sealed = self._cipher.seal(_end(ChainHead(link.number, link.hash)), workspace_id=workspace_id, column=HEAD)
        else:
            log.error("the end of a record is not as it was sealed", workspace=workspace_id)
        await rows.append(
            tx,
            workspace_id=workspace_id,
            number=link.number,
            at=line.at,
            who=line.who,
            action=line.action,
            what=line.what,
            before=line.before,
            after=line.after,
            previous_hash=link.previous_hash,
            hash=link.hash,
            sealed=sealed,
        )
        return link.number

    async def did(self, tx: AsyncSession, session: Session, action: str, what: str, stood: tuple[str, str]) -> None:
        """Append what the asker did; `stood` is the state before and after."""
        await self.record(
            tx, AuditLine(session.now, session.user_id, action, what, *stood), workspace_id=session.workspace_id
        )

    async def changed(self, tx: AsyncSession, session: Session, made: AccessChange) -> None:
        """Append what an admin changed."""
        about = f"{made.about}, {made.company_name}" if made.what == "channel" else made.about
        await self.did(tx, session, f"change {made.what}", about, (made.before, made.after))

    async def verify(self, database: Database) -> list[Verified]:
        """Return the result for every workspace, its chain read from the first row to the sealed head."""
        async with database.reading() as tx:
            every = await rows.workspaces(tx)
        return [await self._verify(database, *each) for each in every]

    async def _verify(self, database: Database, workspace_id: str, name: str, has_record: bool) -> Verified:
        """Return the result for one workspace."""
        # One transaction, so that rows written meanwhile don't count.
        at, since = ChainHead(), None
        async with database.reading() as tx:
            end = await rows.head(tx, workspace_id=workspace_id)
            last = end.number if end is not None else 0
            while page := await rows.page(tx, workspace_id=workspace_id, after=at.number, limit=_PAGE):
                # A row beyond the head may have been written since the head was read; then the head has moved too.
                if page[-1].number > last and (moved := await rows.head(tx, workspace_id=workspace_id)) is not None:
                    end, last = moved, moved.number
                since = since or page[0].at
                broken, at = first_broken(map(audit_row, page), at, workspace_id=workspace_id)
                if broken is not None:
                    return Verified(workspace_id, name, at.number, at.hash, since, broken)
        if end is None:
            lost = _ENDLESS if at.number else _GONE if has_record else _NONE
            return Verified(workspace_id, name, at.number, at.hash, since, 1, lost)
        good = self._is_sealed_end(end, at, workspace_id)
        broken = None if good else min(at.number, last) + 1
        return Verified(workspace_id, name, at.number, at.hash, since, broken)

    def _is_sealed_end(self, end: AuditHead, at: ChainHead, workspace_id: str) -> bool:
        """Return whether the chain ends at the row that was sealed as the last."""
        try:
            sealed = self._cipher.open(end.head_sealed, workspace_id=workspace_id, column=HEAD)
        except SealBroken:
            return False
        return sealed == _end(at) and (end.number, end.hash) == (at.number, at.hash)


def audit_row(row: AuditEntry) -> AuditRow:
    """Return a database row as a value."""
    line = AuditLine(row.at, row.who, row.action, row.what, row.before, row.after)
    return AuditRow(row.number, line, row.previous_hash, row.hash)


def _end(head: ChainHead) -> str:
    return f"{head.number} {head.hash}"
