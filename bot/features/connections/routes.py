"""The landing page of a connect link, and the callback from Sage ID."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.text.slack_links import slack_links
from bot.errors import BotError, ConnectError, LinkUnknown, LinkUsed, WrongBrowser
from bot.features.connections.service.connect_link import LIFETIME, REPEATED, ConnectLinks, new_browser_secret
from bot.sage.token_response import callback_refusal
from bot.web.pages import Pages

_LONGEST = 512

Handler = Callable[["ConnectRoutes", Request], Awaitable[Response]]

log = structlog.get_logger(__name__)


def _explained(handler: Handler) -> Handler:
    """Return the handler with expected errors shown as a page: what went wrong, and what to do next."""

    @wraps(handler)
    async def run(routes: ConnectRoutes, request: Request) -> Response:
        try:
            return await handler(routes, request)
        except BotError as error:
            log.info("a sign-in was refused", why=type(error).__name__)
            hint = error.hint if isinstance(error, ConnectError) else ConnectError.hint
            status = HTTPStatus.BAD_REQUEST if error.permanent else HTTPStatus.CONFLICT
            # A reload of the code page: its sign-in waits for the code, or is live already.
            heading = "Nothing new was connected" if isinstance(error, LinkUsed) else "Nothing was connected"
            return routes.pages.render("refused.html", status=status, heading=heading, why=error.message, hint=hint)

    return run


class ConnectRoutes:
    """The routes `/sage/connect/{ticket}` and `/sage/callback`."""

    def __init__(
        self, *, connect_links: ConnectLinks, pages: Pages, clock: Callable[[], datetime], served_over_https: bool
    ) -> None:
        self.pages = pages
        self._connect_links = connect_links
        self._clock = clock
        self._secure = served_over_https
        # The __Host- prefix demands Secure, which a browser only keeps over https.
        self._cookie = "__Host-sage-connect" if served_over_https else "sage-connect"

    def routes(self) -> list[Route]:
        """Return the routes."""
        # GET of the landing page does not use the link up, so a link preview does no harm; the button's POST does.
        return [
            Route("/sage/connect/{ticket}", self.landing, methods=["GET"]),
            Route("/sage/connect/{ticket}", self.start, methods=["POST"]),
            Route("/sage/callback", self.callback, methods=["GET"]),
        ]

    @_explained
    async def landing(self, request: Request) -> Response:
        """Show the user and workspace that the link is for, and set the browser's cookie."""
        shown = await self._connect_links.landing(_ticket(request), now=self._clock())
        response = self.pages.render("landing.html", shown=shown, action=request.url.path)
        self._set_cookie(response, request.cookies.get(self._cookie) or new_browser_secret(), lasts=2 * LIFETIME)
        return response

    @_explained
    async def start(self, request: Request) -> Response:
        """Use the link up and redirect to Sage ID."""
        browser = self._browser(request)
        url = await self._connect_links.start(_ticket(request), browser=browser, now=self._clock())
        return RedirectResponse(
            url, status_code=303, headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
        )

    @_explained
    async def callback(self, request: Request) -> Response:
        """Show the code page after Sage ID, or what went wrong."""
        asked = request.query_params
        state, code = asked.get("state", ""), asked.get("code", "")
        if not 0 < len(state) <= _LONGEST or len(code) > 4 * _LONGEST:
            raise LinkUnknown
        browser = self._browser(request)
        if not code:
            await self._connect_links.decline(state=state, browser=browser, now=self._clock())
            error, description = asked.get("error", ""), asked.get("error_description", "")
            raise callback_refusal(error, description)
        done = await self._connect_links.finish(state=state, code=code, browser=browser, now=self._clock())
        slack = slack_links(done.landing.app_id, done.landing.team_id)
        response = self.pages.render("code.html", shown=done.landing, code=done.code, slack=slack)
        # Kept as long as the same callback, sent again, shows the same page.
        self._set_cookie(response, browser, lasts=REPEATED)
        return response

    def _set_cookie(self, response: Response, secret: str, *, lasts: timedelta) -> None:
        seconds = int(lasts.total_seconds())
        response.set_cookie(self._cookie, secret, max_age=seconds, secure=self._secure, httponly=True, samesite="lax")

    def _browser(self, request: Request) -> str:
        secret = request.cookies.get(self._cookie, "")
        if not 0 < len(secret) <= _LONGEST:
            raise WrongBrowser
        return secret


def _ticket(request: Request) -> str:
    ticket = str(request.path_params["ticket"])
    if len(ticket) > _LONGEST:
        raise LinkUnknown
    return ticket
