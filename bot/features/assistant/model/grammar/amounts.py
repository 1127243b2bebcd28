"""Amounts as people say them: `£1,500`, `1.5k`, `two grand`, `fifteen hundred quid`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

MOST = Decimal(1_000_000_000)

_FIGURES = re.compile(
    r"(?P<mark>[£$€]?)(?P<number>\d{1,3}(?:,\d{3}){1,3}|\d{1,12})(?P<pennies>\.\d{1,2})?(?P<times>k|m)?"
)
_TIMES = {"k": 1_000, "m": 1_000_000}
_MULTIPLIERS = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "k": 1_000, "million": 1_000_000}
_COINS = {"quid", "pounds", "pound", "sterling", "euros", "euro"}
_UNITS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_WORDS = {
    **{word: Decimal(number) for number, word in enumerate(_UNITS, 1)},
    **{
        word: Decimal(10 * number)
        for number, word in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 3)
    },
}
_ARTICLES = {"a": Decimal(1), "couple": Decimal(2)}


@dataclass(frozen=True, slots=True)
class Said:
    """An amount, how many words it took, and whether it can be nothing but money."""

    amount: Decimal
    words: int
    is_money: bool


def read(words: Sequence[str]) -> Said | None:
    """The amount that these words begin with. A bare number may as well be a reference, or part of a name."""
    if not words:
        return None
    figures = _FIGURES.fullmatch(words[0])
    if figures is not None:
        start = Decimal(figures["number"].replace(",", "") + (figures["pennies"] or ""))
        start *= _TIMES.get(figures["times"] or "", 1)
        return _whole(start, words, 1, is_money=bool(figures["mark"] or figures["times"]))
    if words[0] in _WORDS:
        half = words[1:4] == ["and", "a", "half"]
        return _whole(_WORDS[words[0]] + (Decimal("0.5") if half else 0), words, 4 if half else 1, is_money=False)
    if words[0] in _ARTICLES:
        skipped = 2 if words[1:2] == ["of"] else 1
        if words[skipped : skipped + 1] and words[skipped] in _MULTIPLIERS:
            return _whole(_ARTICLES[words[0]], words, skipped, is_money=False)
    return None


def _whole(amount: Decimal, words: Sequence[str], used: int, *, is_money: bool) -> Said | None:
    while used < len(words) and used < 8 and words[used] in _MULTIPLIERS:
        amount, used, is_money = amount * _MULTIPLIERS[words[used]], used + 1, True
    if used < len(words) and words[used] in _COINS:
        used, is_money = used + 1, True
    return Said(amount, used, is_money) if 0 < amount <= MOST else None
