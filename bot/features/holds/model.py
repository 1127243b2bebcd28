"""The reason that goes to Sage with a hold or release, and the results of a hold change."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.company import Company
from bot.domain.customer import Customer
from bot.errors import BadQuestion

LONGEST_REASON = 200
"""UTF-16 units that a user may type; with the name appended, the reason fits what Sage stores."""
_TIME = "t"
_SAGE_STORES = 256  # status_reason, in the API's schema
_LONGEST_NAME = 40
_SURELY_OURS = 12  # ASCII signs at the beginning, by which a reason that Sage cut is known
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


@dataclass(frozen=True, slots=True)
class HoldVersion:
    """The hold state of an account when the user decided, to notice a change in between (optimistic concurrency).

    `digest` is that of the hold reason. If the reason wasn't read, as on the card of an account that isn't on hold, it
    is "t" and the digest of Sage's time of change; empty if Sage gives neither.
    """

    on_hold: bool
    digest: str = ""

    @classmethod
    def of(cls, customer: Customer) -> HoldVersion:
        """Return the version of the customer as read."""
        return cls(customer.on_hold, reason_digest(customer.status_reason) or _time_digest(customer))

    def matches(self, customer: Customer) -> bool:
        """Return whether the customer is unchanged. A digest that is missing then or now is no difference."""
        now = _time_digest(customer) if self.digest.startswith(_TIME) else reason_digest(customer.status_reason)
        return self.on_hold == customer.on_hold and (not self.digest or not now or self.digest == now)


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

    @property
    def customer(self) -> Customer:
        """Return the customer as last read."""
        return self.after or self.before

    @property
    def kept_otherwise(self) -> bool:
        """Return whether Sage keeps the reason of a change that was made a little differently."""
        kept = self.after.status_reason if self.after is not None else None
        return self.outcome is Outcome.DONE and bool(self.written) and kept not in {None, self.written}


def _time_digest(customer: Customer) -> str:
    if customer.updated_at is None:
        return ""
    return _TIME + hashlib.sha256(customer.updated_at.isoformat().encode()).hexdigest()[:11]


def reason_digest(reason: str | None) -> str:
    """Return a digest of the reason, short enough for a button's value; empty for None."""
    return "" if reason is None else hashlib.sha256(reason.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def reason_from(text: str, *, typed: str = "/customer ABS001 hold REASON") -> str:
    """Return the reason as one line. Raises BadQuestion if it is empty or too long."""
    printable = ("" if unicodedata.category(sign) == "Cf" else sign for sign in text)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in printable).split())
    if not line:
        raise BadQuestion("Say why: the reason goes into Sage 200 with your name.", hint=f"Type `{typed}`.")
    if _units(line) > LONGEST_REASON:
        raise BadQuestion(f"That reason is too long: Sage 200 keeps {LONGEST_REASON} characters of it.", hint="")
    return line


def sage_reason(reason: str, name: str) -> str:
    """Return the reason as Sage stores it, with the user's name at the end: Sage records only the sign-in itself."""
    # Neither a Slack name, which anybody can change, nor the end of the reason may look like another user's name.
    printable = "".join(sign if sign.isprintable() and sign not in "()" else " " for sign in name)
    # In the middle too: what stands before such a name would read as that person's words.
    reason = _OWN_SUFFIX.sub(r"[\g<1> Slack]", reason)
    while reason.endswith("Slack)"):
        reason = reason.removesuffix(")")
    who = f" ({_cut(' '.join(printable.split()), _LONGEST_NAME) or 'somebody'}, Slack)"
    return _cut(reason, _SAGE_STORES - _units(who)) + who


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
