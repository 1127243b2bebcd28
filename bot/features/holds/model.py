"""Putting an account on hold and releasing it: the words that go to Sage, and what can come of it."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.company import Company
from bot.domain.customer import Customer
from bot.errors import BadQuestion

LONGEST_REASON = 200
"""What people may type; with the name it fits what Sage keeps."""
_SAGE_KEEPS = 256  # status_reason, in the API's schema
_LONGEST_NAME = 40


class HoldAction(StrEnum):
    """What can be done to an account."""

    HOLD = "hold"
    RELEASE = "release"

    @property
    def on_hold(self) -> bool:
        """As the account is afterwards."""
        return self is HoldAction.HOLD

    @property
    def undo(self) -> HoldAction:
        """The opposite."""
        return HoldAction.RELEASE if self is HoldAction.HOLD else HoldAction.HOLD


@dataclass(frozen=True, slots=True)
class HoldVersion:
    """How an account stood when somebody decided. `mark` is of its reason; empty where that wasn't seen."""

    on_hold: bool
    mark: str = ""

    @classmethod
    def of(cls, customer: Customer) -> HoldVersion:
        """As it stands now."""
        return cls(customer.on_hold, reason_digest(customer.status_reason))

    def still(self, customer: Customer) -> bool:
        """Whether it stands so still. A reason that Sage won't say now, or didn't then, is no difference."""
        now = reason_digest(customer.status_reason)
        return self.on_hold == customer.on_hold and (not self.mark or not now or self.mark == now)


class Outcome(StrEnum):
    """What came of it, once Sage was read afterwards."""

    DONE = "done"
    ALREADY = "already so"
    CHANGED_MEANWHILE = "changed meanwhile"
    NOT_DONE = "not done"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class HoldResult:
    """`before` and `after` as Sage had it; `after` is `before` where nothing was asked of Sage, None if unread."""

    deed: HoldAction
    outcome: Outcome
    company: Company
    before: Customer
    after: Customer | None
    reason: str = ""
    by: str = ""

    @property
    def customer(self) -> Customer:
        """As last read."""
        return self.after or self.before


def reason_digest(reason: str | None) -> str:
    """Short enough for a button; the reason itself would be no secret, but it may be long."""
    return "" if reason is None else hashlib.sha256(reason.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def reason_from(text: str, *, typed: str = "/customer ABS001 hold REASON") -> str:
    """One line of what a person gave as the reason. Raises BadQuestion when there is none, or too much."""
    printable = ("" if unicodedata.category(sign) == "Cf" else sign for sign in text)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in printable).split())
    if not line:
        raise BadQuestion("Say why: the reason goes into Sage 200 with your name.", hint=f"Type `{typed}`.")
    if _units(line) > LONGEST_REASON:
        raise BadQuestion(f"That reason is too long: Sage 200 keeps {LONGEST_REASON} characters of it.", hint="")
    return line


def sage_reason(reason: str, name: str) -> str:
    """The reason as Sage keeps it: who asked for it stands behind, for Sage itself records the sign-in alone.

    Neither a Slack name, which anybody may change, nor the reason's own end can make it read as somebody else's.
    """
    printable = "".join(sign if sign.isprintable() and sign not in "()" else " " for sign in name)
    while reason.endswith("Slack)"):
        reason = reason.removesuffix(")")
    who = f" ({_cut(' '.join(printable.split()), _LONGEST_NAME) or 'somebody'}, Slack)"
    return _cut(reason, _SAGE_KEEPS - _units(who)) + who


def _units(text: str) -> int:
    """Sage counts as .NET does: an emoji is two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _cut(text: str, most: int) -> str:
    if _units(text) <= most:
        return text
    while _units(text) > most - 1:
        text = text[:-1]
    return text.rstrip() + "…"
