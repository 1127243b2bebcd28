"""Installation by OAuth v2: the page that asks, and the code that is traded for a token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from sandbox.slack.grants import Grant
from sandbox.slack.limits import TOKEN_SECONDS
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.people import T_GRID
from sandbox.slack.state import APP_ID, State

_PAGES = Path(__file__).parent / "pages"
_TEMPLATES = Environment(loader=FileSystemLoader(_PAGES), autoescape=True)


class OAuth:
    """`redirect_uris` are those the app is registered with; they may be added to."""

    def __init__(self, state: State, *, client_id: str, client_secret: str, redirect_uris: list[str]) -> None:
        self.redirect_uris = redirect_uris
        self._state = state
        self._client_id = client_id
        self._client_secret = client_secret

    async def page(self, request: Request) -> Response:
        """`GET /oauth/v2/authorize`: which workspace, which scopes, allow or cancel."""
        given = dict(request.query_params)
        return self._refusal(given, request) or self._page(request, "allow.html", given=given, **self._offer(given))

    async def decide(self, request: Request) -> Response:
        """The page's form; the browser goes back to the app."""
        given = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        refusal = self._refusal(given, request)
        if refusal is not None:
            return refusal
        return RedirectResponse(f"{given['redirect_uri']}?{urlencode(self._decision(given))}", 302)

    def _decision(self, given: Mapping[str, str]) -> dict[str, str]:
        state = {"state": given.get("state", "")}
        workspace = self._state.workspaces.get(given.get("team", ""))
        if given.get("decision") != "allow" or workspace is None:
            return {"error": "access_denied", **state}
        code = self._state.grants.code(
            workspace.id,
            scopes=_scopes(given),
            installer=workspace.installer,
            redirect_uri=given["redirect_uri"],
        )
        return {"code": code, **state}

    def _offer(self, given: Mapping[str, str]) -> dict[str, Any]:
        # The branch belongs to its organisation, which installs for all of its workspaces at once.
        places = [place for place in self._state.workspaces.values() if place.id != T_GRID]
        return {"places": places, "scopes": _scopes(given), "chosen": given.get("team", places[0].id)}

    def _refusal(self, given: Mapping[str, str], request: Request) -> Response | None:
        why = ""
        if given.get("client_id") != self._client_id:
            why = "invalid_client_id: no app of that id"
        elif given.get("redirect_uri") not in self.redirect_uris:
            why = "bad_redirect_uri: the app is not registered with this address"
        elif not _scopes(given):
            why = "invalid_scope: the app asks for nothing"
        return self._page(request, "refused.html", status=400, given=given, why=why) if why else None

    def _page(
        self, request: Request, name: str, *, given: Mapping[str, str], status: int = 200, **more: Any
    ) -> Response:
        prefix = request.scope.get("root_path", "")
        html = _TEMPLATES.get_template(name).render(prefix=prefix, given=given, **more)
        # Browsers hold the redirect after a form to form-action too, so the app's origin belongs in it.
        back = urlsplit(given.get("redirect_uri", "")) if status == 200 else None
        forms = f"'self' {back.scheme}://{back.netloc}" if back else "'none'"
        policy = f"default-src 'none'; style-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
        return HTMLResponse(html, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})

    def check_client(self, given: Mapping[str, Any]) -> None:
        """The app must prove itself."""
        if given.get("client_id") != self._client_id:
            raise SlackError("invalid_client_id")
        if not hmac.compare_digest(str(given.get("client_secret", "")).encode(), self._client_secret.encode()):
            raise SlackError("bad_client_secret")

    def access(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """`oauth.v2.access`: a code, or a refresh token, for a bot token."""
        self.check_client(given)
        if given.get("grant_type") == "refresh_token":
            return self._granted(self._state.grants.rotate(str(given.get("refresh_token", ""))))
        redirect_uri = str(given.get("redirect_uri", ""))
        return self._granted(self._state.grants.redeem(str(given.get("code", "")), redirect_uri=redirect_uri))

    def _granted(self, grant: Grant) -> dict[str, Any]:
        place = self._state.workspaces[grant.place]
        named = {"id": place.id, "name": place.name}
        organisation = self._state.workspaces.get(place.enterprise_id)
        return {
            "ok": True,
            "app_id": APP_ID,
            "authed_user": {"id": grant.installer},
            "scope": ",".join(grant.scopes),
            "token_type": "bot",
            "access_token": grant.token,
            "bot_user_id": place.bot_user_id,
            "team": None if place.is_enterprise else named,
            "enterprise": {"id": organisation.id, "name": organisation.name} if organisation else None,
            "is_enterprise_install": place.is_enterprise,
            **({"refresh_token": grant.refresh, "expires_in": TOKEN_SECONDS} if grant.refresh else {}),
        }


def _scopes(given: Mapping[str, str]) -> list[str]:
    return [scope for scope in given.get("scope", "").replace(" ", ",").split(",") if scope]


async def stylesheet(_: Request) -> Response:
    """For the pages here."""
    return FileResponse(_PAGES / "slack.css", media_type="text/css")
