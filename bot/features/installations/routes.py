"""Slack's OAuth v2 install flow; the state is ours, fresh, bound to the browser and used once.

Bolt's own flow is not used: 1.30 writes the authorization code to its log when Slack refuses it, and marks its state
cookie Secure even on a loopback address, where the browser would drop the cookie.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.domain.text.slack_links import slack_links
from bot.features.access.service.admins import Admins
from bot.features.connections.views.connect import welcome
from bot.features.installations.service.installations import STATE_LIFETIME, Installation, Installations
from bot.features.installations.workspace_cache import WorkspaceCache

_SPENT = "This installation link was already used, or is older than ten minutes."
_FAILED = "This installation could not be finished because of a fault. It has been noted."
_HINT = "Start again from the install link. If it keeps failing, ask the person who runs this app."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The page that ends an installation, as it is kept for a repeat of the request."""

    template: str
    values: dict[str, Any]
    status: int = 200


class RenderPage(Protocol):
    """A function that renders a template of ours with its values and status."""

    def __call__(self, template: str, *, status: int = 200, **values: object) -> Response: ...


class Install:
    """The two routes of Slack's OAuth v2."""

    def __init__(
        self,
        *,
        installations: Installations,
        workspaces: WorkspaceCache,
        admins: Admins,
        client: AsyncWebClient,
        client_id: str,
        client_secret: str,
        public_url: str,
        scopes: Sequence[str],
        render: RenderPage,
        clock: Callable[[], datetime],
    ) -> None:
        self._installations = installations
        self._workspaces = workspaces
        self._admins = admins
        self._client = client
        self._scopes = scopes
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._redirect_uri = f"{public_url}/slack/oauth_redirect"
        self._secure = public_url.startswith("https://")
        # The __Host- prefix demands Secure, which a browser only keeps over https.
        self._cookie = "__Host-slack-install" if self._secure else "slack-install"
        self._render = render
        self._clock = clock
        # https://slack.com/api/ → https://slack.com/oauth/v2/authorize
        self._authorize_url = urljoin(client.base_url, "../oauth/v2/authorize")

    async def start(self, request: Request) -> Response:
        """Handle `GET /slack/install`: set the state cookie and redirect to Slack."""
        state = self._installations.new_state(now=self._clock())
        query = {
            "client_id": self._credentials["client_id"],
            "scope": ",".join(self._scopes),
            "redirect_uri": self._redirect_uri,
            "state": state,
        }
        # A redirect, not a page: Slack's app directory wants it.
        response = RedirectResponse(
            f"{self._authorize_url}?{urlencode(query)}", status_code=302, headers={"Cache-Control": "no-store"}
        )
        response.set_cookie(
            self._cookie,
            state,
            max_age=int(STATE_LIFETIME.total_seconds()),
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def finish(self, request: Request) -> Response:
        """Handle `GET /slack/oauth_redirect`: check state and browser, exchange the code, store the token encrypted."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not state or not hmac.compare_digest(request.cookies.get(self._cookie, "").encode(), state.encode()):
            return self._refuse(
                "This installation was started in another browser, or your browser blocked the app's cookie."
            )
        if not self._installations.is_state(state, now=self._clock()):
            return self._refuse(_SPENT)
        if request.query_params.get("error"):
            return self._refuse("You cancelled at Slack, so nothing was installed.")
        if not code:
            return self._refuse("Slack sent no code, so nothing was installed.")
        if not await self._installations.consume_state(state, now=self._clock()):
            # A browser that sends the request again shows the answer to the second.
            shown = _read(await self._installations.answer_before(state, now=self._clock()))
            return self._show(shown if shown is not None else _refusal(_SPENT))
        shown = _refusal(_FAILED, status=500)
        try:
            shown = await self._exchange(code)
        finally:
            await self._installations.note_answer(state, json.dumps(asdict(shown)))
        return self._show(shown)

    async def _exchange(self, code: str) -> _Shown:
        try:
            granted = await self._client.oauth_v2_access(
                code=code, redirect_uri=self._redirect_uri, **self._credentials
            )
            who = await self._client.auth_test(token=granted["access_token"])
        except SlackApiError as error:
            log.warning("Slack refused an installation", why=error.response.get("error"))
            return _refusal("Slack did not accept the installation.")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Slack could not be reached", why=type(error).__name__)
            return _refusal("Slack isn't responding.", status=502)
        given = installation_from(_fields(granted), _fields(who))
        gone = await self._installer_is_gone(given)
        is_new = await self._installations.install(given, now=self._clock(), installer_gone=gone)
        self._workspaces.forget(given.slack_id)
        is_welcomed = is_new and await self._welcome(given)
        return _Shown(
            "installed.html",
            {"name": given.name, "is_welcomed": is_welcomed, "slack": slack_links(given.app_id, given.slack_id)},
        )

    async def _installer_is_gone(self, given: Installation) -> bool:
        """Return whether another user takes the first installer's place: who installs again gains nothing by it."""
        before = await self._installations.before(given)
        if before is None or before.installed_by == given.installed_by:
            return False
        return await self._admins.installer_is_gone(before)

    async def _welcome(self, given: Installation) -> bool:
        """Send the installer a first message. Return whether it was sent; the page says the same words."""
        try:
            await self._client.chat_postMessage(
                token=given.bot_token, channel=given.installed_by, **welcome(given.name).payload()
            )
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("the installer could not be welcomed", why=type(error).__name__)
            return False
        return True

    def _refuse(self, why: str) -> Response:
        return self._show(_refusal(why))

    def _show(self, shown: _Shown) -> Response:
        return self._render(shown.template, status=shown.status, **shown.values)


def _refusal(why: str, *, status: int = 400) -> _Shown:
    return _Shown("refused.html", {"heading": "Nothing was installed", "why": why, "hint": _HINT}, status)


def _read(stored: str) -> _Shown | None:
    return _Shown(**json.loads(stored)) if stored else None


def _fields(answer: AsyncSlackResponse) -> dict[str, Any]:
    return answer.data if isinstance(answer.data, dict) else {}


def installation_from(granted: dict[str, Any], who: dict[str, Any]) -> Installation:
    """Return the answers of `oauth.v2.access` and `auth.test` as one Installation."""
    org_wide = granted.get("is_enterprise_install") is True
    # Org-wide installations have no team.
    place = (granted.get("enterprise") if org_wide else granted.get("team")) or {}
    return Installation(
        slack_id=str(place["id"]),
        is_enterprise=org_wide,
        name=str(place.get("name") or ""),
        domain=str(who.get("url") or ""),
        app_id=str(granted.get("app_id") or ""),
        bot_user_id=str(granted.get("bot_user_id") or ""),
        bot_id=str(who.get("bot_id") or ""),
        bot_scopes=str(granted.get("scope") or ""),
        installed_by=str((granted.get("authed_user") or {}).get("id") or ""),
        bot_token=str(granted["access_token"]),
        bot_refresh_token=granted.get("refresh_token"),
        bot_token_expires_in=granted.get("expires_in"),
    )
