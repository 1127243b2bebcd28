"""A Sage of a few lines for one test: it answers what it is told to and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.company import Company, Edition
from bot.sage.client import SageClient

BASE = "https://sage.example"
STANDARD, PROFESSIONAL = "/uk/sage200/accounts/v1", "/uk/sage200extra/accounts/v1"
COMPANY = Company("Blue Ltd", "Blue Site", Edition.PROFESSIONAL, "site-blue", 7)
OTHER_COMPANY = Company("Green Ltd", "Green Site", Edition.PROFESSIONAL, "site-green", 8)

Answer = Response | Callable[[Request], Response]


def reply(data: object = None, status: int = 200, **headers: str) -> Response:
    """JSON with a status; header names are written with underscores."""
    return Response(
        json.dumps(data), status, {name.replace("_", "-"): value for name, value in headers.items()}, "application/json"
    )


def site(company: Company) -> dict[str, object]:
    """The row of /sites that stands for a company."""
    return {
        "company_id": company.company_id,
        "company_name": company.company_name,
        "site_id": company.site_id,
        "site_name": company.site_name,
    }


@asynccontextmanager
async def listening(handle: Callable[[asyncio.StreamReader], Awaitable[object]]) -> AsyncIterator[str]:
    """A server on this machine that hangs up when `handle` is done with what it reads, and never says a word."""
    callers: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.add(asyncio.current_task())
        await handle(reader)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*(caller for caller in callers if caller))


@dataclass
class StandIn:
    """`answers` maps the end of a path to one answer, or to several that are given in turn, the last for ever."""

    answers: dict[str, Answer | list[Answer]]
    asked: list[httpx.URL] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.asked.append(httpx.URL(str(request.url)))
        self.headers.append(dict(request.headers))
        self.forms.append({name: str(value) for name, value in (await request.form()).items()})
        given = next((given for end, given in self.answers.items() if request.url.path.endswith(end)), reply(None, 404))
        if isinstance(given, list):
            given = given.pop(0) if len(given) > 1 else given[0]
        return given if isinstance(given, Response) else given(request)

    def filters(self) -> list[str]:
        """The `$filter` of each question asked."""
        return [url.params["$filter"] for url in self.asked if "$filter" in url.params]

    @asynccontextmanager
    async def http(self) -> AsyncIterator[httpx.AsyncClient]:
        """An HTTP client whose every request comes here."""
        app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
            yield http

    @asynccontextmanager
    async def client(
        self, company: Company | None = COMPANY, tokens: Tokens | None = None, key: str = ""
    ) -> AsyncIterator[SageClient]:
        """A SageClient whose every request comes here."""
        async with self.http() as http:
            yield SageClient(http, base_url=BASE, tokens=tokens or Tokens(), company=company, subscription_key=key)


@dataclass
class Tokens:
    """A TokenSource with a row of tokens, of which each refusal brings the next, the last for ever."""

    row: list[str] = field(default_factory=lambda: ["token-one", "token-two"])
    refused: list[str] = field(default_factory=list)

    async def current(self) -> str:
        return self.row[min(len(self.refused), len(self.row) - 1)]

    async def refreshed(self, refused: str) -> str:
        self.refused.append(refused)
        return await self.current()
