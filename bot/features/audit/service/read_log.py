"""Recording who read figures and who was refused: after the answer, in a chain of its own, many lines at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import structlog
from cachetools import TTLCache
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.reads import CARD, Reads
from bot.features.audit.model.hash_chain import ACCESS, AuditLine
from bot.features.audit.model.query import READ, REFUSED
from bot.features.audit.service.log import AuditLog
from storage.database import Database

AGAIN = timedelta(minutes=10)
_MOST_REMEMBERED = 50_000

log = structlog.get_logger(__name__)


class ReadLog:
    """Appends to the access chains, one writer at a time for each workspace in this process."""

    # Whoever comes while a line is being written leaves theirs to that writer: so a busy workspace is written for in
    # few large transactions, and its requests don't queue for the chain's head.

    def __init__(self, *, database: Database, audit: AuditLog, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._audit = audit
        self._waiting: dict[str, list[AuditLine]] = {}
        self._writing: set[str] = set()
        self._seen: TTLCache[object, bool] = TTLCache(
            maxsize=_MOST_REMEMBERED, ttl=AGAIN.total_seconds(), timer=lambda: clock().timestamp()
        )

    async def reads(self, reads: Reads, *, workspace_id: str, user_id: str, way: str, now: datetime) -> None:
        """Record what a request showed, and the way it came, but nothing that this user read in the last ten minutes.

        Never raises: the answer has been sent.
        """
        found = [
            AuditLine(now, user_id, action, what, "", after)
            for action, what, after, key in _lines(reads, way)
            if self._is_new(workspace_id, user_id, action, key)
        ]
        await self._add(found, workspace_id=workspace_id)

    async def refused(self, what: str, why: str, *, workspace_id: str, user_id: str, now: datetime) -> None:
        """Record that somebody was refused what they asked for, once in ten minutes. Never raises."""
        if self._is_new(workspace_id, user_id, REFUSED, (what, why)):
            await self._add([AuditLine(now, user_id, REFUSED, what, "", why)], workspace_id=workspace_id)

    def _is_new(self, *key: object) -> bool:
        if key in self._seen:
            return False
        self._seen[key] = True
        return True

    async def _add(self, lines: list[AuditLine], *, workspace_id: str) -> None:
        if not lines:
            return
        self._waiting.setdefault(workspace_id, []).extend(lines)
        if workspace_id in self._writing:
            return
        self._writing.add(workspace_id)
        try:
            while found := self._waiting.pop(workspace_id, []):
                await self._write(found, workspace_id)
        finally:
            self._writing.discard(workspace_id)

    async def _write(self, lines: list[AuditLine], workspace_id: str) -> None:
        try:
            async with self._database.transaction() as tx:
                await self._audit.record_all(tx, lines, workspace_id=workspace_id, chain=ACCESS)
        except (SQLAlchemyError, OSError) as error:
            log.error("reads were not recorded", workspace=workspace_id, lines=len(lines), why=type(error).__name__)  # noqa: TRY400


def _lines(reads: Reads, way: str) -> Iterator[tuple[str, str, str, object]]:
    """Yield (action, what, after, what it is a repeat by)."""
    for what, kinds in reads.customers.items():
        said = ", ".join(sorted(kinds - {CARD})) or CARD
        yield READ, what, f"{said}, {way}", (what, said)
    for what, count in reads.lists.items():
        yield READ, what, f"list of {count}, {way}", what
    for what, channel_id in reads.public.items():
        yield "answer in a channel", what, f"{channel_id}, status only", (what, channel_id)
