"""Every request: an id in all that is logged because of it, and how long it took to be answered."""

from __future__ import annotations

import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from bot.observability.metrics import REQUEST_SECONDS
from bot.observability.spans import span

_ROUTES = {"/slack/events": "slack", "/mcp": "mcp"}
_ROUTES |= dict.fromkeys(("/health/live", "/health/ready", "/metrics"), "health")


class RequestLog:
    """ASGI middleware, outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. What it starts in the background keeps its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        route = _ROUTES.get(scope["path"], "page")

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                REQUEST_SECONDS.labels(route, str(message["status"])).observe(time.monotonic() - began)
            await send(message)

        with bound_contextvars(request=uuid.uuid4().hex[:16]), span(f"sage200_request {route}"):
            await self._app(scope, receive, timed)
