"""The kinds by which answers in plain English are counted, and the figures of them that admins see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import Lost, Small, Unnamed, Unresolved, unwrapped
from bot.features.assistant.model.questions import Question
from bot.features.connections.model import ConnectionStatus, ConnectLinkOffer

NOT_UNDERSTOOD = "NotUnderstood"
DAYS = 30
LONGEST_WORDS, MOST_WORDS = 300, 20
KINDS: Mapping[str, str] = {
    made.__name__: label
    for made, label in {
        ask.WholeCard: "the whole account",
        ask.IsOnHold: "on hold or not",
        ask.Why: "why on hold",
        ask.SinceWhen: "how long on hold",
        ask.HoldHistory: "how often on hold",
        ask.Balance: "balance",
        ask.Limit: "credit limit",
        ask.Headroom: "credit left",
        ask.CanOrder: "whether an order fits",
        ask.Orders: "open orders",
        ask.Invoices: "open invoices",
        ask.AgedDebt: "aged debt",
        ask.Overdue: "overdue debt",
        ask.LastPaid: "last payment",
        ask.DaysLate: "whether they pay on time",
        ask.Contact: "contact",
        ask.Terms: "payment terms",
        ask.Rep: "who looks after them",
        ask.Watch: "alerts begun",
        ask.Unwatch: "alerts ended",
        ask.PutOnHold: "how to put on hold",
        ask.Release: "how to release",
        ask.Compare: "two customers compared",
        ask.OfEach: "several customers at once",
        ask.WhoIsOnHold: "who is on hold",
        ask.ListPutOnHold: "who was put on hold",
        ask.ListReleased: "who was released",
        ask.OverLimit: "who is over the limit",
        ask.NearLimit: "who is near the limit",
        ask.LedgerTotal: "totals of the ledger",
        ask.Largest: "who owes the most",
        ask.ListOverdue: "who is overdue",
        ask.ListPromised: "who promised to pay",
        ask.ListBroken: "who broke a promise",
        ask.ListSuggested: "suggested holds",
        ask.ListDisputed: "debt in query",
        ask.ListChase: "who to chase",
        ask.ListWarned: "early warnings",
        ask.Again: "follow-ups",
        ask.CannotAnswer: "what can't be answered here",
    }.items()
}
"""What each kind is called, by the name of its question."""

_UNCOUNTED = (Small, ConnectLinkOffer, ConnectionStatus)
_UNRATED = (Lost, Unnamed, Unresolved)


@dataclass(frozen=True, slots=True)
class KindCount:
    """One kind of answer: how often it was given, and how many people found it useful, and not."""

    label: str
    answered: int
    liked: int
    disliked: int


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What was asked in the last `DAYS` days. `words` are those kept of what wasn't understood, the newest first."""

    kinds: tuple[KindCount, ...]
    not_understood: int
    keeps_words: bool
    words: tuple[str, ...] = ()


def kind_of(question: Question | None, answer: object) -> str:
    """Return the kind by which an answer is counted; empty for small talk and one's own connection."""
    if isinstance(unwrapped(answer), _UNCOUNTED):
        return ""
    name = type(question).__name__
    return NOT_UNDERSTOOD if isinstance(answer, Lost) or name not in KINDS else name


def can_be_rated(answer: object) -> bool:
    """Return whether people may say of this answer that it is useful: not of a question back."""
    return not isinstance(unwrapped(answer), (*_UNCOUNTED, *_UNRATED))


def by_kind(counts: Mapping[str, int], presses: Mapping[str, tuple[int, int]]) -> tuple[KindCount, ...]:
    """Return the kinds that were asked or pressed, the most frequent first."""
    found = [
        KindCount(label, counts.get(name, 0), *presses.get(name, (0, 0)))
        for name, label in KINDS.items()
        if name in counts or name in presses
    ]
    return tuple(sorted(found, key=lambda each: (-each.answered, each.label)))
