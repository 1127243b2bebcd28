"""What people type after `/sage audit`: dates, a person, a customer, a kind, and words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.schedule import DAYS
from bot.errors import BadQuestion
from bot.features.audit.model.hash_chain import ACCESS, CHANGES, AuditRow, has_words

EXAMPLE = "Try `/sage audit since 1 Nov`, `/sage audit 1 Nov to 7 Nov by @Anna`, `/sage audit reads customer ABS001`."
LONGEST = 200
READ, REFUSED = "read", "refused"

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY_NAMES = "|".join(f"{name[:3].lower()}(?:{name[3:].lower()})?" for name in DAYS)
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:\s+\d{{4}})?|{_MONTH}\s+\d{{1,2}}"
    rf"(?:\s+\d{{4}})?|\d{{1,2}}/\d{{1,2}}(?:/\d{{4}})?|today|yesterday|{_DAY_NAMES})"
)
_SPAN = re.compile(rf"\b(?:from\s+|between\s+)?({_DATE})\s+(?:to|until|till|and|-)\s+({_DATE})(?!\S)", re.IGNORECASE)
_SINCE = re.compile(rf"\b(?:since|from|after)\s+({_DATE})(?!\S)", re.IGNORECASE)
_UNTIL = re.compile(rf"\b(?:to|until|till)\s+({_DATE})(?!\S)", re.IGNORECASE)
_ON = re.compile(rf"(?<!\S)(?:on\s+)?({_DATE})(?!\S)", re.IGNORECASE)
_UNKNOWN_DATE = re.compile(r"(?<!\S)since(?!\S)", re.IGNORECASE)
_PERSON = re.compile(r"(?:(?<!\S)by\s+)?<@([UW][A-Z0-9]{1,30})(?:\|[^>]*)?>", re.IGNORECASE)
_ME = re.compile(r"(?<!\S)(?:by\s+me|mine)(?!\S)", re.IGNORECASE)
_CUSTOMER = re.compile(r"(?<!\S)customer\s+(\S{1,40})", re.IGNORECASE)
_FORMAT = re.compile(r"\s*(csv|jsonl?)(?!\S)\s*", re.IGNORECASE)
_KIND = re.compile(r"(?<!\S)(reads?|refusals?|refused|changes)(?!\S)", re.IGNORECASE)
_KINDS = {"rea": (ACCESS, READ), "ref": (ACCESS, REFUSED), "cha": (CHANGES, None)}


class Format(StrEnum):
    """How the log is shown: on pages, or as one of two files."""

    PAGES = "pages"
    CSV = "csv"
    JSON = "jsonl"


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which lines are wanted. `until` is exclusive; `action` and `words` are compared after the rest."""

    since: datetime | None = None
    until: datetime | None = None
    who: str | None = None
    customer: str | None = None
    chain: str | None = None
    action: str | None = None
    words: tuple[str, ...] = ()

    def fits(self, row: AuditRow) -> bool:
        """Return whether the row is wanted, as far as the database doesn't say."""
        if self.action is not None and row.line.action != self.action:
            return False
        if self.customer is not None and not _names(row.line.what, self.customer):
            return False
        return has_words(row.line, self.words)


def parse_audit_query(text: str, *, now: datetime, zone: str, me: str) -> tuple[AuditQuery, Format]:
    """Return what is asked for, and in which form. Days are those of the zone. Raises BadQuestion."""
    rest = text[:LONGEST]
    as_file = Format.PAGES
    if found := _FORMAT.match(rest):
        as_file, rest = Format.CSV if found[1].casefold() == "csv" else Format.JSON, rest[found.end() :]
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    who = customer = chain = action = None
    if found := _PERSON.search(rest):
        who, rest = found[1], _without(rest, found)
    elif found := _ME.search(rest):
        who, rest = me, _without(rest, found)
    if found := _CUSTOMER.search(rest):
        customer, rest = found[1], _without(rest, found)
    since, until, rest = _dates(rest, today)
    if found := _KIND.search(rest):
        chain, action = _KINDS[found[1].casefold()[:3]]
        rest = _without(rest, found)
    return (
        AuditQuery(
            _beginning(since, local) if since is not None else None,
            _beginning(until + timedelta(days=1), local) if until is not None else None,
            who,
            customer,
            chain,
            action,
            tuple(rest.casefold().split()),
        ),
        as_file,
    )


def _dates(text: str, today: date) -> tuple[date | None, date | None, str]:
    """Return (first day, last day, the text without them)."""
    if found := _SPAN.search(text):
        first, last = _day(found[1], today, typed=text), _day(found[2], today, typed=text)
        if first > last:
            raise BadQuestion("The first day is after the last one.", typed=found[0], hint=EXAMPLE)
        return first, last, _without(text, found)
    since = until = None
    if found := _SINCE.search(text):
        since, text = _day(found[1], today, typed=text), _without(text, found)
    elif found := _UNKNOWN_DATE.search(text):
        raise BadQuestion("There is no such day.", typed=text[found.start() :], hint=EXAMPLE)
    if found := _UNTIL.search(text):
        until, text = _day(found[1], today, typed=text), _without(text, found)
    if since is None and until is None and (found := _ON.search(text)):
        since = until = _day(found[1], today, typed=text)
        text = _without(text, found)
    return since, until, text


def _day(typed_day: str, today: date, *, typed: str) -> date:
    """Return the day; one without a year is the last such day that is not to come."""
    text = " ".join(typed_day.casefold().split())
    if text in {"today", "yesterday"}:
        return today - timedelta(days=text == "yesterday")
    for index, name in enumerate(DAYS):
        if text in {name.casefold(), name[:3].casefold()}:
            return today - timedelta(days=(today.weekday() - index) % 7)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        numbers = [int(each) for each in re.findall(r"\d+", text)]
        month = re.search(r"[a-z]{3,}", text)
        if month is not None:
            numbers.insert(1, _MONTHS.index(month[0][:3]) + 1)
        if len(numbers) == 3:
            return date(numbers[2], numbers[1], numbers[0])
        this_year = date(today.year, numbers[1], numbers[0])
        return this_year if this_year <= today else date(today.year - 1, numbers[1], numbers[0])
    except ValueError:
        raise BadQuestion("There is no such day.", typed=typed, hint=EXAMPLE) from None


def _names(what: str, reference: str) -> bool:
    """Return whether a line's text names the customer by this reference, as a whole word in any case."""
    return re.search(rf"(?<!\w){re.escape(reference)}(?!\w)", what, re.IGNORECASE) is not None


def _beginning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
