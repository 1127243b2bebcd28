"""Questions put together: what comes during one statement is asked by the next."""

from __future__ import annotations

import asyncio

import pytest

from bot.coordination.batched import Batched


class Server:
    """Answers a batch when it is let; keeps what it was asked."""

    def __init__(self):
        self.asked: list[list[int]] = []
        self.let = asyncio.Semaphore(0)
        self.faults: list[Exception] = []

    async def answer(self, questions):
        self.asked.append(list(questions))
        await self.let.acquire()
        if self.faults:
            raise self.faults.pop()
        return [question * 10 for question in questions]


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def ask(server):
    batched = Batched(server.answer)
    return lambda question: asyncio.create_task(batched.ask(question))


async def asked_of(server, times):
    async with asyncio.timeout(5):
        while len(server.asked) < times:
            await asyncio.sleep(0)


async def test_what_comes_during_one_shares_the_next_and_each_gets_its_own_answer(server, ask):
    first = ask(1)
    await asked_of(server, 1)
    later = [ask(number) for number in (2, 3, 4)]
    server.let.release()
    server.let.release()
    assert await asyncio.gather(first, *later) == [10, 20, 30, 40]
    assert server.asked == [[1], [2, 3, 4]]


async def test_who_asked_first_may_go_away_and_the_rest_are_answered(server, ask):
    first, second = ask(1), ask(2)
    await asked_of(server, 1)
    first.cancel()
    server.let.release()
    assert await second == 20
    assert first.cancelled()


async def test_an_error_is_of_those_who_waited_for_it_alone(server, ask):
    server.faults.append(OSError("the server went away"))
    first, second = ask(1), ask(2)
    await asked_of(server, 1)
    later = ask(3)
    server.let.release()
    server.let.release()
    for each in (first, second):
        with pytest.raises(OSError, match="went away"):
            await each
    assert await later == 30


async def test_of_questions_that_failed_together_each_is_asked_by_itself_where_one_may_be_what_fails():
    asked = []

    async def answer(questions):
        asked.append(list(questions))
        if 2 in questions:
            raise ValueError("nobody can read that one")
        return [question * 10 for question in questions]

    batched = Batched(answer, alone_after_error=True)
    found = await asyncio.gather(*(batched.ask(number) for number in (1, 2, 3)), return_exceptions=True)
    assert (found[0], found[2]) == (10, 30)
    assert isinstance(found[1], ValueError)
    assert asked == [[1, 2, 3], [1], [2], [3]]
