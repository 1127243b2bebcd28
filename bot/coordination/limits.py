"""How often one member, and one workspace, may ask: every number and its reason.

Questions are counted in this process's memory; what lasts, requests and subscriptions, in the database.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cachetools import TLRUCache

from bot.errors import TooMany

_MOST_COUNTED = 100_000  # windows that have not ended; beyond that the longest silent are forgotten


class Limited(StrEnum):
    """What is limited. The value is told to people: “You have … 60 times within a minute”."""

    ASKED = "asked"
    TYPED = "typed"
    OPENED_HOME = "opened Home"
    LINK = "asked for a link"
    SHOWN_LINK = "been shown a link"
    CODE = "typed a code"


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many within the window: of a member, and of a workspace."""

    member: int
    workspace: int
    window: timedelta


_MINUTE, _TEN_MINUTES = timedelta(minutes=1), timedelta(minutes=10)
ALLOWANCES: Mapping[Limited, Allowance] = {
    # Commands, clicks, forms and messages. Nobody reads a card a second; a busy team of ten is far below.
    Limited.ASKED: Allowance(60, 600, _MINUTE),
    # One for each pause in typing.
    Limited.TYPED: Allowance(120, 1200, _MINUTE),
    # Slack reports each look at the tab.
    Limited.OPENED_HOME: Allowance(20, 200, _MINUTE),
    # A link lasts ten minutes, and a new one ends the older; a whole company may connect in one meeting.
    Limited.LINK: Allowance(5, 500, _TEN_MINUTES),
    # Every answer that fails for want of a sign-in has one; without, it has the button alone.
    Limited.SHOWN_LINK: Allowance(20, 500, _TEN_MINUTES),
    # Two whole sign-ins' worth of wrong codes.
    Limited.CODE: Allowance(10, 500, _TEN_MINUTES),
}
REQUESTS_AN_HOUR = 10
"""Release requests of a member: each is a message to everybody who decides."""
ASK_AGAIN_AFTER = timedelta(minutes=10)
"""After taking a request back: asked and withdrawn in turn, it would message those who decide without end."""
SUBSCRIPTIONS_OF_MEMBER, SUBSCRIPTIONS_OF_WORKSPACE = 50, 500
"""Each is compared with each change of its company, so one member may not use up the workspace's."""

SILENT = {Limited.TYPED, Limited.OPENED_HOME}
"""These are answered with nothing: an empty menu, Home as it was."""


@dataclass(slots=True)
class _Window:
    ends_at: datetime
    count: int = 0
    told: bool = False


class Limits:
    """Counts by member and by workspace in windows that begin with the first request. `times` widens every limit."""

    def __init__(self, times: float = 1.0) -> None:
        self._times = times
        self._now = 0.0
        self._windows: TLRUCache[tuple[str, ...], _Window] = TLRUCache(
            maxsize=_MOST_COUNTED, ttu=lambda _key, window, _now: window.ends_at.timestamp(), timer=lambda: self._now
        )

    def spend(self, what: Limited, *, workspace_id: str, user_id: str, now: datetime) -> None:
        """Count one. Raises TooMany, of which `is_news` says whether this member is told for the first time."""
        allowance, self._now = ALLOWANCES[what], now.timestamp()
        own = self._window((what, workspace_id, user_id), now, allowance.window)
        whole = self._window((what, workspace_id), now, allowance.window)
        # A member's own limit comes first, so that what is refused them costs their colleagues nothing.
        for window, most, who in ((own, allowance.member, "You have"), (whole, allowance.workspace, _ALL_HAVE)):
            if window.count >= max(1, int(most * self._times)):
                is_news, own.told = not own.told, True
                raise TooMany(
                    f"{who} {what} {window.count} times within {_words(allowance.window)}.",
                    hint=try_again(window.ends_at - now),
                    is_news=is_news,
                )
        own.count += 1
        whole.count += 1

    def _window(self, key: tuple[str, ...], now: datetime, length: timedelta) -> _Window:
        window = self._windows.get(key)
        if window is None:
            self._windows[key] = window = _Window(now + length)
        return window


_ALL_HAVE = "The people of this workspace have together"


def try_again(after: timedelta) -> str:
    """Return the sentence that says when."""
    return f"Try again in {_words(after)}."


def _words(length: timedelta) -> str:
    seconds = max(1, math.ceil(length.total_seconds()))
    if seconds < 60:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
