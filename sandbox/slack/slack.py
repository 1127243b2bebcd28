"""The simulated Slack as one object: state, ASGI app, and shortcuts for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.faults import FaultGate, Faults
from sandbox.slack.grants import Grants
from sandbox.slack.messages import Message, Messages
from sandbox.slack.methods.api import Api, Call
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.oauth import OAuth, stylesheet
from sandbox.slack.people import Workspace, seed
from sandbox.slack.sending.hooks import Hooks
from sandbox.slack.sending.triggers import Triggers
from sandbox.slack.state import State
from sandbox.slack.views import OpenView, Views

USUAL_SCOPES = (
    "assistant:write",
    "channels:read",
    "chat:write",
    "commands",
    "groups:read",
    "im:history",
    "im:write",
    "usergroups:read",
    "users:read",
)


class Slack:
    """Mount `app` so that `base_url` reaches it; `base_url` may be set later, once the port is known."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        signing_secret: str,
        redirect_uris: list[str],
        base_url: str,
        clock: Callable[[], datetime],
        stopwatch: Callable[[], datetime] | None = None,
    ) -> None:
        self.signing_secret = signing_secret
        messages, workspaces = Messages(clock=clock), seed()
        self.state = State(
            workspaces=workspaces,
            messages=messages,
            grants=Grants(clock=clock),
            hooks=Hooks(messages, workspaces=workspaces, clock=clock),
            views=Views(),
            triggers=Triggers(clock=stopwatch or clock),
            clock=clock,
        )
        self.state.address.append(base_url.rstrip("/"))
        self.faults = Faults()
        self._oauth = OAuth(self.state, client_id=client_id, client_secret=client_secret, redirect_uris=redirect_uris)
        self._api = Api(self.state, oauth=self._oauth)
        self.app = self._build()

    @property
    def base_url(self) -> str:
        """Where this Slack is reached."""
        return self.state.address[0]

    @base_url.setter
    def base_url(self, address: str) -> None:
        self.state.address[0] = address.rstrip("/")

    @property
    def workspaces(self) -> dict[str, Workspace]:
        """Every workspace and organisation, by id."""
        return self.state.workspaces

    @property
    def messages(self) -> list[Message]:
        """Everything posted, in order, replaced and deleted messages too."""
        return self.state.messages.every

    @property
    def calls(self) -> list[Call]:
        """Every Web API call, in order, refused ones too."""
        return self._api.calls

    @property
    def views(self) -> dict[str, OpenView]:
        """Every view that was opened or published, by id."""
        return self.state.views.every

    @property
    def redirect_uris(self) -> list[str]:
        """Where an installation may return to."""
        return self._oauth.redirect_uris

    @property
    def rate_limits(self) -> bool:
        """Whether chat.postMessage is limited to about one a second for a channel."""
        return self.state.posting.is_limited

    @rate_limits.setter
    def rate_limits(self, is_limited: bool) -> None:
        self.state.posting.is_limited = is_limited

    def refuse_next(self, error: str, *, method: str = "", times: int = 1) -> None:
        """Answer the next calls of this method with a Slack error instead of doing what they ask."""
        body, headers = json.dumps({"ok": False, "error": error}), {"Content-Type": "application/json"}
        self.faults.next(200, times=times, body=body, headers=headers, contains=f"/api/{method}")

    def install(self, team: str, *, scopes: Iterable[str] = USUAL_SCOPES, installer: str = "") -> str:
        """Grant the app a bot token without the browser; `team` may be an organisation."""
        who = installer or self.workspaces[team].installer
        return self.state.grants.issue(team, scopes=scopes, installer=who).token

    def uninstall(self, team: str) -> None:
        """The token dies; `Sender.uninstall` tells the app as well."""
        self.state.grants.revoke(team)

    def is_installed(self, team: str) -> bool:
        """Whether the app is in this workspace, by itself or through its organisation."""
        return self.state.is_installed(team)

    def seen_by(self, user: str, *, team: str) -> list[Message]:
        """What stands on this person's screen, oldest first."""
        place = self.workspaces[team]
        return sorted(
            (each for each in self.messages if _shows(each, user, place)),
            key=lambda message: tuple(map(int, message.ts.split("."))),
        )

    def _build(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/{method}", self._api.handle, methods=["GET", "POST"]),
                Route("/oauth/v2/authorize", self._oauth.page, methods=["GET"]),
                Route("/oauth/v2/authorize", self._oauth.decide, methods=["POST"]),
                Route("/hooks/{kind}/{id}", self._hook, methods=["POST"]),
                Route("/upload/{id}", self._upload, methods=["POST"]),
                Route("/slack.css", stylesheet, methods=["GET"]),
            ],
            middleware=[Middleware(FaultGate, faults=self.faults)],
            exception_handlers={404: _not_simulated, 405: _not_simulated},
        )

    async def _upload(self, request: Request) -> Response:
        file = self.state.files.get(request.path_params["id"])
        if file is None:
            return PlainTextResponse("not found", 404)
        body = await request.body()
        if len(body) != file.length:
            return PlainTextResponse("the length is not what was announced", 400)
        file.content = body
        return PlainTextResponse(f"OK - {len(body)}")

    async def _hook(self, request: Request) -> Response:
        try:
            self.state.hooks.use(request.path_params["id"], _json(await request.body()))
        except SlackError as error:
            status = 404 if error.error.endswith("_url") else 400
            return JSONResponse({"ok": False, "error": error.error, **error.more}, status)
        return PlainTextResponse("ok")


def _shows(message: Message, user: str, place: Workspace) -> bool:
    if message.is_gone or message.view is not None or message.team != place.id or message.user not in {"", user}:
        return False
    channel = place.channels.get(message.channel)
    return channel is not None and channel.with_user in {"", user}


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        raise SlackError("invalid_payload") from None


async def _not_simulated(request: Request, _: Exception) -> Response:
    return JSONResponse({"ok": False, "error": "unknown_method", "why": f"{request.method} {request.url.path}"}, 501)
