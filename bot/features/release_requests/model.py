"""Somebody asks for a release: what was asked, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from bot.features.holds.model import HoldResult


class State(StrEnum):
    """A request is decided once."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def owes_more(balance: Decimal | None, *, than: Decimal | None) -> bool:
    """Whether more may be owed than when somebody approved; a balance that Sage doesn't give may be any."""
    return than is not None and (balance is None or balance > than)


class SamePerson(StrEnum):
    """Whether two Slack accounts are one person's, as far as their Sage IDs tell."""

    SAME = "the same Sage ID"
    APART = "two people"
    UNTOLD = "one of them has a Sage ID that isn't known"


def same_person(mine: str | None, other: str | None) -> SamePerson:
    """Of two Sage IDs, hashed. None: Sage ID didn't say whose sign-in it is.

    Where it says so of neither it says so of nobody, and there is nothing to go by but the Slack accounts: refusing
    would mean that no two people could ever approve. Where it says so of one, signing in again tells the other.
    """
    if mine is None and other is None:
        return SamePerson.APART
    if mine is None or other is None:
        return SamePerson.UNTOLD
    return SamePerson.SAME if mine == other else SamePerson.APART


GONE = "The account is not in Sage 200 any more."


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """One request, in a workspace called by its number. `first_by` approved where two must; `decision` says why.

    `held_for` is Sage's reason for the hold that it is about.
    """

    number: int
    reference: str
    name: str
    asked_by: str
    reason: str
    company_name: str = ""
    state: State = State.OPEN
    first_by: str = ""
    decided_by: str = ""
    decision: str = ""
    held_for: str = ""

    def facts(self) -> dict[str, str]:
        """As it waits in the database until it is told."""
        return {each.name: str(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> ReleaseRequest:
        """What `facts` wrote."""
        known = {each.name: facts[each.name] for each in fields(cls) if each.name in facts}
        return cls(**{**known, "number": int(facts["number"]), "state": State(facts["state"])})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking or deciding. `is_news` False: it stood so before. `done` is what Sage made of a release.

    `deciding` is whoever is at it just now; `lapsed` approved first, before more was owed.
    """

    request: ReleaseRequest
    is_news: bool
    done: HoldResult | None = None
    deciding: str = ""
    lapsed: str = ""
