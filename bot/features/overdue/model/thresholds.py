"""When lateness is told: a threshold once, the highest alone, and again only after the debt was clearly younger."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

# A debt that is paid down past a threshold by less than a week, and ages again, is no news.
_REARMED_BELOW = 7


def reached(days: int, overdue: Decimal, thresholds: Iterable[int], *, least: Decimal) -> frozenset[int]:
    """Return the thresholds that a debt has reached: at so many days or more, and no smaller than `least`."""
    if overdue < least or overdue <= 0:
        return frozenset()
    return frozenset(each for each in thresholds if days >= each)


def armed_again(told: Iterable[int], days: int, overdue: Decimal, *, least: Decimal) -> frozenset[int]:
    """Return the thresholds that stay told. The others may be told again."""
    if overdue < least or overdue <= 0:
        return frozenset()
    return frozenset(each for each in told if days >= each - _REARMED_BELOW)


def newly_told(
    told: Iterable[int], days: int, overdue: Decimal, thresholds: Iterable[int], *, least: Decimal
) -> tuple[tuple[int, ...], frozenset[int]]:
    """Return the thresholds that are news now, rising, and those that count as told afterwards.

    Of the news, the highest that a subscription asks for is told there.
    """
    before = armed_again(told, days, overdue, least=least)
    now = reached(days, overdue, thresholds, least=least)
    # Told of 90, nobody needs to hear of 60 as well.
    highest = max(before, default=0)
    return tuple(sorted(each for each in now - before if each > highest)), before | now
