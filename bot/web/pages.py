"""HTML pages: readable on a phone, nothing loaded from elsewhere, nothing stored by the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.command_names import CUSTOMER
from bot.errors import StorageDown
from storage.outage import outage

_HERE = Path(__file__).parent
_YEAR = "max-age=31536000"
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
)

Handler = Callable[[Request, Any], Awaitable[Response]]

log = structlog.get_logger(__name__)


class Pages:
    """Renders the templates, with the headers of every page."""

    def __init__(self, *, sage_id_url: str, retention_days: int) -> None:
        self._headers = headers(sage_id_url=sage_id_url)
        self._retention_days = retention_days

    def render(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page; the template engine escapes the values."""
        html = _TEMPLATES.get_template(template).render(**values)
        return HTMLResponse(html, status_code=status, headers=self._headers)

    async def front_door(self, request: Request) -> Response:
        """Show what this address is: install, privacy, support."""
        return self.render("front_door.html", retention_days=self._retention_days)

    async def customer(self, request: Request) -> Response:
        """Show how to see a customer. The page is alike for every address: it tells of no customer."""
        why = "Customers are shown in Slack, where each person sees what they are allowed to."
        hint = f"Go back to Slack and type `{CUSTOMER}` and the reference."
        return self.render("refused.html", heading="Customers are shown in Slack", why=why, hint=hint)

    def error_handlers(self) -> dict[Any, Handler]:
        """Return the handlers of all that no route explains by itself."""
        return {HTTPException: self._no_page, SQLAlchemyError: self._storage_failed, Exception: self._failed}

    async def _no_page(self, request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            heading, why = "There is no page here", "The address is incomplete or mistyped, or the link is an old one."
        else:
            heading, why = "That can't be done here", "This address is not for that kind of request."
        hint = "Go back to Slack and type `/sage help`."
        page = self.render("refused.html", status=error.status_code, heading=heading, why=why, hint=hint)
        page.headers.update(error.headers or {})
        return page

    async def _storage_failed(self, request: Request, error: SQLAlchemyError) -> Response:
        why = outage(error)
        if not why:
            raise error
        log.error("a page failed", why=why)
        down = StorageDown()
        return self.render("refused.html", status=503, heading="Not at the moment", why=down.message, hint=down.hint)

    async def _failed(self, request: Request, error: Exception) -> Response:
        # The server logs the error: it is raised again once this page is sent.
        why = "This page can't be shown because of a fault. It has been noted."
        hint = "Try again in a few minutes. If it carries on, tell the person who runs this app."
        return self.render("refused.html", status=500, heading="Something went wrong", why=why, hint=hint)


class StrictTransport:
    """ASGI middleware that tells browsers to come by https alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header to every response."""

        async def with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Strict-Transport-Security"] = _YEAR
            await send(message)

        await self._app(scope, receive, with_header)


def headers(*, sage_id_url: str) -> dict[str, str]:
    """Return the security headers of every page, with a strict CSP."""
    # Chromium applies form-action to the redirect that follows a form, so Sage ID must be named.
    parts = urlsplit(sage_id_url)
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "no-store",
    }
