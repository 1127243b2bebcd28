"""How often, how long and why an account was on hold, as far as this app has watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.hold_episode import HoldEpisode
from bot.features.customers.model.lookup import CustomerCard

_A_YEAR = timedelta(days=365)
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay on hold, and who put the account on hold and released it here; None: it was done in Sage 200."""

    episode: HoldEpisode
    opened_by: str | None = None
    closed_by: str | None = None


@dataclass(frozen=True, slots=True)
class HoldHistory:
    """The stays on hold of a customer, the latest first. `watched_since`: nothing is known of the time before."""

    card: CustomerCard
    stays: tuple[Stay, ...]
    watched_since: datetime | None
    now: datetime
    zone: tzinfo

    @property
    def lately(self) -> tuple[Stay, ...]:
        """Return the stays that lasted into the last 12 months."""
        begin = self.now - _A_YEAR
        return tuple(each for each in self.stays if (each.episode.closed_at or self.now) >= begin)

    @property
    def this_year(self) -> int:
        """Return how many stays began or lasted on since 1 January."""
        first = self.day(self.now).replace(month=1, day=1)
        return sum(self.day(each.episode.closed_at or self.now) >= first for each in self.stays)

    @property
    def days_lately(self) -> int:
        """Return on how many days of the last 12 months the account was on hold; each day once."""
        return days_held(
            [each.episode for each in self.stays], since=self.now - _A_YEAR, until=self.now, zone=self.zone
        )

    @property
    def is_whole_year(self) -> bool:
        """Return whether the app has watched for 12 months."""
        return self.watched_since is not None and self.watched_since <= self.now - _A_YEAR

    def day(self, moment: datetime) -> date:
        """Return the day of a moment in the workspace's time zone."""
        return moment.astimezone(self.zone).date()


def days_held(episodes: Sequence[HoldEpisode], *, since: datetime, until: datetime, zone: tzinfo) -> int:
    """Return the nights within a span of time that the episodes lasted over; those that two share count once."""
    nights: set[date] = set()
    for each in episodes:
        first = max(each.opened_at, since).astimezone(zone).date()
        last = min(each.closed_at or until, until).astimezone(zone).date()
        nights |= {first + timedelta(days=after) for after in range((last - first).days)}
    return len(nights)
