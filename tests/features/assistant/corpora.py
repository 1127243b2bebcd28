"""The corpora, read: each phrasing with the question that is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from pathlib import Path

from bot.domain.filters.customer_states import State, StateIs
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.questions import It, Named, Question, Subject

_HERE = Path(__file__).parent
_ONE = {
    "balance": ask.Balance,
    "is_on_hold": ask.IsOnHold,
    "why": ask.Why,
    "since_when": ask.SinceWhen,
    "hold_history": ask.HoldHistory,
    "limit": ask.Limit,
    "headroom": ask.Headroom,
    "orders": ask.Orders,
    "invoices": ask.Invoices,
    "aged_debt": ask.AgedDebt,
    "contact": ask.Contact,
    "terms": ask.Terms,
    "rep": ask.Rep,
    "card": ask.WholeCard,
    "watch": ask.Watch,
    "unwatch": ask.Unwatch,
    "overdue": ask.Overdue,
    "last_paid": ask.LastPaid,
    "days_late": ask.DaysLate,
    "put_on_hold": ask.PutOnHold,
    "release": ask.Release,
}
_PLAIN = {
    "connect": ask.Connect(),
    "status": ask.Status(),
    "help": ask.Help(),
    "greeting": ask.Greeting(),
    "thanks": ask.Thanks(),
    "nothing": None,
}


def cases(name: str) -> Iterator[tuple[str, Question | None]]:
    """Every phrasing of a file with its question; None is “not understood”."""
    meant: Question | None = None
    for line in (_HERE / name).read_text().splitlines():
        if line.startswith("="):
            kind, _, rest = line[1:].partition(":")
            meant = _meant(kind.strip(), [part.strip() for part in rest.split(";")])
        elif line.strip() and not line.startswith("#"):
            yield line, meant


def _meant(kind: str, parts: list[str]) -> Question | None:
    if kind in _PLAIN:
        return _PLAIN[kind]
    without = tuple(part.removeprefix("without ") for part in parts if part.startswith("without "))
    if without:
        narrowed = _meant(kind, [part for part in parts if not part.startswith("without ")] or [""])
        return replace(narrowed, without=without)  # type: ignore[call-arg, type-var]
    if kind in _ONE:
        made = tuple(_ONE[kind](_who(words)) for words in parts[0].split(" + "))
        if len(parts) > 1:
            made = tuple(replace(each, reason=parts[1]) for each in made)  # type: ignore[call-arg]
        return made[0] if len(made) == 1 else ask.OfEach(made)
    return _MORE[kind](*parts)


def _narrowed(words: str) -> tuple[str, bool]:
    return ("", True) if words == "mine" else (words, False)


def _states(text: str) -> tuple[StateIs, ...]:
    return (StateIs(State(text.removeprefix("not-")), wanted=not text.startswith("not-")),) if text else ()


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _can_order(who: str, amount: str = "") -> Question:
    people, amounts = who.split(" + "), amount.split(" + ")
    amounts = amounts if len(amounts) == len(people) else amounts * len(people)
    made = tuple(ask.CanOrder(_who(words), _amount(each)) for words, each in zip(people, amounts, strict=True))
    return made[0] if len(made) == 1 else ask.OfEach(made)


def _each_kind(kinds: str, who: str) -> Question:
    return ask.OfEach(tuple(_ONE[kind](_who(who)) for kind in kinds.split(" + ")))


_MORE: dict[str, Callable[..., Question]] = {
    "can_order": _can_order,
    "each": _each_kind,
    "on_hold_list": lambda words, minimum="": ask.WhoIsOnHold(*_narrowed(words), _amount(minimum)),
    "ledger_total": lambda words="", minimum="": ask.LedgerTotal(*_narrowed(words), _amount(minimum)),
    "put_on_hold_list": lambda period, words="": ask.ListPutOnHold(*_narrowed(words), period=period),
    "released_list": lambda period, words="": ask.ListReleased(*_narrowed(words), period=period),
    "over_limit": lambda words: ask.OverLimit(*_narrowed(words)),
    "near_limit": lambda words="", percent="80": ask.NearLimit(*_narrowed(words), percent=int(percent)),
    "largest": lambda count, words="", minimum="": ask.Largest(*_narrowed(words), _amount(minimum), count=int(count)),
    "list_overdue": lambda words="", days="", minimum="", state="": ask.ListOverdue(
        *_narrowed(words), _amount(minimum), int(days or 0), states=_states(state)
    ),
    "list_promised": lambda words="": ask.ListPromised(*_narrowed(words)),
    "list_broken": lambda words="": ask.ListBroken(*_narrowed(words)),
    "list_suggested": lambda words="": ask.ListSuggested(*_narrowed(words)),
    "list_disputed": lambda words="": ask.ListDisputed(*_narrowed(words)),
    "list_chase": lambda words="": ask.ListChase(*_narrowed(words)),
    "list_warned": lambda words="": ask.ListWarned(*_narrowed(words)),
    "compare": lambda first, second: ask.Compare(_who(first), _who(second)),
    "again": lambda who: ask.Again(ask.It(), mine=True) if who == "mine" else ask.Again(_who(who)),
    "again_in": lambda words: ask.Again(Named(words), is_place=True),
    "again_turns": lambda turns: ask.Again(ask.It(), turns=int(turns)),
    "again_period": lambda period: ask.Again(ask.It(), period=period),
    "again_page": lambda page: ask.Again(ask.It(), page=int(page)),
    "again_without": lambda words: ask.Again(ask.It(), without=(words,)),
    "again_over": lambda minimum: ask.Again(ask.It(), minimum=Decimal(minimum)),
    "cannot": lambda topic: ask.CannotAnswer(ask.Topic(topic)),
}


def _who(words: str) -> Subject:
    if words == "nobody":
        return ask.Unsaid()
    return It() if words == "it" else Named(words)


def alike(question: Question | None, meant: Question | None) -> bool:
    """Names in any case are the same name: Sage doesn't tell them apart either. The corpora name no currency.

    How many are listed they name only of the largest.
    """
    return _plain(question) == _plain(meant)


def _plain(value: object) -> object:
    if isinstance(value, ask.Both):
        return _plain(ask.Unsaid())  # nothing was asked before
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if not is_dataclass(value):
        return value
    said = [each.name for each in fields(value) if (type(value), each.name) != (ask.CanOrder, "currency")]
    said = [each for each in said if each != "count" or isinstance(value, ask.Largest)]
    return type(value).__name__, *(_plain(getattr(value, each)) for each in said)
