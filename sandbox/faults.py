"""Faults to order: a service that is slow, busy, broken or not there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import httpx
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(slots=True)
class _Answer:
    status: int
    times: int
    headers: Mapping[str, str]
    body: bytes
    contains: str


@dataclass(slots=True)
class _Spoilt:
    """`status` 0: the connection is dropped."""

    status: int
    times: int
    contains: str


class Faults:
    """What goes wrong next. `contains` limits a fault to requests whose method, path and decoded query
    hold those words, as in `PUT /`. `waiting` is how many requests are held now, `most_waiting` the most so far."""

    def __init__(self) -> None:
        self._answers: list[_Answer] = []
        self._delays: list[tuple[float, str]] = []
        self._spoilt: list[_Spoilt] = []
        self._offline = False
        self._released = asyncio.Event()
        self.waiting = 0
        self.most_waiting = 0

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

    def lose_answer(self, times: int = 1, *, contains: str = "") -> None:
        """Do all that the request asks for, then drop the connection: the caller never learns of it."""
        self._spoilt.append(_Spoilt(0, times, contains))

    def answer_instead(self, status: int = 502, *, times: int = 1, contains: str = "") -> None:
        """Do all that the request asks for, then answer with this and no body."""
        self._spoilt.append(_Spoilt(status, times, contains))

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
        self._spoilt.clear()
        self._offline = False

    async def meet(self, asked: str) -> Response | None:
        """Wait as ordered, then the fault due for this request, if any."""
        for seconds in [seconds for seconds, contains in self._delays if contains in asked]:
            await self._wait(seconds)
        if self._offline:
            return Response(status_code=504)
        return self._due(asked)

    def spoils(self, asked: str) -> int | None:
        """What becomes of the good answer to this request: another status, 0 for none at all, None for nothing."""
        for spoilt in self._spoilt:
            if spoilt.contains in asked:
                spoilt.times -= 1
                if spoilt.times < 1:
                    self._spoilt.remove(spoilt)
                return spoilt.status
        return None

    async def _wait(self, seconds: float) -> None:
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        try:
            await asyncio.wait_for(self._released.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self.waiting -= 1

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
        """Faults first, then the app, whose answer may still be lost."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        answer = None if path_within(scope) == self._but else await self._faults.meet(asked(scope))
        if answer is not None:
            return await answer(scope, receive, send)
        status = self._faults.spoils(asked(scope))
        if status is None:
            return await self._app(scope, receive, send)
        await self._app(scope, receive, _unheard)
        return await (Response(status_code=status)(scope, receive, send) if status else _drop(scope, send))


async def _unheard(_: Message) -> None:
    return


async def _drop(scope: Scope, send: Send) -> None:
    """A server closes a connection whose answer stays unfinished; without one, httpx's own error must do."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    if "spec_version" not in scope["asgi"]:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")


def path_within(scope: Scope) -> str:
    """The path as the app sees it, without the prefix it is mounted at."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


def asked(scope: Scope) -> str:
    """`PUT /path?decoded query`, for `contains`."""
    query = unquote(scope["query_string"].decode("latin-1"))
    where = f"{scope['method']} {path_within(scope)}"
    return f"{where}?{query}" if query else where
