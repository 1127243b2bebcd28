"""OAuth token pairs, and when to refresh them or try again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MARGIN = timedelta(minutes=15)
"""How long before its end an access token is refreshed, so that nobody waits for it."""

_JITTER = timedelta(minutes=5)
_HOPE = timedelta(minutes=1)
_SHORTEST, _LONGEST = timedelta(seconds=30), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class OAuthTokens:
    """A token pair as answered; `expires_in` is the access token's life in seconds.

    `subject` is the user's id at Sage ID, empty where it was not given.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    subject: str = field(default="", repr=False)


def refresh_at(expires_at: datetime, *, now: datetime, spread: float) -> datetime:
    """Return when to refresh a token; `spread` (0 to 1) keeps many tokens from falling due at one moment."""
    # A token that lives less than an hour is refreshed for its last quarter.
    margin = min(MARGIN + spread * _JITTER, (expires_at - now) / 4)
    return expires_at - margin


def try_again_at(now: datetime, *, failures: int, spread: float, pause: float | None = None) -> datetime:
    """Return the next try after `failures` earlier ones: half a minute, doubling to 15 minutes, or `pause` seconds."""
    wait: timedelta = min(_LONGEST, _SHORTEST * (1 << min(failures, 10)))
    asked = timedelta(seconds=pause or 0)
    return now + max(asked, wait * (0.75 + spread / 2))


def ask_again_at(now: datetime, *, began_at: datetime) -> datetime | None:
    """Return when to ask again after a lost answer, within seconds; None a minute after it was lost."""
    # The old token may still work: the service's overlap counts from the lost answer. Sage ID's length is undocumented.
    since = max(timedelta(), now - began_at)
    return now + min(max(timedelta(seconds=1), since / 4), timedelta(seconds=3)) if since < _HOPE else None


def refresh_ends(connected_at: datetime, refreshed_at: datetime, *, life: timedelta, sliding: bool | None) -> datetime:
    """Return when the refresh token ends, as far as can be known."""
    # Sage leaves open whether its 90 days count from the sign-in or from the last refresh. `sliding` says; without it
    # they count from the sign-in until a refresh beyond that end has shown otherwise.
    outlived = refreshed_at >= connected_at + life
    return (refreshed_at if sliding or (sliding is None and outlived) else connected_at) + life


def warning_due(ends_at: datetime, *, now: datetime, warnings: tuple[int, ...] = (14, 7, 1)) -> int | None:
    """Return the most urgent warning (days before the end) that is due; None before the first or after the end."""
    if now >= ends_at:
        return None
    reached = [days for days in warnings if ends_at - now <= timedelta(days=days)]
    return min(reached) if reached else None
