"""How fast an app may post: about one message a second in a channel, with a short burst."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.slack.limits import POSTS_BURST
from sandbox.slack.methods.errors import RateLimited


@dataclass(slots=True)
class Posting:
    """A bucket for each channel; switched off unless `is_limited`."""

    is_limited: bool = False
    _full_at: dict[tuple[str, str], float] = field(default_factory=dict)

    def spend(self, channel: str, *, team: str, now: datetime) -> None:
        """One message. Raises RateLimited."""
        if not self.is_limited:
            return
        moment, key = now.timestamp(), (team, channel)
        owed = max(0.0, self._full_at.get(key, 0.0) - moment)
        if owed > POSTS_BURST - 1:
            raise RateLimited(max(1, math.ceil(owed - POSTS_BURST + 1)))
        self._full_at[key] = moment + owed + 1
