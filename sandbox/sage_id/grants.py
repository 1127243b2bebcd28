"""Codes and tokens: what has been given out, what it is good for, and when it dies."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

CODE_LIFETIME = timedelta(seconds=60)
ACCESS_SECONDS = 28800
REFRESH_LIFETIME = timedelta(days=90)  # Sage's longest; counted from the sign-in, the stricter of the two readings
DEAD_REFRESH = "Unknown or invalid refresh token."


class Refused(Exception):
    """What the token endpoint answers instead of tokens."""

    def __init__(self, error: str, description: str = "", *, status: int = 403) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(slots=True)
class _Family:
    """Everything that came from one sign-in. Dead means no renewal; access tokens run out by themselves."""

    email: str
    began: datetime
    renewed: datetime
    generation: int = 0
    alive: bool = True


@dataclass(frozen=True, slots=True)
class _Code:
    email: str
    redirect_uri: str
    challenge: str | None
    expires_at: datetime


@dataclass(slots=True)
class _Refresh:
    sign_in_id: _Family
    generation: int
    rotated_at: datetime | None = None


@dataclass(slots=True)
class _Access:
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """A fresh access and refresh token, and whose they are."""

    access: str
    refresh: str
    email: str


class Grants:
    """The state behind the sign-in service. Every moment comes from the clock it is given.

    Not documented for Sage's tenant, so to be set: how long the previous refresh token still works, both lifetimes,
    whether a renewal begins the refresh lifetime anew, and whether revoking one refresh token ends every sign-in of
    that person (Auth0's "Refresh Token Revocation Deletes Grant", which older tenants have on).
    """

    def __init__(self, *, clock: Callable[[], datetime], overlap_seconds: float = 0) -> None:
        self.overlap_seconds = overlap_seconds
        self.access_seconds = ACCESS_SECONDS
        self.refresh_lifetime = REFRESH_LIFETIME
        self.refresh_is_sliding = False
        self.revocation_deletes_grant = True
        self._now = clock
        self._codes: dict[str, _Code] = {}
        self._spent: dict[str, _Family | None] = {}
        self._refresh: dict[str, _Refresh] = {}
        self._access: dict[str, _Access] = {}

    def code(self, email: str, *, redirect_uri: str, challenge: str | None) -> str:
        """A single-use code that lives for a minute."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(email, redirect_uri, challenge, self._now() + CODE_LIFETIME)
        return code

    def redeem(self, code: str, *, redirect_uri: str, verifier: str | None) -> Pair:
        """Tokens for a code. The first attempt spends the code; a second one kills what the first produced."""
        self._refuse_spent(code)
        given = self._codes.pop(code, None)
        if given is None:
            raise Refused("invalid_grant", "Invalid authorization code")
        self._spent[code] = None
        if given.expires_at <= self._now():
            raise Refused("invalid_grant", "Invalid authorization code")
        if given.redirect_uri != redirect_uri:
            raise Refused("invalid_grant", "The redirect URI does not match the one of the authorization request")
        if not _verifies(given.challenge, verifier):
            raise Refused("invalid_grant", "Failed to verify code verifier")
        sign_in_id = self._spent[code] = _Family(given.email, self._now(), self._now())
        return self._issue(sign_in_id, generation=0)

    def _refuse_spent(self, code: str) -> None:
        if code not in self._spent:
            return
        sign_in_id = self._spent[code]
        if sign_in_id is not None:
            sign_in_id.alive = False
        raise Refused("invalid_grant", "Invalid authorization code")

    def renew(self, token: str) -> Pair:
        """The next pair. A token rotated before, but for the previous one in the overlap, kills its whole family."""
        held = self._refresh.get(token)
        if held is None or not self._is_live(held.sign_in_id):
            raise Refused("invalid_grant", DEAD_REFRESH)
        if held.rotated_at is not None and not self._overlaps(held, held.rotated_at):
            held.sign_in_id.alive = False
            raise Refused("invalid_grant", DEAD_REFRESH)
        held.rotated_at = held.rotated_at or self._now()
        return self._issue(held.sign_in_id, generation=held.generation + 1)

    def forget(self, token: str) -> None:
        """End the family of a refresh token, or the whole grant; an unknown token is no error (RFC 7009)."""
        held = self._refresh.get(token)
        if held is None:
            return
        held.sign_in_id.alive = False
        if self.revocation_deletes_grant:
            self._end_families(held.sign_in_id.email)

    def email_for(self, access: str) -> str | None:
        """Whose access token this is, while it is good."""
        held = self._access.get(access)
        return held.email if held is not None and held.expires_at > self._now() else None

    def expire_access(self, email: str) -> None:
        """Run out every access token of this person now."""
        for held in self._access.values():
            if held.email == email:
                held.expires_at = self._now()

    def revoke(self, email: str) -> None:
        """End every sign-in of this person, access tokens included."""
        self.expire_access(email)
        self._end_families(email)

    def is_signed_in(self, email: str) -> bool:
        """Whether some refresh token of this person could still be renewed."""
        families = (held.sign_in_id for held in self._refresh.values() if held.rotated_at is None)
        return any(sign_in_id.email == email and self._is_live(sign_in_id) for sign_in_id in families)

    def _end_families(self, email: str) -> None:
        for held in self._refresh.values():
            if held.sign_in_id.email == email:
                held.sign_in_id.alive = False

    def _is_live(self, sign_in_id: _Family) -> bool:
        since = sign_in_id.renewed if self.refresh_is_sliding else sign_in_id.began
        return sign_in_id.alive and self._now() < since + self.refresh_lifetime

    def _overlaps(self, held: _Refresh, rotated_at: datetime) -> bool:
        is_previous = held.generation == held.sign_in_id.generation - 1
        return is_previous and self._now() < rotated_at + timedelta(seconds=self.overlap_seconds)

    def _issue(self, sign_in_id: _Family, *, generation: int) -> Pair:
        pair = Pair(secrets.token_urlsafe(32), secrets.token_urlsafe(32), sign_in_id.email)
        sign_in_id.generation = max(sign_in_id.generation, generation)
        sign_in_id.renewed = self._now()
        self._access[pair.access] = _Access(sign_in_id.email, self._now() + timedelta(seconds=self.access_seconds))
        self._refresh[pair.refresh] = _Refresh(sign_in_id, generation)
        return pair


def _verifies(challenge: str | None, verifier: str | None) -> bool:
    """RFC 7636; a verifier without a challenge is refused too, for it means the challenge was stripped on the way."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
