"""Up to which moment of Sage's own clock a ledger has been read, and when it is read again."""

from __future__ import annotations

from datetime import datetime, time, timedelta

# Sage stamps a change when it is made and shows it when it is committed: a later reading must reach back.
OVERLAP = timedelta(minutes=2)
# A stamp far ahead of us is a mistake, and as a mark would hide everything until then. An hour is a clock in BST.
_AHEAD = timedelta(hours=2)
_SHORTEST_OUTAGE = timedelta(minutes=15)
_FULL_READ = timedelta(minutes=15)
_LONGEST_BACK_OFF = timedelta(minutes=15)
_NIGHT = 1  # o'clock, UTC; the companies are spread over the four hours from then


def first(latest: datetime | None, *, now: datetime) -> datetime:
    """Where to begin: at the latest stamp there is, which needs no clock to agree with ours."""
    return latest if latest is not None and latest <= now + _AHEAD else now - timedelta(days=1)


def moved_on(mark: datetime, latest: datetime | None, *, elapsed: timedelta, now: datetime) -> datetime:
    """The next mark: no later than Sage's clock stood when we began to read, whatever it says.

    Sage's clock stood at `mark` or later at the last reading, and has gone on for as long as ours since.
    """
    passed = mark + max(elapsed, timedelta(0))
    return max(passed, latest) if latest is not None and latest <= now + _AHEAD else passed


def is_outage(*, seen_until: datetime, now: datetime, interval: timedelta) -> bool:
    """Whether we were blind for so long that what is seen now is a report, and no news."""
    return now - seen_until > max(_SHORTEST_OUTAGE, 3 * interval)


def back_off(failures: int, *, interval: timedelta, asked: float | None) -> timedelta:
    """How long to leave Sage alone after so many failures; `asked` are the seconds that it asked for itself."""
    doubled: int = 2 ** min(failures, 10)
    wait = min(interval * doubled, max(interval, _LONGEST_BACK_OFF))
    return max(wait, timedelta(seconds=asked or 0))


def full_interval(interval: timedelta) -> timedelta:
    """How often everything is read where that is the only way."""
    return max(interval, _FULL_READ)


def next_night(company_pk: int, *, now: datetime) -> datetime:
    """When everything is read to find what the increments can't: not all companies of a server at once."""
    start = datetime.combine(now.date(), time(_NIGHT), tzinfo=now.tzinfo) + timedelta(minutes=company_pk * 37 % 240)
    return start if start > now else start + timedelta(days=1)
