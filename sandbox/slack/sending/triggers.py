"""Trigger ids: three seconds, once, for one person."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.slack.limits import TRIGGER_SECONDS
from sandbox.slack.methods.errors import SlackError


@dataclass(slots=True)
class Trigger:
    """Who did something, and where."""

    user: str
    team: str
    expires_at: datetime
    entity: dict[str, Any] | None = None
    is_spent: bool = False


class Triggers:
    """All that were ever handed out."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._now = clock
        self._given = 0
        self._known: dict[str, Trigger] = {}

    def new(self, *, user: str, team: str, named: str | None = None, entity: dict[str, Any] | None = None) -> str:
        """A fresh one, or the one that a test names."""
        self._given += 1
        identity = named or f"{self._given}.{int(self._now().timestamp())}.{secrets.token_hex(8)}"
        self._known[identity] = Trigger(user, team, self._now() + timedelta(seconds=TRIGGER_SECONDS), entity)
        return identity

    def spend(self, identity: str) -> Trigger:
        """Exchange it. Refused when unknown, exchanged already, or older than three seconds."""
        trigger = self._known.get(identity)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_spent:
            raise SlackError("exchanged_trigger_id")
        if trigger.expires_at <= self._now():
            raise SlackError("expired_trigger_id")
        trigger.is_spent = True
        return trigger
