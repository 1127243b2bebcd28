"""Verifying every audit chain, and that none of them was taken away."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.audit.model.hash_chain import (
    ACCESS,
    CHAINS,
    CHANGES,
    INSTALL,
    ChainHead,
    enrolled,
    first_broken,
)
from bot.features.audit.service.heads import Heads, pages
from storage.cipher import Cipher
from storage.database import Database
from storage.queries import audit as rows
from storage.tables.holds import AuditHead

_NONE = "it has no record, though every workspace has one from its installation on: it was removed."
_HEADLESS = "the end of its record is gone, so nobody knows which lines are missing."
_EMPTY = "its record is gone: it had begun, and no line of it is left."
_NOT_INSTALLED = "its first line isn't the installation."
_TAKEN = "the workspace is gone with its record, and the app didn't delete it."
_BACK = "its record was closed when the workspace was deleted, and the workspace is there again."
_CLOSED = "it was deleted, and its record was not closed by the app."
_NO_KEY = "no line was changed, but its end is sealed with a key that isn't in ENCRYPTION_KEYS: some may be missing."
_NO_KEY_OF_ALL = "the count of all records is sealed with a key that isn't in ENCRYPTION_KEYS."
_MISSING = "a record that began is missing, or one was begun anew."


@dataclass(frozen=True, slots=True)
class Verified:
    """The result for one chain: the number of lines since when, and the last hash.

    `broken` is the number of the first line that was altered; `lost` says what is missing altogether. `closed_at` is
    when the chain was deleted with its workspace.
    """

    workspace_id: str
    name: str
    chain: str
    lines: int
    last_hash: str
    since: datetime | None = None
    broken: int | None = None
    lost: str = ""
    removed: int = 0
    closed_at: datetime | None = None

    @property
    def said(self) -> str:
        """Return the result as one line of text."""
        whose = f"{self.name} ({self.workspace_id})" + (", who read what" if self.chain == ACCESS else "")
        if self.broken is not None:
            return f"✗ {whose}: {self.lost or f'line {self.broken} is not as it was written.'}"
        if self.closed_at is not None:
            count = _count(self.lines + self.removed, "line")
            return f"✓ {whose}: deleted with its workspace on {self.closed_at:%Y-%m-%d}, {count}, {self._last}"
        since = f" from {self.since:%Y-%m-%d %H:%M} UTC" if self.since is not None else ""
        gone = f", {_count(self.removed, 'line')} earlier removed by retention" if self.removed else ""
        return f"✓ {whose}: {_count(self.lines, 'line')}{since}, {self._last}{gone}"

    @property
    def _last(self) -> str:
        return f"the last is {self.last_hash}"


@dataclass(frozen=True, slots=True)
class VerifiedAll:
    """The result for all chains together: how many ever began, and a digest of where every one of them ends."""

    chains: list[Verified]
    began: int
    digest: str
    lost: str = ""

    @property
    def is_good(self) -> bool:
        """Return whether nothing was altered or taken away anywhere."""
        return not self.lost and all(each.broken is None for each in self.chains)

    @property
    def said(self) -> list[str]:
        """Return the results as lines of text, the one for all of them last."""
        lines = sum(each.lines for each in self.chains if each.closed_at is None)
        total = f"{_count(self.began, 'record')} began, {_count(lines, 'line')}, all end at {self.digest}"
        return [*(each.said for each in self.chains), f"✗ All: {self.lost}" if self.lost else f"✓ All: {total}"]


class AuditVerifier:
    """Reads every chain from its first line to its sealed head."""

    def __init__(self, *, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._heads = Heads(cipher)

    async def verify(self) -> VerifiedAll:
        """Return the result for every chain of every workspace, and for all of them together."""
        async with self._database.reading() as tx:
            every = dict(await rows.workspaces(tx))
            heads = {row.id: row for row in await rows.heads(tx)}
        found = [
            result
            for workspace_id, name in every.items()
            for chain in CHAINS
            if (result := await self._live(workspace_id, name, chain)) is not None
        ]
        of_chains = {which: row for which, row in heads.items() if which != rows.ALL}
        found += [self._gone(row) for row in of_chains.values() if row.workspace_id not in every]
        began, lost = self._all(heads.get(rows.ALL), of_chains)
        ends = "\n".join(f"{each.workspace_id} {each.chain} {each.lines} {each.last_hash}" for each in found)
        return VerifiedAll(found, began, hashlib.sha256(ends.encode()).hexdigest(), lost)

    async def _live(self, workspace_id: str, name: str, chain: str) -> Verified | None:
        """Return the result for a workspace that is there; None for a chain that has not begun and needn't have."""
        # One transaction, so that lines written meanwhile don't count.
        async with self._database.reading() as tx:
            row = await rows.head(tx, rows.head_id(workspace_id, chain))
            if row is None:
                lines = await rows.page(tx, workspace_id=workspace_id, chain=chain, limit=1)
                if chain != CHANGES and not lines:
                    return None
                return Verified(workspace_id, name, chain, 0, "", broken=1, lost=_HEADLESS if lines else _NONE)
            return await self._walk(tx, row, name)

    async def _walk(self, tx: AsyncSession, row: AuditHead, name: str) -> Verified:
        at, since, removed = ChainHead(row.removed, row.removed_hash), None, row.removed

        def result(broken: int | None = None, lost: str = "") -> Verified:
            lines = at.number - removed
            return Verified(row.workspace_id, name, row.chain, lines, at.hash, since, broken, lost, removed)

        if row.closed_at is not None:
            return result(1, _BACK)
        async for page in pages(tx, row.workspace_id, row.chain, after=at.number):
            # A line beyond the head may have been written since the head was read; then the head has moved too.
            if page[-1].number > row.number and (moved := await rows.head(tx, row.id)) is not None:
                row = moved
            since = since or page[0].line.at
            if at.number == 0 and row.chain == CHANGES and page[0].line.action != INSTALL:
                return result(1, _NOT_INSTALLED)
            broken, at = first_broken(page, at, workspace_id=row.workspace_id, chain=row.chain)
            if broken is not None:
                return result(broken)
        if at.number == removed:
            return result(1, _EMPTY) if row.number > removed or not removed else self._ended(row, at, result())
        return self._ended(row, at, result())

    def _ended(self, row: AuditHead, at: ChainHead, good: Verified) -> Verified:
        if self._heads.is_sealed(row) and at == ChainHead(row.number, row.hash):
            return good
        number = min(at.number, row.number) + 1
        lost = _NO_KEY if at == ChainHead(row.number, row.hash) and self._heads.lacks_key(row) else ""
        return replace(good, broken=number, lost=lost)

    def _gone(self, row: AuditHead) -> Verified:
        """Return the result for a chain whose workspace is not there."""
        lines, name = row.number - row.removed, "A deleted workspace"
        lost = ""
        if row.closed_at is None:
            lost = _TAKEN
        elif not self._heads.is_sealed(row):
            lost = _CLOSED
        broken, closed = 1 if lost else None, row.closed_at
        return Verified(row.workspace_id, name, row.chain, lines, row.hash, None, broken, lost, row.removed, closed)

    def _all(self, row: AuditHead | None, heads: dict[str, AuditHead]) -> tuple[int, str]:
        """Return how many chains ever began, and what is wrong with the count."""
        if row is None:
            return 0, _MISSING if heads else ""
        end, in_order = ChainHead(), sorted(heads.values(), key=lambda each: each.roll)
        for each in in_order:
            end = enrolled(end, each.id)
        places = [each.roll for each in in_order]
        good = (
            self._heads.is_sealed(row)
            and places == list(range(1, row.number + 1))
            and end == ChainHead(row.number, row.hash)
        )
        if good:
            return row.number, ""
        return row.number, _NO_KEY_OF_ALL if self._heads.lacks_key(row) else _MISSING


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'s' if number != 1 else ''}"
