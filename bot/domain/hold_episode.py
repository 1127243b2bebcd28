"""Hold episodes: how long an account has been on hold and why, which Sage doesn't record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from bot.domain.changes import ACCOUNT_DELETED, Snapshot, reason_given


@dataclass(frozen=True, slots=True)
class HoldEpisode:
    """One episode on hold. `already_held`: on hold when first seen, so the days are "at least"."""

    opened_at: datetime
    closed_at: datetime | None = None
    reason: str = ""
    ending: str = ""
    already_held: bool = False

    def days_held(self, now: datetime, zone: tzinfo) -> int:
        """Return whole calendar days in `zone`, up to the release or `now`: since yesterday evening is one day."""
        until = self.closed_at or now
        return (until.astimezone(zone).date() - self.opened_at.astimezone(zone).date()).days


def follow(
    episode: HoldEpisode | None, before: Snapshot | None, after: Snapshot | None, seen_at: datetime
) -> HoldEpisode | None:
    """Return the episode after a reading: opened, closed, or with its latest reason; None when there is none."""
    if episode is None or episode.closed_at is not None:
        if after is None or not after.on_hold:
            return None
        return HoldEpisode(seen_at, reason=after.status_reason or "", already_held=before is None)
    if after is None:
        return replace(episode, closed_at=seen_at, ending=ACCOUNT_DELETED)
    if not after.on_hold:
        return replace(episode, closed_at=seen_at, ending=reason_given(before or after, after))
    return replace(episode, reason=after.status_reason or episode.reason)
