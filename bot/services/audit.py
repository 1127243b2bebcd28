"""Writing the record, in the transaction of what it records, and walking it to see that nobody changed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.access import Action, Asker, Changed
from bot.domain.audit import NOTHING_BEFORE, Head, Kept, Line, first_broken, follow, has_words
from bot.services.access import Access
from storage import audit as rows
from storage.cipher import Cipher, SealBroken
from storage.database import Database
from storage.doing_models import AuditEntry, AuditHead

HEAD = "audit_heads.head_sealed"
_PAGE = 1_000
MOST_READ = 5_000


@dataclass(frozen=True, slots=True)
class Verified:
    """One workspace's record: how many lines, the last hash, and the number of the first that isn't as written."""

    workspace_id: str
    name: str
    lines: int
    last_hash: str
    broken: int | None = None

    @property
    def said(self) -> str:
        """One line of it."""
        if self.broken is not None:
            return f"✗ {self.name} ({self.workspace_id}): line {self.broken} is not as it was written."
        last = f", the last is {self.last_hash}" if self.lines else ""
        return f"✓ {self.name} ({self.workspace_id}): {self.lines} line{'s' if self.lines != 1 else ''}{last}"


class Records:
    """Reading the record: admins all of it, controllers what they did themselves."""

    def __init__(self, *, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    async def read(self, asker: Asker, words: str) -> list[Kept]:
        """The lines in which all these words are, the latest first. Raises NotAllowed."""
        sees_all = (await self._access.decide(asker, Action.AUDIT_ALL)).allowed
        if not sees_all:
            await self._access.require(asker, Action.AUDIT_OWN)
        wanted = words.casefold().split()
        found: list[Kept] = []
        last: int | None = None
        async with self._database.reading() as tx:
            while len(found) < MOST_READ:
                page = await rows.latest(
                    tx,
                    workspace_id=asker.workspace_id,
                    who=None if sees_all else asker.user_id,
                    before=last,
                    limit=_PAGE,
                )
                found += [kept for kept in map(kept_of, page) if has_words(kept.line, wanted)]
                if len(page) < _PAGE:
                    break
                last = page[-1].number
        return found[:MOST_READ]


class Audit:
    """Append only. No figures, no secrets: who, what, and how it stood before and after, in words."""

    def __init__(self, *, cipher: Cipher) -> None:
        self._cipher = cipher

    async def record(self, tx: AsyncSession, line: Line, *, workspace_id: str) -> int:
        """The next line; its number. Called last in a transaction: the record's end is locked until it commits."""
        end = await rows.locked_head(tx, workspace_id=workspace_id, nothing=NOTHING_BEFORE)
        kept = follow(Head(end.number, end.hash), line, workspace_id=workspace_id)
        sealed = self._cipher.seal(_end(Head(kept.number, kept.hash)), workspace_id=workspace_id, column=HEAD)
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
        await self.record(tx, Line(now, asker.user_id, action, what, *stood), workspace_id=asker.workspace_id)

    async def changed(self, tx: AsyncSession, asker: Asker, made: Changed, *, now: datetime) -> None:
        """What an admin changed."""
        await self.did(tx, asker, f"change {made.what}", made.about, (made.before, made.after), now=now)

    async def verify(self, database: Database) -> list[Verified]:
        """Every workspace's record, walked from its first line to its sealed end."""
        async with database.reading() as tx:
            every = await rows.workspaces(tx)
        return [await self._walk(database, workspace_id, name) for workspace_id, name in every]

    async def _walk(self, database: Database, workspace_id: str, name: str) -> Verified:
        """In one transaction's view, so that lines written meanwhile are none of its business."""
        at = Head()
        async with database.reading() as tx:
            end = await rows.head(tx, workspace_id=workspace_id)
            last = end.number if end is not None else 0
            while page := await rows.page(tx, workspace_id=workspace_id, after=at.number, limit=_PAGE):
                # A line beyond the end may have been written since that was read; then the end has moved as well.
                if page[-1].number > last and (moved := await rows.head(tx, workspace_id=workspace_id)) is not None:
                    end, last = moved, moved.number
                broken, at = first_broken(map(kept_of, page), at, workspace_id=workspace_id)
                if broken is not None:
                    return Verified(workspace_id, name, at.number, at.hash, broken)
        if not self._ends(end, at, workspace_id):
            return Verified(workspace_id, name, at.number, at.hash, min(at.number, last) + 1)
        return Verified(workspace_id, name, at.number, at.hash)

    def _ends(self, end: AuditHead | None, at: Head, workspace_id: str) -> bool:
        """Whether the last line is the one that was sealed as the last."""
        if end is None:
            return at == Head()
        try:
            sealed = self._cipher.open(end.head_sealed, workspace_id=workspace_id, column=HEAD)
        except SealBroken:
            return False
        return sealed == _end(at) and (end.number, end.hash) == (at.number, at.hash)


def kept_of(row: AuditEntry) -> Kept:
    """A row as a value."""
    line = Line(row.at, row.who, row.action, row.what, row.before, row.after)
    return Kept(row.number, line, row.previous_hash, row.hash)


def _end(head: Head) -> str:
    return f"{head.number} {head.hash}"
