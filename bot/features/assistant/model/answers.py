"""What a question in plain English can end in, beside what the services it is passed to return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.features.access.model.commands import NO_PERMISSIONS, Permissions
from bot.features.assistant.model.questions import AboutOne, Connect, Greeting, Help, IsOnHold, Question, Status, Thanks
from bot.features.card.model.order_check import OrderCheck
from bot.features.customers.model.lookup import CustomerCard, NoCustomer, SeveralCustomers

SPOKEN_OF = timedelta(hours=1)
"""How long “it” is remembered."""
MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a conversation is: a channel, and the thread in it; empty outside threads."""

    channel: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """The answer about one customer. `since` and `days`: how long on hold, where that was asked and is known.

    `at_least`: it was on hold already when we began to watch. `reason` is the one noted at that time.
    """

    question: AboutOne
    card: CustomerCard
    since: date | None = None
    days: int | None = None
    at_least: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """Whether an order of a certain value may be taken."""

    check: OrderCheck
    card: CustomerCard


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The words fit several customers, or nobody."""

    question: Question
    found: SeveralCustomers | NoCustomer


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Who is meant? Nobody was spoken of here lately."""

    question: Question


@dataclass(frozen=True, slots=True)
class Compared:
    """Two customers."""

    first: CustomerCard
    second: CustomerCard


@dataclass(frozen=True, slots=True)
class Unwatched:
    """No more news of this customer; None: there was no subscription to it."""

    card: CustomerCard
    number: int | None


@dataclass(frozen=True, slots=True)
class NotYet:
    """Understood, but nothing answers that here."""

    question: Question


@dataclass(frozen=True, slots=True)
class Lost:
    """Not understood: a few things that this person may ask."""

    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Small:
    """Small talk, or help."""

    question: Greeting | Thanks | Help
    examples: tuple[str, ...] = ()
    reach: Permissions = NO_PERMISSIONS


def needs_sage(question: Question | None) -> bool:
    """Whether Sage is asked for it."""
    return question is not None and not isinstance(question, Connect | Status | Help | Greeting | Thanks)


def for_everybody(answer: object) -> bool:
    """Whether everybody in a channel may read it: whether one customer is on hold, and nothing else."""
    return isinstance(answer, CustomerAnswer) and isinstance(answer.question, IsOnHold)


def examples(*, connected: bool, sees_all: bool) -> tuple[str, ...]:
    """Things that somebody like this may ask, the most useful first."""
    if not connected:
        return ("Connect my Sage ID", "What can I ask?", "Am I connected?")
    whose = "Who's on hold owing more than £5,000?" if sees_all else "Are any of my customers on hold?"
    return (whose, "How much does ABS001 owe us?", "Can ABS001 have another £500?", "What can I ask?")
