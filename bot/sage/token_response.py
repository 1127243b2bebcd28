"""Sage ID's token responses, without I/O: a token pair, or a SageIdError."""

from __future__ import annotations

import base64
import json
import math
import re

from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import (
    AppRefused,
    ClientRefused,
    ConnectError,
    GrantRefused,
    NoOfflineAccess,
    SageIdError,
    SageIdUnavailable,
    SignInDeclined,
    SignInFailed,
    SignInRefused,
)

_LIFETIME_UNSAID = 600
_LONGEST_LIFETIME = 30 * 24 * 3600
# What can't stand in a header must not reach one: the HTTP library's error would quote it.
_TOKEN = re.compile(r"[!-~]{1,16384}")
_APP_FAULTS = {"invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "invalid_client"}
_OWN_FAULTS = {"server_error", "temporarily_unavailable"}
_LASTING = "offline_access"
_CLIENT_FAULTS = ("invalid_client", "unauthorized_client")


def tokens_from(body: bytes, refresh_token: str | None = None) -> OAuthTokens:
    """Return the token pair of an answer; without a new refresh token the old one goes on (RFC 6749 §6).

    A first pair (no `refresh_token` given) is refused with NoOfflineAccess where Sage ID granted no lasting access, and
    with SageIdUnavailable where the token is of another type than a bearer.
    """
    answer = _object(body)
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or refresh_token
    if refresh_token is None:  # a pair from a refresh is kept whatever it says: the one before may be dead already
        _require_lasting(answer)
    return OAuthTokens(
        _token(access), _token(refresh), _lifetime(answer.get("expires_in")), _subject(answer.get("id_token"))
    )


def callback_refusal(error: str, description: str) -> ConnectError:
    """Return what a callback without a code means (RFC 6749 §4.1.2.1); neither text is shown to anybody."""
    if error == "access_denied":
        # A cancel and a tenant's own rule share this code. The text of a cancel is Auth0's, on which Sage ID stands.
        cancelled = not description or "did not authorize" in description.casefold()
        return SignInDeclined() if cancelled else SignInRefused()
    if error in _APP_FAULTS:
        return AppRefused()
    if error in _OWN_FAULTS:
        return SignInFailed()
    return SignInRefused()


def refusal(status: int, body: bytes, *, retry_after: float | None = None) -> SageIdError:
    """Return the error for a status other than 2xx; only what is surely final is a permanent error.

    A gateway's 5xx may hide that Sage ID did what was asked, so its answer counts as lost.
    """
    unavailable = SageIdUnavailable(answer_lost=status >= 500, retry_after=retry_after)
    try:
        fault = _object(body).get("error")
    except SageIdUnavailable:
        return unavailable
    if fault == "invalid_grant" and status in {400, 401, 403}:
        return GrantRefused()
    if status in {400, 401, 403} and (fault in _CLIENT_FAULTS or (status == 401 and fault == "access_denied")):
        return ClientRefused()
    return unavailable


def _token(value: object) -> str:
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise SageIdUnavailable(answer_lost=True)
    return value


def _require_lasting(answer: dict[str, object]) -> None:
    _token(answer.get("access_token"))
    scope = answer.get("scope")  # left out where it is what was asked for (RFC 6749 §5.1)
    granted = scope.split() if isinstance(scope, str) and scope.strip() else [_LASTING]
    if not answer.get("refresh_token") or _LASTING not in granted:
        raise NoOfflineAccess
    kind = answer.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.casefold() != "bearer":
        raise SageIdUnavailable(answer_lost=True)


def _lifetime(value: object) -> int:
    """Return whole seconds; the number may come as a number or a text, with or without decimals."""
    # Throwing a new pair away over a missing number would end the sign-in, so its life is taken to be short instead.
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _LIFETIME_UNSAID
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return _LIFETIME_UNSAID
    if not 1 <= seconds < math.inf:
        return _LIFETIME_UNSAID
    return int(min(seconds, _LONGEST_LIFETIME))


def _subject(id_token: object) -> str:
    """Return the subject of the ID token, which is used only to compare sign-ins."""
    try:
        # Not verified: the token came from Sage ID itself over TLS (OpenID Connect Core §3.1.3.7, point 6).
        claims = json.loads(base64.urlsafe_b64decode(str(id_token).split(".")[1] + "=="))
        return str(claims["sub"])[:255]
    except (LookupError, ValueError, TypeError):
        return ""


def _object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise SageIdUnavailable(answer_lost=True) from None
    if not isinstance(answer, dict):
        raise SageIdUnavailable(answer_lost=True)
    return answer
