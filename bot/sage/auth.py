"""A client of Sage ID: the sign-in link, the code and refresh exchanges, and the bearer on requests to Sage 200."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote, urlencode

import httpx
import structlog
from cachetools import TTLCache

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import ClientRefused, NoOfflineAccess, SageIdError, SageIdUnavailable
from bot.observability.metrics import SAGE_ID_SECONDS, observed
from bot.sage.protocol import seconds_of
from bot.sage.token_response import refusal, tokens_from

__all__ = ["TOKEN_TIMEOUT", "SageAuth", "SageId", "SignIn", "TokenSource"]

TOKEN_TIMEOUT = 5.0
"""Seconds that one request to Sage ID may take in all; a refresh lease must last longer."""

# Sage ID can't have seen these; after anything else it may have answered, and the answer is lost.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_AUDIENCE = "s200ukipd/sage200"
_SCOPE = "openid profile email offline_access"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in link, and the state and verifier that must come back."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str = field(repr=False)


class SageId:
    """Sage ID's OAuth endpoints. Every method but `revoke` raises SageIdError; nothing is ever retried here."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        uses_pkce: bool = True,
        timeout: float = TOKEN_TIMEOUT,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._redirect_uri = redirect_uri
        self._uses_pkce = uses_pkce
        self._timeout = timeout
        self._logged: TTLCache[str, bool] = TTLCache(maxsize=1, ttl=300)

    def sign_in(self, *, state: str = "", verifier: str = "") -> SignIn:
        """Return an authorisation link, with its own state and PKCE verifier unless given. No request is made."""
        state, verifier = state or secrets.token_urlsafe(32), verifier or secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "audience": _AUDIENCE,
            "client_id": self._client["client_id"],
            "response_type": "code",
            "redirect_uri": self._redirect_uri,
            "scope": _SCOPE,
            "state": state,
            **({"code_challenge": challenge, "code_challenge_method": "S256"} if self._uses_pkce else {}),
        }
        return SignIn(f"{self._base_url}/authorize?{urlencode(query, quote_via=quote)}", state, verifier)

    async def exchange(self, *, code: str, verifier: str) -> OAuthTokens:
        """Exchange the authorization code of a finished sign-in for the first pair. Raises NoOfflineAccess too."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect_uri}
        proof = {"code_verifier": verifier} if self._uses_pkce else {}
        answer = await self._post("/oauth/token", {**form, **proof})
        try:
            return tokens_from(answer)
        except NoOfflineAccess:
            log.error("Sage ID granted no offline access; is it allowed for SAGE_CLIENT_ID?")  # noqa: TRY400
            raise

    async def refresh(self, refresh_token: str) -> OAuthTokens:
        """Exchange a refresh token for a new pair. The caller must store the pair before anybody uses it."""
        # One POST, never repeated: Sage may retire the old token at once. Sage's guide lists the return address among
        # what a refresh must send.
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "redirect_uri": self._redirect_uri}
        return tokens_from(await self._post("/oauth/token", form), refresh_token)

    async def revoke(self, refresh_token: str) -> bool:
        """Revoke the sign-in at Sage ID. Return False, logged, on failure."""
        try:
            # Best effort: Sage doesn't document the endpoint.
            await self._post("/oauth/revoke", {"token": refresh_token})
        except SageIdError as error:
            log.warning("sign-in not revoked", why=type(error).__name__)
            return False
        return True

    async def _post(self, path: str, form: Mapping[str, str]) -> bytes:
        with observed(SAGE_ID_SECONDS):
            return await self._posted(path, form)

    async def _posted(self, path: str, form: Mapping[str, str]) -> bytes:
        request = self._http.build_request(
            "POST",
            self._base_url + path,
            data={**form, **self._client},
            headers={"Accept": "application/json"},
            timeout=self._timeout,
        )
        # The HTTP client is shared by everybody; its cookie jar must not carry one person's session to the next.
        request.headers.pop("Cookie", None)
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.send(request, follow_redirects=False, auth=None)
        except _NEVER_SENT as error:
            raise SageIdUnavailable from error
        except (httpx.RequestError, TimeoutError) as error:
            raise SageIdUnavailable(answer_lost=True) from error
        if not response.is_success:
            pause = seconds_of(response.headers.get("retry-after", ""), datetime.now(UTC))
            refused = refusal(response.status_code, response.content, retry_after=pause)
            if isinstance(refused, ClientRefused):
                self._log_own_refusal()
            raise refused
        return response.content

    def _log_own_refusal(self) -> None:
        """Log that Sage ID refuses this app's credentials, at most once in five minutes."""
        if "refused" not in self._logged:
            self._logged["refused"] = True
            log.error("Sage ID refuses this app's own credentials: check SAGE_CLIENT_ID and SAGE_CLIENT_SECRET")


class TokenSource(Protocol):
    """The source of a connection's access tokens. Both methods raise NotConnected, ReconnectNeeded or SageIdError."""

    async def current(self) -> str:
        """Return an access token believed good, refreshed first if it is stale."""
        ...

    async def refreshed(self, refused: str) -> str:
        """Return another access token than the one that Sage just refused with a 401."""
        ...


class SageAuth(httpx.Auth):
    """The bearer of a request; after a 401, one refresh and one repeat."""

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Raise RuntimeError: tokens are read by async code only."""
        raise RuntimeError("SageAuth needs an httpx.AsyncClient")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request with a bearer, and once more with a new one after a 401."""
        # Shielded: a request may be cancelled, a refresh may not, or the new refresh token is lost.
        access = await asyncio.shield(self._tokens.current())
        request.headers["Authorization"] = f"Bearer {access}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            access = await asyncio.shield(self._tokens.refreshed(access))
            request.headers["Authorization"] = f"Bearer {access}"
            yield request
