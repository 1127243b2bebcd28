"""The heads of audit chains: what is sealed in one, and whether it is as it was sealed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.audit.model.hash_chain import AuditLine, AuditRow, ChainHead, first_broken
from storage.cipher import Cipher, SealBroken, SealedText
from storage.queries import audit as rows
from storage.tables.holds import AuditEntry, AuditHead

HEAD = "audit_heads.head_sealed"
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Head:
    """The facts of a head that are sealed together.

    `roll` is the place of its chain among all that began. Retention removed the lines up to `removed`.
    """

    id: str
    workspace_id: str
    chain: str
    roll: int
    end: ChainHead
    removed: ChainHead
    closed_at: datetime | None = None

    @classmethod
    def of(cls, row: AuditHead) -> Head:
        """Return a database row as a value."""
        end, removed = ChainHead(row.number, row.hash), ChainHead(row.removed, row.removed_hash)
        return cls(row.id, row.workspace_id, row.chain, row.roll, end, removed, row.closed_at)

    @property
    def text(self) -> str:
        """Return the facts as the text to seal."""
        closed = self.closed_at.isoformat() if self.closed_at is not None else ""
        facts = [self.roll, self.end.number, self.end.hash, self.removed.number, self.removed.hash, closed]
        return json.dumps(facts)


class Heads:
    """Seals heads with the app's key, and stores them."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def is_sealed(self, row: AuditHead) -> bool:
        """Return whether a stored head is as the app sealed it."""
        try:
            sealed = self._cipher.open(row.head_sealed, workspace_id=row.workspace_id, column=HEAD, owner=row.id)
        except SealBroken:
            return False
        return sealed == Head.of(row).text

    def lacks_key(self, row: AuditHead) -> bool:
        """Return whether a head is sealed with a key that the ring doesn't have."""
        return not self._cipher.has_key_of(row.head_sealed)

    async def store(self, tx: AsyncSession, head: Head, *, sealed: bool) -> None:
        """Store a head that has moved; only a `sealed` one gets a new seal."""
        seal: SealedText | None = None
        if sealed:
            seal = self._cipher.seal(head.text, workspace_id=head.workspace_id, column=HEAD, owner=head.id)
        await rows.move_head(
            tx,
            head.id,
            sealed=seal,
            roll=head.roll,
            number=head.end.number,
            hash=head.end.hash,
            removed=head.removed.number,
            removed_hash=head.removed.hash,
            closed_at=head.closed_at,
        )

    async def is_whole(self, tx: AsyncSession, row: AuditHead) -> bool:
        """Return whether a chain is as it was written, from its first line to its sealed head."""
        at = ChainHead(row.removed, row.removed_hash)
        async for page in pages(tx, row.workspace_id, row.chain, after=at.number):
            broken, at = first_broken(page, at, workspace_id=row.workspace_id, chain=row.chain)
            if broken is not None:
                return False
        return at == ChainHead(row.number, row.hash) and self.is_sealed(row)


async def pages(tx: AsyncSession, workspace_id: str, chain: str, *, after: int) -> AsyncIterator[list[AuditRow]]:
    """Yield the lines of a chain beyond a number, many at a time."""
    while found := await rows.page(tx, workspace_id=workspace_id, chain=chain, after=after, limit=_PAGE):
        yield [audit_row(each) for each in found]
        after = found[-1].number


def audit_row(row: AuditEntry) -> AuditRow:
    """Return a database row as a value."""
    line = AuditLine(row.at, row.who, row.action, row.what, row.before, row.after)
    return AuditRow(row.number, line, row.previous_hash, row.hash, row.chain)


def moved(head: Head, end: ChainHead) -> Head:
    """Return the head with another end."""
    return replace(head, end=end)
