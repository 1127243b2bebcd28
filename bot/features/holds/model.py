"""The reason that goes to Sage with a hold or release, and the results of a hold change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.command_names import CUSTOMER
from bot.domain.company import Company
from bot.domain.customer import Customer
from bot.domain.hold_notes import NoteKind
from bot.domain.json_column import JsonColumn
from bot.errors import BadQuestion

LONGEST_REASON = 200
"""UTF-16 units that a user may type; with the name appended, the reason fits what Sage stores."""
_SAGE_STORES = 256  # status_reason, in the API's schema
_ALERT_STORES, _MEMO_STORES = 255, 1_000
_LONGEST_NAME = 40
# ASCII signs at the beginning, by which a reason that Sage cut is known: fewer may be the same words typed in Sage.
_SURELY_OURS = 25
_MOST_SIGNS = 4  # that one sign can become: the bytes of UTF-8
# The app's own way to say whose words these are; full-width brackets look the same.
_OWN_SUFFIX = re.compile(r"[(（]([^()（）]*?)[,，]?\s*slack\s*[)）]", re.IGNORECASE)


class HoldAction(StrEnum):
    """What can be done to an account."""

    HOLD = "hold"
    RELEASE = "release"

    @property
    def on_hold(self) -> bool:
        """Return whether the account is on hold afterwards."""
        return self is HoldAction.HOLD

    @property
    def undo(self) -> HoldAction:
        """Return the opposite action."""
        return HoldAction.RELEASE if self is HoldAction.HOLD else HoldAction.HOLD


class Compared(StrEnum):
    """What is compared before an account is changed, in the words of a user."""

    ON_HOLD = "On hold"
    REASON = "Reason"
    CREDIT_LIMIT = "Credit limit"
    BALANCE = "Balance"
    UPDATED_AT = "Last changed"


FIGURES = frozenset({Compared.CREDIT_LIMIT, Compared.BALANCE})


@dataclass(frozen=True, slots=True)
class Difference:
    """What of an account differs from what the user saw."""

    what: Compared
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class HoldVersion:
    """What a user saw of an account when they decided, to notice a change in between (optimistic concurrency).

    None was not seen, and is not compared.
    """

    on_hold: bool
    reason: str | None = None
    credit_limit: Decimal | None = None
    balance: Decimal | None = None
    updated_at: datetime | None = None

    @classmethod
    def of(cls, customer: Customer) -> HoldVersion:
        """Return the version of the customer as read."""
        return cls(
            customer.on_hold, customer.status_reason, customer.credit_limit, customer.balance, customer.updated_at
        )

    def without_figures(self, *, but: Collection[Compared] = ()) -> HoldVersion:
        """Return the version of a user who was shown no figures, or only those named."""
        return replace(
            self,
            credit_limit=self.credit_limit if Compared.CREDIT_LIMIT in but else None,
            balance=self.balance if Compared.BALANCE in but else None,
        )

    def differences(self, customer: Customer) -> tuple[Difference, ...]:
        """Return what differs now. What Sage doesn't give, then or now, is no difference."""
        now = HoldVersion.of(customer)
        pairs = ((what, getattr(self, what.name.lower()), getattr(now, what.name.lower())) for what in Compared)
        return tuple(
            Difference(what, before, after)
            for what, before, after in pairs
            if before is not None and after is not None and before != after
        )

    def matches(self, customer: Customer) -> bool:
        """Return whether the customer is unchanged."""
        return not self.differences(customer)


class Outcome(StrEnum):
    """The outcome of a hold change, once Sage was read back."""

    DONE = "done"
    ALREADY = "already so"
    CHANGED_MEANWHILE = "changed meanwhile"
    NOT_DONE = "not done"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class HoldResult:
    """A hold change with its outcome. `before` and `after` are Sage's: `after` is None if it could not be read."""

    # `after` is `before` if nothing was asked of Sage.

    action: HoldAction
    outcome: Outcome
    company: Company
    before: Customer
    after: Customer | None
    reason: str = ""
    by: str = ""
    written: str = ""
    """The reason as it was sent to Sage, with the name; empty if nothing was."""
    differences: tuple[Difference, ...] = ()
    """What had changed since the user looked, so that nothing was asked of Sage."""
    notes: tuple[NoteKind, ...] = ()
    """What is written to Sage beside it next: notes that a hold leaves, or that a release takes back."""

    @property
    def customer(self) -> Customer:
        """Return the customer as last read."""
        return self.after or self.before

    @property
    def kept_otherwise(self) -> bool:
        """Return whether Sage keeps the reason of a change that was made a little differently."""
        kept = self.after.status_reason if self.after is not None else None
        return self.outcome is Outcome.DONE and bool(self.written) and kept not in {None, self.written}


@dataclass(frozen=True, slots=True)
class FailedNote:
    """A note of a hold that Sage didn't take, or one that it could not be made to take back; and `why`."""

    id: int
    reference: str
    name: str
    kind: NoteKind
    is_wanted: bool
    why: str

    def facts(self) -> dict[str, Any]:
        """Return it as a notice keeps it."""
        return _FAILED.write(self)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> FailedNote:
        """Return that of a notice. Raises ValueError."""
        return _FAILED.read(facts)


_FAILED = JsonColumn(FailedNote)


@dataclass(frozen=True, slots=True)
class LimitResult:
    """A change of a credit limit with its outcome. `before` and `after` are Sage's, as of a HoldResult."""

    outcome: Outcome
    before: Customer
    after: Customer | None
    limit: Decimal
    differences: tuple[Difference, ...] = ()


def reason_from(
    text: str,
    *,
    typed: str = "",
    missing: str = "Please add a reason: it goes into Sage 200 with your name.",
) -> str:
    """Return the reason as one line. Raises BadQuestion if it is empty, saying what is `missing`, or too long."""
    printable = ("" if unicodedata.category(sign) == "Cf" else sign for sign in text)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in printable).split())
    if not line:
        raise BadQuestion(missing, hint=f"Type `{typed or f'{CUSTOMER} ABS001 hold REASON'}`.")
    if _units(line) > LONGEST_REASON:
        raise BadQuestion(f"That reason is too long: Sage 200 keeps {LONGEST_REASON} characters.", hint="")
    return line


def sage_reason(reason: str, name: str) -> str:
    """Return the reason as Sage stores it, with the user's name at the end: Sage records only the sign-in itself."""
    # Neither a Slack name, which anybody can change, nor the end of the reason may look like another user's name.
    printable = "".join(sign if sign.isprintable() and sign not in "()" else " " for sign in name)
    # In the middle too: what stands before such a name would read as that person's words.
    reason = _OWN_SUFFIX.sub(r"[\g<1> Slack]", reason)
    if reason.rstrip(")").endswith("Slack"):
        reason = reason.rstrip(")")
    who = f" ({_cut(' '.join(printable.split()), _LONGEST_NAME) or 'somebody'}, Slack)"
    return _cut(reason, _SAGE_STORES - _units(who)) + who


def note_text(kind: NoteKind, written: str, day: date) -> str:
    """Return the alert or memo of a hold whose reason was written so, with the user's name at its end."""
    if kind is NoteKind.MEMO:
        return f"Put on hold on {_dated(day)}: {written}"
    head, _, name = written.rpartition(" (")
    who = f" ({name}" if head else ""
    return _cut(f"On hold: {head or name}", _ALERT_STORES - _units(who)) + who


def closed_text(kind: NoteKind, text: str, written: str, day: date) -> str:
    """Return the text of a note once the account is released; `written` is the reason, empty if Sage has it alone."""
    if kind is NoteKind.ALERT:
        return text
    ending = f"Released on {_dated(day)}: {written}" if written else f"Released in Sage 200; seen on {_dated(day)}."
    return _cut(f"{text}\n{ending}", _MEMO_STORES)


def _dated(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def is_kept(written: str, kept: str) -> bool:
    """Return whether Sage's reason is the one that was written, as far as Sage's column can hold it.

    Whatever the case and the spaces, with other signs in place of those that the column's code page lacks, and cut.
    """
    # Someone else's reason would have to begin with the same words, or with as many as the column holds.
    wanted, found = _signs(written), _signs(kept)
    places, surely = {0}, 0
    for sign in wanted:
        if len(found) in places and surely >= _SURELY_OURS:
            return True  # cut off
        places = set().union(*(_beyond(sign, found, place) for place in places))
        surely += sign.isascii()
    return len(found) in places


def _signs(text: str) -> str:
    """Return the text composed, in lower case, without spaces."""
    return "".join(unicodedata.normalize("NFC", text).lower().split())


def _beyond(sign: str, found: str, place: int) -> set[int]:
    """Return the places from which the rest may go on, where Sage kept this sign at the place."""
    if sign.isascii():
        return {place + 1} if found.startswith(sign, place) else set()
    # Left out, or one other sign (é as e, ’ as '), or several: ß as ss, 🚫 as ??, the bytes of UTF-8 as letters.
    plain = "".join(each for each in unicodedata.normalize("NFKD", sign) if each.isascii())
    ways = (plain, sign.casefold(), *("?" * count for count in range(2, _MOST_SIGNS + 1)))
    ends = {place, place + 1, *(place + len(way) for way in ways if found.startswith(way, place))}
    letters = range(place + 2, place + _MOST_SIGNS + 1)
    ends |= {end for end in letters if all(not each.isascii() for each in found[place:end])}
    return {end for end in ends if end <= len(found)}


def _units(text: str) -> int:
    """Return the length in UTF-16 units, as .NET and so Sage counts: an emoji is two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _cut(text: str, most: int) -> str:
    if _units(text) <= most:
        return text
    while _units(text) > most - 1:
        text = text[:-1]
    return text.rstrip() + "…"
