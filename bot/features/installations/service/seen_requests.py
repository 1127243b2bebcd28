"""Deduplication of Slack's retries and of double clicks, over all processes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.coordination.batched import Batched
from storage.database import Database
from storage.queries.seen_requests import Claim, claim


class SeenRequests:
    """Claims of request keys, written in batches."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # A transaction for each claim would be the slowest part of an ack, and SQLite has one writer.
        self._batched = Batched(self._claim)

    async def first_time(self, claims: Sequence[Claim]) -> bool:
        """Return whether none of a request's claims was made before. Raises the database's errors."""
        return await self._batched.ask(claims) if claims else True

    async def _claim(self, batch: Sequence[Sequence[Claim]]) -> list[bool]:
        unlike: dict[str, Claim] = {}
        for claims in batch:
            for each in claims:
                unlike.setdefault(each.key, each)
        async with self._database.writing() as tx:
            new = await claim(tx, unlike.values())
        return [all(unlike[each.key] is each and each.key in new for each in claims) for claims in batch]
