"""Questions to the database that many requests ask, put together: those that come during one share the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class Batched(Generic[Q, A]):
    """One statement for all that wait, one after another: each answer is of a statement that began after its question.

    `answer_all` returns the answers in the order of the questions; its error is raised to everybody who waits for it.
    With `alone_after_error`, each question is asked again by itself then: one may have been what failed.
    """

    def __init__(
        self, answer_all: Callable[[Sequence[Q]], Awaitable[Sequence[A]]], *, alone_after_error: bool = False
    ) -> None:
        self._answer_all = answer_all
        self._alone_after_error = alone_after_error
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Return the answer. Raises what `answer_all` raises."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._working is None or self._working.done():
            # A task of its own: whoever asked first may be cancelled.
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            if not await self._answered(batch, is_last=len(batch) == 1 or not self._alone_after_error):
                for each in batch:
                    await self._answered([each], is_last=True)

    async def _answered(self, batch: Sequence[tuple[Q, asyncio.Future[A]]], *, is_last: bool) -> bool:
        """Answer these, with the error too if this is the last try; return whether they are answered."""
        try:
            answers = await self._answer_all([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - everybody who waits gets the error
            for _, answer in batch if is_last else ():
                if not answer.done():
                    answer.set_exception(error)
            return is_last
        for (_, answer), found in zip(batch, answers, strict=True):
            if not answer.done():
                answer.set_result(found)
        return True
