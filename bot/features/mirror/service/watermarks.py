"""Watermarks: up to which moment of Sage's clock a company was read, and when it is read again."""

from __future__ import annotations

from datetime import datetime, time, timedelta

# Sage stamps a change when made and shows it when committed: the next read must reach back.
OVERLAP = timedelta(minutes=2)
# A server that stamps local time goes back by an hour when summer time ends, a corrected clock by some minutes. What is
# changed then is stamped below the watermark, so the stamps of the last hour are compared in every read.
LOOK_BACK = timedelta(minutes=65)
# A stamp far ahead of us is a mistake, and as a watermark would hide everything until then. An hour is a clock in BST.
_AHEAD = timedelta(hours=2)
_SHORTEST_OUTAGE = timedelta(minutes=15)
_FULL_READ = timedelta(minutes=15)
_LONGEST_BACK_OFF = timedelta(minutes=15)
_NIGHT = 1  # o'clock, UTC; the companies are spread over the four hours from then


def first_watermark(latest: datetime | None, *, now: datetime) -> datetime:
    """Return the first watermark: the latest stamp in Sage, so the two clocks needn't agree."""
    return latest if latest is not None and latest <= now + _AHEAD else now - timedelta(days=1)


def advance(watermark: datetime, latest: datetime | None, *, elapsed: timedelta, now: datetime) -> datetime:
    """Return the next watermark: never later than Sage's clock stood when the read began."""
    # Sage's clock stood at `watermark` or later at the last read, and has gone on for as long as ours since.
    passed = watermark + max(elapsed, timedelta(0))
    return max(passed, latest) if latest is not None and latest <= now + _AHEAD else passed


def lower(watermark: datetime | None, latest: datetime | None) -> datetime | None:
    """Return the watermark, or Sage's latest stamp where that is earlier: its clock or its database was set back."""
    return latest if watermark is not None and latest is not None and latest < watermark else watermark


def is_outage(*, seen_until: datetime, now: datetime, interval: timedelta) -> bool:
    """Return whether nothing was read for so long that changes are told as one report instead of single alerts."""
    return now - seen_until > max(_SHORTEST_OUTAGE, 3 * interval)


def back_off(failures: int, *, interval: timedelta, asked: float | None) -> timedelta:
    """Return how long to leave Sage alone after `failures`; `asked` are the seconds that Sage asked for."""
    doubled: int = 2 ** min(failures, 10)
    wait = min(interval * doubled, max(interval, _LONGEST_BACK_OFF))
    return max(wait, timedelta(seconds=asked or 0))


def full_interval(interval: timedelta) -> timedelta:
    """Return the interval of full reads where only they find changes."""
    return max(interval, _FULL_READ)


def next_night(company_pk: int, *, now: datetime) -> datetime:
    """Return the time of the next nightly full read, spread over companies."""
    start = datetime.combine(now.date(), time(_NIGHT), tzinfo=now.tzinfo) + timedelta(minutes=company_pk * 37 % 240)
    return start if start > now else start + timedelta(days=1)
