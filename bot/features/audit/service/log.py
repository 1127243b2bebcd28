"""Writing the record, in the transaction of what it records, and walking it to see that nobody changed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import AccessChange, Asker
from bot.features.audit.model.hash_chain import NOTHING_BEFORE, AuditLine, AuditRow, ChainHead, first_broken, next_link
from storage import audit as rows
from storage.cipher import Cipher, SealBroken, SealedText
from storage.database import Database
from storage.tables.holds import AuditEntry, AuditHead

HEAD = "audit_heads.head_sealed"
_PAGE = 1_000

log = structlog.get_logger(__name__)


_GONE = "its record is gone: it had begun, and no line of it is left."
_ENDLESS = "the end of its record is gone, so nobody knows which lines are missing."
_NONE = "it has no record, though every workspace has one from its installation on: somebody took it away."


@dataclass(frozen=True, slots=True)
class Verified:
    """One workspace's record: how many lines since when, the last hash, and the number of the first that isn't as
    written; `lost` says what is missing altogether.
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
        """One line of it."""
        if self.broken is not None:
            why = self.lost or f"line {self.broken} is not as it was written."
            return f"✗ {self.name} ({self.workspace_id}): {why}"
        since = f" since {self.since:%Y-%m-%d %H:%M} UTC" if self.since is not None else ""
        count = f"{self.lines} line{'s' if self.lines != 1 else ''}"
        return f"✓ {self.name} ({self.workspace_id}): {count}{since}, the last is {self.last_hash}"


class AuditLog:
    """Append only. No figures, no secrets: who, what, and how it stood before and after, in words."""

    def __init__(self, *, cipher: Cipher) -> None:
        self._cipher = cipher

    async def record(self, tx: AsyncSession, line: AuditLine, *, workspace_id: str) -> int:
        """The next line; its number. Called last in a transaction: the record's end is locked until it commits.

        Only an end that is as it was sealed is sealed again: lines after one that isn't are kept, and stay in doubt.
        """
        end, is_first = await rows.locked_head(tx, workspace_id=workspace_id), False
        if end is None:
            end, is_first = await rows.first_head(tx, workspace_id=workspace_id, nothing=NOTHING_BEFORE)
        head = ChainHead(end.number, end.hash)
        kept = next_link(head, line, workspace_id=workspace_id)
        sealed: SealedText | None = None
        if self._ends(end, head, workspace_id) or (is_first and head == ChainHead()):
            sealed = self._cipher.seal(_end(ChainHead(kept.number, kept.hash)), workspace_id=workspace_id, column=HEAD)
        else:
            log.error("the end of a record is not as it was sealed", workspace=workspace_id)
        await rows.append(
            tx,
            workspace_id=workspace_id,
            number=kept.number,
            at=line.at,
            who=line.who,
            action=line.action,
            what=line.what,
            before=line.before,
            after=line.after,
            previous_hash=kept.previous_hash,
            hash=kept.hash,
            sealed=sealed,
        )
        return kept.number

    async def did(
        self, tx: AsyncSession, asker: Asker, action: str, what: str, stood: tuple[str, str], *, now: datetime
    ) -> None:
        """What somebody did; `stood` is how it was before, and after."""
        await self.record(tx, AuditLine(now, asker.user_id, action, what, *stood), workspace_id=asker.workspace_id)

    async def changed(self, tx: AsyncSession, asker: Asker, made: AccessChange, *, now: datetime) -> None:
        """What an admin changed."""
        await self.did(tx, asker, f"change {made.what}", made.about, (made.before, made.after), now=now)

    async def verify(self, database: Database) -> list[Verified]:
        """Every workspace's record, walked from its first line to its sealed end."""
        async with database.reading() as tx:
            every = await rows.workspaces(tx)
        return [await self._walk(database, *each) for each in every]

    async def _walk(self, database: Database, workspace_id: str, name: str, has_record: bool) -> Verified:
        """In one transaction's view, so that lines written meanwhile are none of its business."""
        at, since = ChainHead(), None
        async with database.reading() as tx:
            end = await rows.head(tx, workspace_id=workspace_id)
            last = end.number if end is not None else 0
            while page := await rows.page(tx, workspace_id=workspace_id, after=at.number, limit=_PAGE):
                # A line beyond the end may have been written since that was read; then the end has moved as well.
                if page[-1].number > last and (moved := await rows.head(tx, workspace_id=workspace_id)) is not None:
                    end, last = moved, moved.number
                since = since or page[0].at
                broken, at = first_broken(map(audit_row, page), at, workspace_id=workspace_id)
                if broken is not None:
                    return Verified(workspace_id, name, at.number, at.hash, since, broken)
        if end is None:
            lost = _ENDLESS if at.number else _GONE if has_record else _NONE
            return Verified(workspace_id, name, at.number, at.hash, since, 1, lost)
        good = self._ends(end, at, workspace_id)
        broken = None if good else min(at.number, last) + 1
        return Verified(workspace_id, name, at.number, at.hash, since, broken)

    def _ends(self, end: AuditHead, at: ChainHead, workspace_id: str) -> bool:
        """Whether the last line is the one that was sealed as the last."""
        try:
            sealed = self._cipher.open(end.head_sealed, workspace_id=workspace_id, column=HEAD)
        except SealBroken:
            return False
        return sealed == _end(at) and (end.number, end.hash) == (at.number, at.hash)


def audit_row(row: AuditEntry) -> AuditRow:
    """A row as a value."""
    line = AuditLine(row.at, row.who, row.action, row.what, row.before, row.after)
    return AuditRow(row.number, line, row.previous_hash, row.hash)


def _end(head: ChainHead) -> str:
    return f"{head.number} {head.hash}"
