"""What people type after `/sage audit`: dates, a person, a customer, a kind, and words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.text.periods import ANY_TIME, period_typed
from bot.features.audit.model.hash_chain import ACCESS, CHANGES, AuditRow, has_words

EXAMPLE = "Try `/sage audit since 1 Nov`, `/sage audit 1 Nov to 7 Nov by @Anna`, `/sage audit reads customer ABS001`."
LONGEST = 200
READ, REFUSED = "read", "refused"

_PERSON = re.compile(r"(?:(?<!\S)by\s+)?<@([UW][A-Z0-9]{1,30})(?:\|[^>]*)?>", re.IGNORECASE)
_ME = re.compile(r"(?<!\S)(?:by\s+me|mine)(?!\S)", re.IGNORECASE)
_CUSTOMER = re.compile(r"(?<!\S)customer\s+(\S{1,40})", re.IGNORECASE)
_FORMAT = re.compile(r"(?<!\S)(csv|jsonl?)(?!\S)", re.IGNORECASE)
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
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    who = customer = chain = action = None
    if found := _PERSON.search(rest):
        who, rest = found[1], _without(rest, found)
    elif found := _ME.search(rest):
        who, rest = me, _without(rest, found)
    if found := _CUSTOMER.search(rest):
        customer, rest = found[1], _without(rest, found)
    if found := _FORMAT.search(rest):
        as_file, rest = Format.CSV if found[1].casefold() == "csv" else Format.JSON, _without(rest, found)
    period, rest = period_typed(rest, today, hint=EXAMPLE)
    period = period or ANY_TIME
    if found := _KIND.search(rest):
        chain, action = _KINDS[found[1].casefold()[:3]]
        rest = _without(rest, found)
    return (
        AuditQuery(
            period.begin(local),
            period.end(local),
            who,
            customer,
            chain,
            action,
            tuple(rest.casefold().split()),
        ),
        as_file,
    )


def _names(what: str, reference: str) -> bool:
    """Return whether a line's text names the customer by this reference, as a whole word in any case."""
    return re.search(rf"(?<!\w){re.escape(reference)}(?!\w)", what, re.IGNORECASE) is not None


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
