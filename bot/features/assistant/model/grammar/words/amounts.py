"""Parsing of spoken amounts: `£1,500`, `1.5k`, `two grand`, `fifteen hundred quid`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.money import read_amount
from bot.domain.text.parsing import NUMBERS

MOST = Decimal(1_000_000_000)
_LONGEST = 8  # words

_MULTIPLIERS = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "k": 1_000, "million": 1_000_000}
_COINS = {"quid", "quids", "pounds", "pound", "sterling", "gbp", "euros", "euro", "eur", "dollars", "dollar", "usd"}
# As `order_check.Amount` has them.
_CURRENCIES = {
    "£": "GBP",
    "€": "EUR",
    "$": "$",
    **dict.fromkeys(("quid", "quids", "pounds", "pound", "sterling", "gbp"), "GBP"),
    **dict.fromkeys(("euros", "euro", "eur"), "EUR"),
    **dict.fromkeys(("dollars", "dollar", "usd"), "$"),
}
_WORDS = {
    **{word: Decimal(number) for word, number in NUMBERS.items()},
    **{
        word: Decimal(10 * number)
        for number, word in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 3)
    },
}
_PARTS = {"half": Decimal("0.5"), "quarter": Decimal("0.25"), "1/2": Decimal("0.5"), "1/4": Decimal("0.25")}
_FRACTIONS = {
    tuple(f"{before} {part} {behind}".split()): share
    for part, share in _PARTS.items()
    for before in ("", "a", "another")
    for behind in ("a", "of a")
}
_ARTICLES = {"a": Decimal(1), "couple": Decimal(2), "another": Decimal(1)}


@dataclass(frozen=True, slots=True)
class SpokenAmount:
    """An amount, the number of words it took, and whether it can only be money."""

    amount: Decimal
    words: int
    is_money: bool


def currency_of(text: str) -> str:
    """Return the currency of an amount as typed: its ISO code, `$`, or nothing where none is said."""
    words = text.casefold().split()
    return _CURRENCIES.get(text[:1]) or next((_CURRENCIES[word] for word in words if word in _CURRENCIES), "")


def read(words: Sequence[str]) -> SpokenAmount | None:
    """Return the amount at the start of these words; None if there is none."""
    # A bare number may as well be a reference or part of a name, so `is_money` is False for it.
    if not words:
        return None
    figures = read_amount(words[0])
    if figures is not None:
        is_money = words[0][0] in "£$€" or words[0][-1] in "km" or "." in words[0][-3:]
        return _whole(figures, words, 1, is_money=is_money)
    if words[0] in _WORDS:
        tens = _WORDS[words[0]]
        if tens >= 20 and words[1:2] and NUMBERS.get(words[1], 10) < 10:
            return _whole(tens + _WORDS[words[1]], words, 2, is_money=False)
        half = words[1:4] == ["and", "a", "half"]
        return _whole(_WORDS[words[0]] + (Decimal("0.5") if half else 0), words, 4 if half else 1, is_money=False)
    share, used = _share(words)
    is_of_some = bool(used) and words[used : used + 1] and words[used] in _MULTIPLIERS
    return _whole(share, words, used, is_money=False) if is_of_some else None


def _share(words: Sequence[str]) -> tuple[Decimal, int]:
    """Return how much of a “million” is said, and in how many words: “half a”, “a couple of”, “another”; 0 for none."""
    fraction = next((each for each in _FRACTIONS if tuple(words[: len(each)]) == each), ())
    if fraction:
        return _FRACTIONS[fraction], len(fraction)
    if words[0] not in _ARTICLES:
        return Decimal(0), 0
    return _ARTICLES[words[0]], 2 if words[1:2] == ["of"] else 1


def _whole(amount: Decimal, words: Sequence[str], used: int, *, is_money: bool) -> SpokenAmount | None:
    amount, used, least = _multiplied(amount, words, used)
    is_money = is_money or least > 1
    while least > 1 and (more := _remainder(words, used, least)) is not None:
        amount, used, least = amount + more[0], more[1], more[2]
    if used < len(words) and words[used] in _COINS:
        used, is_money = used + 1, True
    return SpokenAmount(amount, used, is_money) if 0 < amount <= MOST else None


def _multiplied(amount: Decimal, words: Sequence[str], used: int) -> tuple[Decimal, int, int]:
    """Return the amount times “hundred” and the like behind it, the words used, and the last of them."""
    times = 1
    while used < len(words) and used < _LONGEST and words[used] in _MULTIPLIERS:
        times = _MULTIPLIERS[words[used]]
        amount, used = amount * times, used + 1
    return amount, used, times


def _remainder(words: Sequence[str], used: int, least: int) -> tuple[Decimal, int, int] | None:
    """Return what is added, the words used and its own “hundred”: “and fifty”, “five hundred”. None if nothing is."""
    start = used + (words[used : used + 1] == ["and"])
    if start >= len(words) or start >= _LONGEST or words[start] not in _WORDS:
        return None
    tens = _WORDS[words[start]]
    is_two = tens >= 20 and words[start + 1 : start + 2] and NUMBERS.get(words[start + 1], 10) < 10
    amount = tens + (_WORDS[words[start + 1]] if is_two else 0)
    found, end, times = _multiplied(amount, words, start + (2 if is_two else 1))
    return (found, end, times) if found < least else None
