"""`/control/*`: what the page, and tests from outside, can make people do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.page.screen import COMMANDS, frame, screen
from sandbox.sage200 import Sage200
from sandbox.slack import T_ACME, Message, Reply, Sender, Slack

_STATIC = Path(__file__).parent / "static"
_KNOWN = {str(each["command"]).split(" ")[0] for each in COMMANDS}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src http: https: data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

Body = dict[str, Any]


class Control:
    """Only JSON is taken: another site's form can't send that, so it can't play with the demo."""

    def __init__(self, slack: Slack, sender: Sender, sage200: Sage200, *, product_url: str) -> None:
        self._slack = slack
        self._sender = sender
        self._sage200 = sage200
        self._product_url = product_url
        self._is_sage_off = False

    def routes(self) -> list[BaseRoute]:
        """The page and everything it calls."""
        actions: dict[str, Callable[[Body], Awaitable[None]]] = {
            "say": self._say,
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "uninstall": self._uninstall,
            "sage": self._sage,
        }
        return [
            Route("/", _page, methods=["GET"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
            Route("/control/frame", self._frame, methods=["GET"]),
            Route("/control/screen", self._screen, methods=["GET"]),
            *(Route(f"/control/{name}", _taking(action), methods=["POST"]) for name, action in actions.items()),
        ]

    async def _frame(self, _: Request) -> Response:
        return JSONResponse(frame(self._slack, product_url=self._product_url))

    async def _screen(self, request: Request) -> Response:
        """`?user=U0PRIYA&seen=VERSION`: 204 when nothing has happened since."""
        version = f"{self._slack.state.messages.version}.{self._slack.is_installed(T_ACME)}.{self._is_sage_off}"
        if request.query_params.get("seen") == version:
            return Response(status_code=204)
        user = self._slack.workspaces[T_ACME].person(request.query_params.get("user", "priya"))
        return JSONResponse(
            {"version": version, "is_sage_off": self._is_sage_off, **screen(self._slack, user.id)},
            headers={"Cache-Control": "no-store"},
        )

    async def _say(self, body: Body) -> None:
        """`{user, channel, text}`: a command, a message to the app, or words in a channel."""
        place, text = self._slack.workspaces[T_ACME], str(body["text"]).strip()
        user = place.person(body["user"]).id
        place.direct_channel(user)
        channel = place.channels[body["channel"]]
        word, _, rest = text.partition(" ")
        if word.startswith("/"):
            if word in _KNOWN and self._slack.is_installed(T_ACME):
                await self._sender.command(word, rest.strip(), user=user, channel=channel.id)
            else:
                self._notice(f"{word} is not a valid command here.", user=user, channel=channel.id)
        elif channel.with_user and self._slack.is_installed(T_ACME):
            self._reported(await self._sender.direct_message(text, user=user), user=user, channel=channel.id)
        elif text:
            self._sender.said(text, user=user, channel=channel.id)

    async def _click(self, body: Body) -> None:
        """`{user, ts | view_id, action_id, selected?}`."""
        shown = self._slack.views[body["view_id"]] if body.get("view_id") else self._message(body["ts"])
        user = self._slack.workspaces[T_ACME].person(body["user"]).id
        reply = await self._sender.click(shown, str(body["action_id"]), user=user, selected=body.get("selected"))
        channel = shown.channel if isinstance(shown, Message) else ""
        self._reported(reply, user=user, channel=channel)

    async def _submit(self, body: Body) -> None:
        """`{user, view_id, values}`."""
        await self._sender.submit(self._slack.views[body["view_id"]], body["values"], user=body["user"])

    async def _close(self, body: Body) -> None:
        """`{view_id}`: the person closes the modal."""
        self._slack.views[body["view_id"]].is_open = False
        self._slack.state.messages.touch()

    async def _uninstall(self, _: Body) -> None:
        await self._sender.uninstall(T_ACME)

    async def _sage(self, body: Body) -> None:
        """`{offline}`: the company's Sage 200 server goes off, or comes back."""
        self._is_sage_off = body["offline"] is True
        self._sage200.faults.offline(self._is_sage_off)

    def _message(self, ts: str) -> Message:
        found = self._slack.state.messages.find(ts, team=T_ACME)
        if found is None:
            raise LookupError(f"no message {ts}")
        return found

    def _reported(self, reply: Reply, *, user: str, channel: str) -> None:
        if reply.error:
            self._notice(f"The app did not answer ({reply.error}).", user=user, channel=channel)

    def _notice(self, text: str, *, user: str, channel: str) -> None:
        self._sender.notice(text, user=user, channel=channel)


def _taking(action: Callable[[Body], Awaitable[None]]) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return JSONResponse({"error": "send JSON"}, 415)
        try:
            await action(await request.json())
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        return JSONResponse({})

    return run


async def _page(_: Request) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return FileResponse(_STATIC / "index.html", media_type="text/html", headers=headers)
