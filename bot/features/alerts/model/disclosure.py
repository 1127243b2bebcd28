"""Which news may be told where: that a limit was passed gives away the band, however the alert is worded.

Late debt counts as a band at least: a place that is shown who is on hold is told nothing of late debt, and a place for
bands only that there is some, without days or amounts.
"""

from __future__ import annotations

from decimal import Decimal

from bot.domain.changes import ChangeKind
from bot.domain.filters.customer_filter import Filter
from bot.features.access.model.authorization import Shown
from bot.features.alerts.model.topics import ALERT_KINDS, Subscription, Topic

NOT_SHOWN = "it says more than the channel may show"
LOWEST_BAND = 80
_TOPICS = (Topic.OVER_LIMIT, Topic.UTILISATION)
_OF_LATENESS = (Topic.OVERDUE, Topic.OVERDUE_PAID, Topic.PROMISE_BROKEN, Topic.DEBTS)
DEBTS = "debts"
"""The list of overdue debt, where kinds of change are named."""
MORE_THAN_STATUS = frozenset(kind for topic in (*_TOPICS, *_OF_LATENESS) for kind in ALERT_KINDS[topic].kinds) | {DEBTS}
"""The kinds of news that tell more than who is on hold."""
# A minimum balance is not asked of these (`alerts.wants`), so that they came says nothing of the balance.
_WITHOUT_MINIMUM = frozenset({ChangeKind.RELEASED, ChangeKind.BACK_UNDER_LIMIT})


def band_passed(passed: int | None) -> int | None:
    """Return the band that a threshold lies in, all that a place for bands is told: 80 or 100; None below."""
    return next((each for each in (100, LOWEST_BAND) if passed is not None and passed >= each), None)


def band(percent: Decimal | None) -> int | None:
    """Return the band that the use of a limit lies in: 100 for more than all of it, else 80 from 80% on; None below.

    80% is reached as a threshold of 80 is. All of a limit may be used; Sage's "over" is more than that.
    """
    if percent is None or percent < LOWEST_BAND:
        return None
    return 100 if percent > 100 else LOWEST_BAND


def may_tell(kind: str, chosen: Filter, shown: Shown, *, passed: int | None = None, is_first: bool = True) -> bool:
    """Return whether this kind of news for a subscription with this filter may be told to a place.

    An empty `kind` stands for news of several kinds. `is_first`: of a subscription's days of lateness, this is the
    first that the debt has reached.
    """
    if shown is Shown.FIGURES:
        return True
    if chosen.minimum_balance is not None and kind not in _WITHOUT_MINIMUM:
        return False
    if kind == ChangeKind.UTILISATION and passed is not None and band_passed(passed) is None:
        return False
    # Told again at each threshold, a place for bands would count the days.
    if kind == ChangeKind.OVERDUE and not is_first:
        return False
    return kind not in MORE_THAN_STATUS or shown is Shown.BAND


def disclosure_refusal(wanted: Subscription, shown: Shown) -> str:
    """Return why a place that is shown this much can't have the subscription; empty where the place can."""
    if shown is Shown.FIGURES:
        return ""
    if wanted.filter.minimum_balance is not None:
        return "That channel shows no figures, and a minimum balance would say what is owed."
    for of_these, what in (
        (_TOPICS, "would tell it who is near the credit limit"),
        (_OF_LATENESS, "would tell it who is overdue"),
    ):
        topics = [each.value for each in of_these if each in wanted.topics]
        if topics and shown is Shown.STATUS:
            return f"That channel shows hold status only, and `{'`, `'.join(topics)}` {what}."
    if Topic.UTILISATION in wanted.topics and any(band_passed(each) is None for each in wanted.thresholds):
        return f"That channel shows bands only: a threshold under {LOWEST_BAND}% would say more."
    return ""
