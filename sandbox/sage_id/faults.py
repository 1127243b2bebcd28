"""Faults to order: a service that is slow, busy, broken or not there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(slots=True)
class _Answer:
    status: int
    times: int
    headers: Mapping[str, str]
    body: bytes
    contains: str


class Faults:
    """What goes wrong next. `contains` limits a fault to requests whose path and decoded query hold those words."""

    def __init__(self) -> None:
        self._answers: list[_Answer] = []
        self._delays: list[tuple[float, str]] = []
        self._offline = False
        self._released = asyncio.Event()

    def next(
        self,
        status: int = 503,
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
        contains: str = "",
    ) -> None:
        """Answer the next `times` requests with this instead. Several orders queue up."""
        raw = body.encode() if isinstance(body, str) else body
        self._answers.append(_Answer(status, times, dict(headers or {}), raw, contains))

    def delay(self, seconds: float, *, contains: str = "") -> None:
        """Hold every request this long before it is looked at; `clear` lets the waiting ones go."""
        self._delays.append((seconds, contains))

    def offline(self, is_offline: bool = True) -> None:
        """Answer everything with 504 and no body, as Sage's gateway does when the company's server is off."""
        self._offline = is_offline

    def clear(self) -> None:
        """Everything works again, at once."""
        self._released.set()
        self._released = asyncio.Event()
        self._answers.clear()
        self._delays.clear()
        self._offline = False

    async def meet(self, asked: str) -> Response | None:
        """Wait as ordered, then the fault due for this request, if any."""
        for seconds in [seconds for seconds, contains in self._delays if contains in asked]:
            await self._wait(seconds)
        if self._offline:
            return Response(status_code=504)
        return self._due(asked)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._released.wait(), seconds)
        except TimeoutError:
            return

    def _due(self, asked: str) -> Response | None:
        for answer in self._answers:
            if answer.contains in asked:
                answer.times -= 1
                if answer.times < 1:
                    self._answers.remove(answer)
                return Response(answer.body, answer.status, dict(answer.headers))
        return None


class FaultGate:
    """ASGI middleware that lets faults answer first, but for one path that meets them by itself."""

    def __init__(self, app: ASGIApp, *, faults: Faults, but: str = "") -> None:
        self._app = app
        self._faults = faults
        self._but = but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Faults first, then the app."""
        answer = None
        if scope["type"] == "http" and path_within(scope) != self._but:
            answer = await self._faults.meet(asked(scope))
        await (answer or self._app)(scope, receive, send)


def path_within(scope: Scope) -> str:
    """The path as the app sees it, without the prefix it is mounted at."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


def asked(scope: Scope) -> str:
    """Path and decoded query, for `contains`."""
    query = unquote(scope["query_string"].decode("latin-1"))
    return f"{path_within(scope)}?{query}" if query else path_within(scope)
