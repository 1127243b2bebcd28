"""`/control/*`: what the page, and tests from outside, can make people do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.page.beside import Beside
from sandbox.page.hands import Hands
from sandbox.page.live import Live
from sandbox.page.manifest import manifest
from sandbox.page.screen import frame, screen, visible
from sandbox.page.shared_files import shared_file
from sandbox.page.voice import Voice
from sandbox.slack import T_ACME, Channel, Sender, Slack, User

_STATIC = Path(__file__).parent / "static"
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
_Action = Callable[[Body], Awaitable[Body | None]]


class Control:
    """Only JSON is taken: another site's form can't send that, so it can't play with the demo."""

    def __init__(self, slack: Slack, sender: Sender, *, product_url: str) -> None:
        self._slack = slack
        self._sender = sender
        self._product_url = product_url
        self._manifest = manifest()
        self._voice = Voice(slack, sender, self._manifest)
        self._hands = Hands(slack, sender, self._manifest)
        self._beside = Beside(slack, sender)
        self.live = Live(self._version)

    def routes(self) -> list[BaseRoute]:
        """The page and everything it calls."""
        actions: dict[str, _Action] = {
            "say": self._say,
            "click": self._click,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "open": self._open,
            "object": self._object,
            "press-in-pane": self._press_in_pane,
            "tools": self._beside.tools,
            "ask-tool": self._beside.ask,
            "uninstall": self._uninstall,
        }
        return [
            Route("/", _page, methods=["GET"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
            Route("/control/frame", self._frame, methods=["GET"]),
            Route("/control/screen", self._screen, methods=["GET"]),
            Route("/control/live", self._stream, methods=["GET"]),
            Route("/control/file/{id}", self._file, methods=["GET"]),
            *(Route(f"/control/{name}", _taking(action), methods=["POST"]) for name, action in actions.items()),
        ]

    async def _frame(self, _: Request) -> Response:
        return JSONResponse(frame(self._slack, self._manifest, product_url=self._product_url))

    async def _screen(self, request: Request) -> Response:
        """`?user=U0PRIYA&seen=VERSION`: 204 when nothing has happened since."""
        version = self._version()
        if request.query_params.get("seen") == version:
            return Response(status_code=204)
        drawn = self._drawn(self._person(request.query_params.get("user", "priya")))
        return JSONResponse({"version": version, **drawn}, headers={"Cache-Control": "no-store"})

    async def _stream(self, request: Request) -> Response:
        """`?user=U0PRIYA`: server-sent events, each a whole screen."""
        try:
            user = self._person(request.query_params.get("user", ""))
        except LookupError as error:
            return JSONResponse({"error": str(error)}, 404)
        return self.live.stream(lambda: self._drawn(user))

    async def _file(self, request: Request) -> Response:
        """`?user=U0PRIYA`: a file in a message that this person sees."""
        try:
            user = self._person(request.query_params.get("user", ""))
            return shared_file(self._slack, request.path_params["id"], user=user)
        except LookupError as error:
            return JSONResponse({"error": str(error)}, 404)

    async def _say(self, body: Body) -> None:
        """`{user, channel, text, thread_ts?}`: a command, a message to the app, or words in a channel."""
        user, text = self._person(body["user"]), str(body["text"]).strip()
        channel = self._channel(body["channel"], user)
        await self._voice.say(text, user=user, channel=channel, thread_ts=str(body.get("thread_ts") or ""))

    async def _click(self, body: Body) -> None:
        self._reported(await self._hands.click(body, user=self._person(body["user"])), body)

    async def _suggest(self, body: Body) -> Body:
        return await self._hands.suggest(body, user=self._person(body["user"]))

    async def _submit(self, body: Body) -> None:
        await self._hands.submit(body, user=self._person(body["user"]))

    async def _close(self, body: Body) -> None:
        await self._hands.close(body, user=self._person(body["user"]))

    async def _shortcut(self, body: Body) -> None:
        self._reported(await self._hands.shortcut(body, user=self._person(body["user"])), body)

    async def _open(self, body: Body) -> None:
        await self._hands.open_app(body, user=self._person(body["user"]))

    async def _object(self, body: Body) -> Body:
        return await self._beside.open(body, user=self._person(body["user"]))

    async def _press_in_pane(self, body: Body) -> None:
        await self._beside.press(body, user=self._person(body["user"]))

    async def _uninstall(self, _: Body) -> None:
        await self._sender.uninstall(T_ACME)

    def _version(self) -> str:
        return f"{self._slack.state.messages.version}.{self._slack.is_installed(T_ACME)}"

    def _drawn(self, user: User) -> Body:
        return screen(self._slack, self._manifest, user)

    def _person(self, who: str) -> User:
        return self._slack.workspaces[T_ACME].person(who)

    def _channel(self, identity: str, user: User) -> Channel:
        place = self._slack.workspaces[T_ACME]
        direct = place.direct_channel(user.id)
        theirs = {each.id: each for each in (direct, *visible(place, user))}
        return theirs[identity]

    def _reported(self, error: str, body: Body) -> None:
        """Slack marks a click that failed beside what was clicked; a notice says it here."""
        if not error:
            return
        user = self._person(body["user"])
        found = self._slack.state.messages.find(str(body.get("ts")), team=T_ACME)
        place = self._slack.workspaces[T_ACME]
        channel = place.channels[found.channel] if found else place.direct_channel(user.id)
        self._voice.notice(f"The app did not answer ({error}).", user=user, channel=channel)


def _taking(action: _Action) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return JSONResponse({"error": "send JSON"}, 415)
        try:
            answer = await action(await request.json())
        except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        return JSONResponse(answer or {})

    return run


async def _page(_: Request) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return FileResponse(_STATIC / "index.html", media_type="text/html", headers=headers)
