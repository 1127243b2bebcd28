"""Deduplication of Slack's retries and of double clicks, over all processes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from storage.database import Database
from storage.queries.seen_requests import Claim, claim


class SeenRequests:
    """Claims of request keys, written in batches: claims made during one transaction share the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # A transaction for each claim would be the slowest part of an ack, and SQLite has one writer.
        self._waiting: list[tuple[Sequence[Claim], asyncio.Future[bool]]] = []
        self._claiming: asyncio.Task[None] | None = None

    async def first_time(self, claims: Sequence[Claim]) -> bool:
        """Return whether none of a request's claims was made before. Raises the database's errors."""
        if not claims:
            return True
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((claims, answer))
        if self._claiming is None or self._claiming.done():
            self._claiming = asyncio.create_task(self._claim_all())
        return await answer

    async def _claim_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                answers = await self._claim(batch)
            except Exception as error:  # noqa: BLE001 - every waiting claim gets the error
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for (_, answer), first in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(first)

    async def _claim(self, batch: Sequence[tuple[Sequence[Claim], asyncio.Future[bool]]]) -> list[bool]:
        unlike: dict[str, Claim] = {}
        for claims, _ in batch:
            for each in claims:
                unlike.setdefault(each.key, each)
        async with self._database.writing() as tx:
            new = await claim(tx, unlike.values())
        answers = []
        for claims, _ in batch:
            mine = [unlike[each.key] is each and each.key in new for each in claims]
            answers.append(all(mine))
        return answers
