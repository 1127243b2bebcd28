"""Installations: codes that are spent once, and the bot tokens they bring."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.slack.limits import CODE_MINUTES, TOKEN_SECONDS
from sandbox.slack.methods.errors import SlackError


@dataclass(slots=True, repr=False)
class Grant:
    """The app installed in one workspace or organisation (`place`)."""

    token: str
    place: str
    scopes: tuple[str, ...]
    installer: str
    is_live: bool = True
    refresh: str = ""
    expires_at: datetime | None = None
    error: str = "token_revoked"  # what a dead one is answered: account_inactive where the app was taken out


@dataclass(slots=True, repr=False)
class _Code:
    place: str
    scopes: tuple[str, ...]
    installer: str
    redirect_uri: str
    expires_at: datetime
    is_spent: bool = field(default=False)


class Grants:
    """Who granted what. Every moment comes from the clock it is given. `rotates`: tokens last twelve hours."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self.rotates = False
        self.rotations: list[str] = []  # how each use of a refresh token ended
        self._now = clock
        self._codes: dict[str, _Code] = {}
        self._grants: dict[str, Grant] = {}

    def code(self, place: str, *, scopes: Iterable[str], installer: str, redirect_uri: str) -> str:
        """What the browser carries back to the app."""
        code = secrets.token_urlsafe(16)
        until = self._now() + timedelta(minutes=CODE_MINUTES)
        self._codes[code] = _Code(place, tuple(scopes), installer, redirect_uri, until)
        return code

    def redeem(self, code: str, *, redirect_uri: str) -> Grant:
        """The installation for a code, once."""
        given = self._codes.get(code)
        if given is None or given.expires_at <= self._now():
            raise SlackError("invalid_code")
        if given.is_spent:
            raise SlackError("code_already_used")
        given.is_spent = True
        if given.redirect_uri != redirect_uri:
            raise SlackError("bad_redirect_uri")
        return self.issue(given.place, scopes=given.scopes, installer=given.installer)

    def issue(self, place: str, *, scopes: Iterable[str], installer: str) -> Grant:
        """Install; a second installation adds scopes and keeps the token, as at Slack."""
        held = self.of(place)
        if held is not None:
            held.scopes = tuple(sorted({*held.scopes, *scopes}))
            held.installer = installer
            return held
        return self._new(place, tuple(sorted(scopes)), installer)

    def rotate(self, refresh: str) -> Grant:
        """A new pair for a refresh token, which is spent by it; the access token from before runs out by itself."""
        held = next((each for each in self._grants.values() if refresh and each.refresh == refresh), None)
        if held is None or not held.is_live:
            self.rotations.append("invalid_refresh_token")
            raise SlackError("invalid_refresh_token")
        self.rotations.append("issued")
        held.refresh = ""
        return self._new(held.place, held.scopes, held.installer)

    def _new(self, place: str, scopes: tuple[str, ...], installer: str) -> Grant:
        grant = Grant(f"xoxb-sandbox-{secrets.token_hex(12)}", place, scopes, installer)
        if self.rotates:
            grant.token = f"xoxe.{grant.token}"
            grant.refresh = f"xoxe-sandbox-{secrets.token_hex(12)}"
            grant.expires_at = self._now() + timedelta(seconds=TOKEN_SECONDS)
        self._grants[grant.token] = grant
        return grant

    def of(self, place: str) -> Grant | None:
        """The live installation of exactly this workspace or organisation."""
        live = [each for each in self._grants.values() if each.place == place and each.is_live]
        return live[-1] if live else None

    def by_token(self, token: str) -> Grant | None:
        """Whose token this is, dead ones too."""
        grant = self._grants.get(token)
        if grant is not None and grant.expires_at is not None and grant.expires_at <= self._now():
            raise SlackError("token_expired")
        return grant

    def revoke(self, place: str, *, error: str = "token_revoked") -> None:
        """The token is dead from here on."""
        for held in self._grants.values():
            if held.place == place and held.is_live:
                held.error = error
                held.is_live = False
