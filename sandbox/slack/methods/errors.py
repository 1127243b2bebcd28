"""A refusal of Slack's, by the word that apps see."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """`{"ok": false, "error": …}`; `more` are further fields of that answer."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


class RateLimited(Exception):
    """HTTP 429; try again after so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class NotSimulated(Exception):
    """The real Slack would do this; the sandbox does not, and says so with 501."""
