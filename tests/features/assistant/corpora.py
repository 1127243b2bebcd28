"""The corpora, read: each phrasing with the question that is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.questions import It, Named, Question, Subject

_HERE = Path(__file__).parent
_ONE = {
    "balance": ask.Balance,
    "is_on_hold": ask.IsOnHold,
    "why": ask.Why,
    "since_when": ask.SinceWhen,
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
    "put_on_hold": ask.PutOnHold,
    "release": ask.Release,
}
_PLAIN = {
    "connect": ask.Connect(),
    "status": ask.Status(),
    "help": ask.Help(),
    "greeting": ask.Greeting(),
    "thanks": ask.Thanks(),
    "unclear": None,
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
    if kind in _ONE:
        return _ONE[kind](_who(parts[0]))
    return _MORE[kind](*parts)


def _list(words: str, minimum: str = "") -> Question:
    is_mine = words == "mine"
    return ask.WhoIsOnHold("" if is_mine else words, is_mine, Decimal(minimum) if minimum else None)


_MORE: dict[str, Callable[..., Question]] = {
    "can_order": lambda who, amount="": ask.CanOrder(_who(who), Decimal(amount) if amount else None),
    "on_hold_list": _list,
    "over_limit": lambda words: ask.OverLimit("" if words == "mine" else words, words == "mine"),
    "largest": lambda count: ask.Largest(int(count)),
    "compare": lambda first, second: ask.Compare(_who(first), _who(second)),
}


def _who(words: str) -> Subject:
    return It() if words == "it" else Named(words)


def alike(question: Question | None, meant: Question | None) -> bool:
    """Names in any case are the same name: Sage doesn't tell them apart either."""
    return _plain(question) == _plain(meant)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value.casefold()
    if not is_dataclass(value):
        return value
    return type(value).__name__, *(_plain(getattr(value, each.name)) for each in fields(value))
