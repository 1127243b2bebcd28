"""Answers to questions in plain English, beside those that other services return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.features.access.model.commands import NO_PERMISSIONS, Permissions
from bot.features.assistant.model.questions import (
    AboutOne,
    CannotAnswer,
    Connect,
    Greeting,
    Help,
    IsOnHold,
    Question,
    Status,
    Thanks,
    Topic,
)
from bot.features.card.model.order_check import OrderCheck
from bot.features.customers.model.lookup import CustomerCard, NoCustomer, SeveralCustomers

SPOKEN_OF = timedelta(hours=1)
"""How long “it” is remembered."""
MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a conversation is: a channel, and the thread in it ("" outside threads)."""

    channel: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """The answer about one customer. `since` and `days`: how long on hold, if asked and known.

    `at_least`: the account was on hold already when the mirror began. `reason` is the one that was read then.
    """

    question: AboutOne
    card: CustomerCard
    since: date | None = None
    days: int | None = None
    at_least: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """Whether an order of some value may be taken."""

    check: OrderCheck
    card: CustomerCard


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The words fit several customers, or none."""

    question: Question
    found: SeveralCustomers | NoCustomer


@dataclass(frozen=True, slots=True)
class Unnamed:
    """No customer is named, and none was asked about here lately."""

    question: Question


@dataclass(frozen=True, slots=True)
class CannotDo:
    """What is understood but not done here, of a customer: what can be typed instead names their reference."""

    topic: Topic
    reference: str
    promise: str = ""
    """The amount and the day of a promise that was told, as they can be typed; empty if it wasn't."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """An answer about the customer asked about last, whom the question did not name."""

    card: CustomerCard
    answer: object


@dataclass(frozen=True, slots=True)
class AlsoElsewhere:
    """An answer about a customer whose reference other companies of the asker have too: they are on the card."""

    question: Question
    card: CustomerCard
    answer: object


@dataclass(frozen=True, slots=True)
class OfOtherCompany:
    """An answer of another company than `using`, which the asker uses."""

    answer: object
    using: str


@dataclass(frozen=True, slots=True)
class Partly:
    """An answer, and what of the question it doesn't use, as typed. Untrusted.

    `is_of_all`: a follow-up asks of the customers of the last list, and the answer is of all.
    """

    answer: object
    left_out: tuple[str, ...] = ()
    is_of_all: bool = False


@dataclass(frozen=True, slots=True)
class OfEachOne:
    """The answers about each of several customers."""

    answers: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two customers side by side."""

    first: CustomerCard
    second: CustomerCard


@dataclass(frozen=True, slots=True)
class Unwatched:
    """The end of the subscription to one customer; `number` None: there was none."""

    card: CustomerCard
    number: int | None


@dataclass(frozen=True, slots=True)
class NotYet:
    """A question that is understood, but that no handler answers."""

    question: Question


@dataclass(frozen=True, slots=True)
class Lost:
    """A question that isn't understood, with a few that this user may ask."""

    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Small:
    """Small talk or a call for help."""

    question: Greeting | Thanks | Help
    examples: tuple[str, ...] = ()
    permissions: Permissions = NO_PERMISSIONS


def unwrapped(answer: object) -> object:
    """Return the answer without what is said around it."""
    while isinstance(answer, Partly | AlsoElsewhere | OfOtherCompany):
        answer = answer.answer
    return answer


def needs_sage(question: Question | None) -> bool:
    """Return whether Sage is asked for this question."""
    return question is not None and not isinstance(question, CannotAnswer | Connect | Status | Help | Greeting | Thanks)


def for_everybody(answer: object) -> CustomerAnswer | None:
    """Return the answer if everybody in a channel may read it: the hold status of one customer; else None."""
    if isinstance(answer, OfOtherCompany):
        return None  # a channel knows of the company in use
    told = unwrapped(answer)
    told = told.answer if isinstance(told, Assumed) else told
    return told if isinstance(told, CustomerAnswer) and isinstance(told.question, IsOnHold) else None


def examples(*, connected: bool, sees_all: bool) -> tuple[str, ...]:
    """Return questions that such a user may ask, the most useful first."""
    if not connected:
        return ("Connect my Sage ID", "What can I ask?", "Am I connected?")
    whose = "Who's on hold owing more than £5,000?" if sees_all else "Are any of my customers on hold?"
    return (whose, "How much does ABS001 owe us?", "Can ABS001 have another £500?", "What can I ask?")
