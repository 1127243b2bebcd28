"""The parser of how long a subscription is silent: `3d`, `2 hours`, `until friday`, `until 2026-03-09`, `off`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.command_names import CUSTOMER
from bot.domain.schedule import DAYS
from bot.errors import BadQuestion

MUTE_EXAMPLE = "Try `/sage mute 3 2d`, `/sage mute 3 until friday` or `/sage mute 3 off`."
LONGEST = timedelta(days=92)
_FOR = re.compile(r"(?:for\s+)?(\d{1,4})\s*(h|hours?|d|days?|w|weeks?)")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_OFF = {"off", "end", "stop", "none"}


def parse_mute(words: str, *, zone: str, now: datetime) -> datetime | None:
    """Return the moment at which the silence ends, in UTC; None for "off". A day means its beginning in the zone.

    Raises BadQuestion.
    """
    text = " ".join(words.casefold().split())
    if text in _OFF:
        return None
    span = _FOR.fullmatch(text)
    until = now + int(span[1]) * _UNITS[span[2][0]] if span else _day(text, words, zone=zone, now=now)
    if not now < until <= now + LONGEST:
        raise BadQuestion("Alerts can be muted for up to three months from now.", typed=words, hint=MUTE_EXAMPLE)
    return until


def parse_snooze(words: str, *, zone: str, now: datetime) -> datetime | None:
    """Return the moment at which the snooze of a customer ends, a week from now without words; None for "off".

    Raises BadQuestion.
    """
    try:
        return parse_mute(words or "1w", zone=zone, now=now)
    except BadQuestion as error:
        hint = f"Try `{CUSTOMER} ABS001 snooze 7d`, `snooze until friday` or `snooze off`; `here` for the channel."
        raise BadQuestion(error.message, typed=words, hint=hint) from None


def _day(text: str, words: str, *, zone: str, now: datetime) -> datetime:
    """Return the beginning of the day that is named."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    named = text.removeprefix("until ").removeprefix("till ").strip()
    ahead = [today + timedelta(days=count) for count in range(1, 8)]
    for day in ahead:
        name = DAYS[day.weekday()].casefold()
        if named in {name, name[:3]} or (named == "tomorrow" and day == ahead[0]):
            return _beginning(day, local)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", named):
        return _beginning(_date(named, words), local)
    raise BadQuestion("That isn't a length of time.", typed=words, hint=MUTE_EXAMPLE)


def _date(named: str, words: str) -> date:
    try:
        return date.fromisoformat(named)
    except ValueError:
        raise BadQuestion("There is no such day.", typed=words, hint=MUTE_EXAMPLE) from None


def _beginning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
