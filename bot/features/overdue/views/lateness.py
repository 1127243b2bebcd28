"""A customer's late debt in words: on the card, in a verdict, in a request."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.debt.debts import Debt
from bot.domain.debt.early_warning import WarningKind, WarningPoint
from bot.domain.debt.lateness import DebtUnknown, Lateness
from bot.domain.money import Currency
from bot.slack.views.text import day, escaped, money

_UNKNOWN = {
    DebtUnknown.NOT_GIVEN: "not known: Sage 200 gives no transactions here",
    DebtUnknown.OLD: "not known: the last reading of the open items is too old",
    DebtUnknown.AWAY: "not known: Sage 200 isn't giving the open items at the moment",
    DebtUnknown.FORWARD: "not known: a balance-forward account has no single invoices",
}


def overdue_words(lateness: Lateness, currency: Currency) -> str:
    """Return `£1,250.00, oldest 110 days (£350.00 not allocated). In query £250.00.`, or why it isn't known."""
    debt = lateness.debt
    if debt is None:
        if lateness.why is DebtUnknown.READING:
            return f"not known yet: the open items are being read, {lateness.read:,} so far"
        return _UNKNOWN[lateness.why or DebtUnknown.AWAY]
    first, *rest = _parts(lateness, debt, currency)
    return " ".join(f"{part}." for part in (first, *rest)) if rest else first


def overdue_sentence(lateness: Lateness, currency: Currency) -> str:
    """Return `£1,250.00 is overdue, the oldest by 110 days.` with what else is known, or why it isn't known."""
    debt = lateness.debt
    if debt is None:
        return f"What is overdue is {overdue_words(lateness, currency)}."
    credit = f" ({money(currency, debt.pool)} not allocated)" if debt.pool else ""
    late = f"{money(currency, debt.overdue)} is overdue, the oldest by {days(debt.oldest_days)}{credit}"
    first = late if debt.overdue else f"Nothing is overdue{credit}"
    return " ".join(f"{part}." for part in (first, *_parts(lateness, debt, currency)[1:]))


def _parts(lateness: Lateness, debt: Debt, currency: Currency) -> list[str]:
    credit = f" ({money(currency, debt.pool)} not allocated)" if debt.pool else ""
    if debt.overdue:
        parts = [f"{money(currency, debt.overdue)}, oldest {days(debt.oldest_days)}{credit}"]
    else:
        parts = [f"nothing{credit}"]
    if debt.disputed:
        parts.append(f"In query {money(currency, debt.disputed)}")
    if debt.queried_credit:
        parts.append(f"{money(currency, debt.queried_credit)} of credit in query")
    if debt.undated:
        parts.append(f"{money(currency, debt.undated)} without a due date")
    if debt.refund:
        parts.append(f"A refund of {money(currency, debt.refund)} is not matched")
    if debt.foreign:
        parts.append(f"{debt.foreign} in another currency, not counted")
    if lateness.promised and lateness.promised_by is not None:
        who = f" ({escaped(lateness.promised_who, most=40)})" if lateness.promised_who else ""
        parts.append(f"Promised {money(currency, lateness.promised)} by {day(lateness.promised_by)}{who}")
    if lateness.broken_since is not None:
        parts.append(f"A promise for {day(lateness.broken_since)} was broken")
    if lateness.why is DebtUnknown.DIFFERS:
        parts.append(_differs(lateness, currency))
    return parts


def _differs(lateness: Lateness, currency: Currency) -> str:
    if not lateness.difference:
        return "Unconfirmed: some open items can't be read"
    return f"Unconfirmed: the balance differs from the open items by {money(currency, lateness.difference)}"


def warning_words(points: Sequence[WarningPoint]) -> str:
    """Return `pays in 52 days on average, 41 in August 2026; …`: each point with what it was."""
    return "; ".join(map(_worse, points))


def _worse(point: WarningPoint) -> str:
    then = f"{point.since:%B %Y}" if point.since is not None else ""
    if point.kind is WarningKind.PAYS_LATER:
        return f"pays in {days(point.now)} on average, {point.before:,} in {then}"
    if point.kind is WarningKind.USES_MORE:
        return f"{point.now:,}% of the limit used, {point.before:,}% in {then}"
    return f"{point.now:,} promise{'' if point.now == 1 else 's'} broken in the last six months"


def days(count: int) -> str:
    """Return `1 day`, `110 days`."""
    return f"{count:,} day{'' if count == 1 else 's'}"
