"""What Sage ID answers, without I/O: a pair of tokens, or a SageIdError."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from bot.errors import ClientRefused, GrantRefused, SageIdError, SageIdUnavailable

_LIFETIME_UNSAID = 600
_LONGEST_LIFETIME = 30 * 24 * 3600
# What can't stand in a header must not reach one: the HTTP library would quote it in its complaint.
_TOKEN = re.compile(r"[!-~]{1,16384}")
_CLIENT_FAULTS = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One answer of Sage ID; `expires_in` is the access token's life in seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


def tokens(body: bytes, refresh_token: str | None = None) -> Tokens:
    """The pair in an answer; `refresh_token` goes on where the answer brings no new one (RFC 6749 §6)."""
    answer = _object(body)
    access, refresh = answer.get("access_token"), answer.get("refresh_token") or refresh_token
    return Tokens(_token(access), _token(refresh), _lifetime(answer.get("expires_in")))


def refusal(status: int, body: bytes) -> SageIdError:
    """What a status other than 2xx means; only what is surely final is a permanent error."""
    try:
        fault = _object(body).get("error")
    except SageIdUnavailable as unreadable:
        return unreadable
    if fault == "invalid_grant" and status in {400, 401, 403}:
        return GrantRefused()
    if status in {400, 401, 403} and (fault in _CLIENT_FAULTS or (status == 401 and fault == "access_denied")):
        return ClientRefused()
    return SageIdUnavailable()


def _token(value: object) -> str:
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise SageIdUnavailable
    return value


def _lifetime(value: object) -> int:
    # Throwing a new pair away over a missing number would end the sign-in, so its life is taken to be short instead.
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return _LIFETIME_UNSAID
    return min(value, _LONGEST_LIFETIME)


def _object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise SageIdUnavailable from None
    if not isinstance(answer, dict):
        raise SageIdUnavailable
    return answer
