"""`/panel/*`: the panel and tour as scripts for any page, a page of their own, and what they call."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeGuard

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.clock import MovableClock
from sandbox.panel.books import Books
from sandbox.panel.site import Site
from sandbox.panel.tour import Tour
from sandbox.sage200 import Sage200
from sandbox.sage200.odd_rows import ODDITIES
from sandbox.sage_id import SageId
from sandbox.slack import T_ACME, Changes, Sender, Slack

_STATIC = Path(__file__).parent / "static"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "connect")),
        *(f"{kind} 'none'" for kind in ("base-uri", "form-action", "frame-ancestors")),
    )
)
_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

Body = dict[str, Any]
Answer = Body | Awaitable[Body]


class Panel:
    """Everything changes the simulated side alone: the product finds out by itself, as it would of a real Sage."""

    def __init__(
        self,
        slack: Slack,
        sender: Sender,
        sage_id: SageId,
        sage200: Sage200,
        *,
        clock: MovableClock | None = None,
        begin_again: Callable[[], None] | None = None,
    ) -> None:
        self._slack = slack
        self._changes = Changes(slack, sender, events=("member_joined_channel",))
        self._clock = clock
        self._begin_again = begin_again
        self._run = secrets.token_hex(8)
        self._books = Books(sage200.world)
        self._site = Site(sage200, sage_id)
        self._tour = Tour(slack, sage_id, sage200.world)

    def routes(self) -> list[BaseRoute]:
        """The pages, what they read, and what they can have done."""
        books, site = self._books, self._site
        actions: dict[str, Callable[[Body], Answer]] = {
            **{
                name: getattr(books, name)
                for name in (
                    "hold",
                    "release",
                    "receipt",
                    "invoice",
                    "credit",
                    "allocate",
                    "refund",
                    "query",
                    "order",
                    "limit",
                    "odd",
                )
            },
            "bulk-hold": books.bulk_hold,
            "site": site.become,
            "sign-in": site.sign_in,
            "clock": self._move,
            "invite": self._invite,
            "tour": self._restart_tour,
            "reset": self._reset,
        }
        return [
            Route("/panel/", _page, methods=["GET"]),
            Route("/panel/state", self._state, methods=["GET"]),
            Route("/panel/customers", self._customers, methods=["GET"]),
            Route("/panel/tour", self._steps, methods=["GET"]),
            *(Route(f"/panel/{name}", _taking(action), methods=["POST"]) for name, action in actions.items()),
            Mount("/panel", StaticFiles(directory=_STATIC)),
        ]

    async def _state(self, _: Request) -> Response:
        """`run` is another one after every new beginning."""
        return _json(
            {
                "run": self._run,
                "companies": self._books.companies(),
                "oddities": list(ODDITIES),
                "site": self._site.state,
                "people": self._site.people(),
                "clock": self._shown_clock(),
                "can_reset": self._begin_again is not None,
            }
        )

    async def _customers(self, request: Request) -> Response:
        """`?q=WORDS&company=0`."""
        asked = request.query_params
        try:
            return _json({"found": self._books.found(asked.get("q", ""), company=int(asked.get("company", "0")))})
        except ValueError as error:
            return _json({"error": str(error)}, 400)

    async def _steps(self, _: Request) -> Response:
        return _json(
            {
                "run": self._run,
                "done": self._tour.done(),
                **self._tour.seen(),
                "is_off": self._site.state != "working",
            }
        )

    def _shown_clock(self) -> Body | None:
        if self._clock is None:
            return None
        seconds = round(self._clock.ahead.total_seconds())
        return {"now": self._clock().isoformat(), "ahead_seconds": seconds, "speed": self._clock.speed}

    def _move(self, body: Body) -> Body:
        """`{hours}` forward, or `{speed}` from here on."""
        if self._clock is None:
            raise ValueError("The clock of this sandbox can't be moved.")
        hours, speed = body.get("hours"), body.get("speed")
        if _is_whole(hours):
            self._clock.move(timedelta(hours=hours))
            said = f"It is {hours} {'hour' if hours == 1 else 'hours'} later, for Slack, for Sage 200 and for the app."
        elif _is_whole(speed):
            self._clock.run(speed)
            said = f"Time runs {speed} times as fast." if speed > 1 else "Time runs at its usual speed."
        else:
            raise ValueError("Say how many hours, or how fast.")
        return {"said": said, "clock": self._shown_clock()}

    async def _invite(self, body: Body) -> Body:
        """`{channel}`: the app is invited."""
        channel = self._slack.workspaces[T_ACME].channels.get(str(body.get("channel")))
        if channel is None or channel.with_user or not self._slack.is_installed(T_ACME):
            raise ValueError("There is no such channel, or the app is not installed yet.")
        if self._slack.workspaces[T_ACME].bot_user_id not in channel.members:
            await self._changes.invite_bot(channel.id)
        return {"said": f"The app is in #{channel.name}."}

    def _restart_tour(self, _: Body) -> Body:
        self._tour.restart()
        return {"said": "The tour begins again.", "done": self._tour.done()}

    def _reset(self, _: Body) -> Body:
        if self._begin_again is None:
            raise ValueError("Only `bot demo` can begin again.")
        self._begin_again()
        return {"said": "Everything begins again. This takes a few seconds.", "run": self._run}


def _taking(action: Callable[[Body], Answer]) -> Callable[[Request], Awaitable[Response]]:
    """JSON alone: another site's form can't send that, so it can't play with the demo."""

    async def run(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _json({"error": "Send JSON."}, 415)
        try:
            done = action(dict(await request.json()))
            return _json(await done if inspect.isawaitable(done) else done)
        except (ValueError, TypeError) as error:
            return _json({"error": str(error)}, 400)

    return run


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _json(value: Any, status: int = 200) -> Response:
    return JSONResponse(value, status, {"Cache-Control": "no-store"})


async def _page(_: Request) -> Response:
    return FileResponse(_STATIC / "index.html", media_type="text/html", headers=_HEADERS)
