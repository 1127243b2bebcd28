"""The simulated Slack beside a small app that checks signatures with slack_sdk's own verifier."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.slack import T_ACME, Message, Sender, Slack

BACK = "https://app.example.test/slack/oauth_redirect"
CLIENT = {"client_id": "test-client", "client_secret": "test-secret"}


@dataclass
class Clock(SlackClock):
    """A clock that only moves when told."""

    at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def now(self) -> float:
        """As slack_sdk's verifier asks."""
        return self.at.timestamp()

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class App:
    """Answers what it is told to, remembers what it was sent, and refuses what Slack did not sign."""

    clock: Clock
    answer: Response = field(default_factory=lambda: PlainTextResponse(""))
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        body = await request.body()
        if not SignatureVerifier("test-signing", self.clock).is_valid_request(body, dict(request.headers)):
            return PlainTextResponse("unsigned", 401)
        self.headers.append(dict(request.headers))
        self.got.append(_read(request, body.decode()))
        return self.answer


class Play:
    """Slack, the app, and an HTTP client that reaches Slack, all in this process."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.app = App(self.clock)
        self.slack = Slack(
            **CLIENT,
            signing_secret="test-signing",
            redirect_uris=[BACK],
            base_url="http://slack.test",
            clock=self.clock,
        )
        product = Starlette(routes=[Route("/slack/events", self.app.take, methods=["POST"])])
        self.sender = Sender(self.slack, client=_client(product), url="http://app.test/slack/events")
        self.http = _client(self.slack.app)
        self.token = self.slack.install(T_ACME, scopes=["chat:write", "users:read", "im:write", "assistant:write"])

    async def api(self, method: str, token: str | None = None, **arguments: Any) -> dict[str, Any]:
        """A Web API call with JSON."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        answer = await self.http.post(f"http://slack.test/api/{method}", json=arguments, headers=headers)
        return dict(answer.json())

    async def posted(self, *blocks: dict[str, Any], text: str = "words") -> Message:
        """A message of the app's to Priya."""
        answer = await self.api("chat.postMessage", channel="U0PRIYA", text=text, blocks=list(blocks))
        assert answer["ok"], answer
        return self.slack.messages[-1]

    async def trigger(self) -> str:
        """What a command by Priya brings: three seconds in which a modal may open."""
        await self.sender.command("/customer", user="priya")
        return str(self.app.got[-1]["trigger_id"])


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "words", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def button(action_id: str = "press", text: str = "Press", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def option(value: str = "1", text: str = "One") -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def menu(*options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", "options": list(options) or [option()], **more}


def asking(**more: Any) -> dict[str, Any]:
    """An input block for a code."""
    element = {"type": "plain_text_input", "action_id": "typed"}
    return {"type": "input", "block_id": "code", "label": plain("Code"), "element": element, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    base = {"type": "modal", "title": plain("Title"), "submit": plain("Send"), "blocks": list(blocks) or [asking()]}
    return {**base, **more}


def _client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app))


def _read(request: Request, body: str) -> dict[str, Any]:
    if request.headers["content-type"] == "application/json":
        return dict(json.loads(body))
    form = dict(parse_qsl(body, keep_blank_values=True))
    return dict(json.loads(form["payload"])) if "payload" in form else form
