"""Slack's side of a slash command, quick enough to measure others: sign and send it, and take the answers to it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.serving import address, free_socket

SECRET = "slack-signing-secret"
GIVE_UP = 15.0  # seconds that an answer may take
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What arrived at a response_url, and when."""

    text: str
    blocks: list[dict[str, Any]]
    at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A command that was sent, what the app said to it at once, and the answer that is to come."""

    began: float
    acked: float
    status: int
    body: str
    answer: asyncio.Future[Answer]


class Typist:
    """Types commands into the app at `url`. Stands in for the simulated Slack's Sender where people set things up."""

    def __init__(self, http: aiohttp.ClientSession, answers: Answers, url: str) -> None:
        self._http = http
        self._answers = answers
        self._url = f"{url}/slack/events"

    async def command(self, command: str, text: str = "", *, user: str, team: str = "T0ACME") -> Sent:
        """Send it with a trigger and a signature of its own."""
        number, answer = self._answers.expected()
        body = urlencode(
            {
                "token": "not-relied-on",
                "team_id": team,
                "team_domain": "acme-motor-factors",
                "channel_id": "C0SALES",
                "channel_name": "sales",
                "user_id": user,
                "user_name": user.lower(),
                "command": command,
                "text": text,
                "api_app_id": "A0SAGE200",
                "is_enterprise_install": "false",
                "response_url": f"{self._answers.address}/answers/{number}",
                "trigger_id": f"{number}.{time.time_ns()}",
            }
        ).encode()
        began = time.perf_counter()
        async with self._http.post(self._url, data=body, headers={"Content-Type": _FORM, **signed(body)}) as response:
            said = await response.text()
        return Sent(began, time.perf_counter(), response.status, said, answer)

    async def wait_for_answer(self, sent: Sent, *, where: Callable[[Answer], bool]) -> Answer:
        """Take its answer. Raises AssertionError with one that is not wanted."""
        answer = await asyncio.wait_for(sent.answer, GIVE_UP)
        assert where(answer), answer.text
        return answer


def signed(body: bytes) -> dict[str, str]:
    """Slack's two headers."""
    at = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}


class Answers:
    """Everything that response_urls receive; a note that it takes time is no answer."""

    def __init__(self) -> None:
        self.address = ""
        self._numbers = itertools.count(1)
        self._expected: dict[int, asyncio.Future[Answer]] = {}

    def expected(self) -> tuple[int, asyncio.Future[Answer]]:
        """The number of a new response_url, and what will come to it."""
        number = next(self._numbers)
        self._expected[number] = answer = asyncio.get_running_loop().create_future()
        return number, answer

    async def take(self, request: web.Request) -> web.Response:
        """Wake the measurement that waits for this answer. Refuse a second answer, which the app then logs."""
        said = await request.json()
        text = str(said.get("text") or "")
        if text.startswith("Still asking"):
            return web.Response(text="ok")
        answer = self._expected.pop(int(request.match_info["number"]), None)
        if answer is None or answer.done():
            return web.Response(status=404)
        answer.set_result(Answer(text, said.get("blocks") or [], time.perf_counter()))
        return web.Response(text="ok")


@asynccontextmanager
async def posts_taken(route: str, take: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Serve one route for POSTs on a free port. Yield the address, and stop at the end."""
    bound = free_socket()
    app = web.Application(client_max_size=10**7)
    app.router.add_post(route, take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    try:
        yield address(bound)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def answers_taken() -> AsyncIterator[Answers]:
    """Serve response_urls on a free port."""
    made = Answers()
    async with posts_taken("/answers/{number}", made.take) as made.address:
        yield made
