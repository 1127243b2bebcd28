"""What a list of holds that began or ended in a period says: its opening, its lines and table, and since when."""

from __future__ import annotations

from bot.domain.text.periods import Period
from bot.features.on_hold.model.list import Account, Listing
from bot.features.on_hold.model.query import HoldChanges
from bot.slack.views.listing import counted, fitting_line
from bot.slack.views.table import Cell, Figure, amount, on
from bot.slack.views.text import day, escaped, money

PUT_ON, RELEASED = "Put on hold", "Released"
_CUTS = ((40, 60), (40, 0), (12, 0))


def opening(changes: HoldChanges, count: int) -> str:
    """Return `3 accounts put on hold since 2 March 2026`, `No accounts were released on 1 March 2026`."""
    done, when = done_to(changes), said(changes.period)
    head = f"No accounts were {done}" if not count else f"{counted(count, 'account', 'accounts')} {done}"
    return f"{head} {when}".rstrip()


def done_to(changes: HoldChanges) -> str:
    """Return what was done to the accounts."""
    return "released" if changes.released else "put on hold"


def said(period: Period) -> str:
    """Return the days of a period; empty for any."""
    first, last = period.first, period.last
    if first is None:
        return f"until {day(last)}" if last is not None else ""
    if last is None:
        return f"since {day(first)}"
    return f"on {day(first)}" if first == last else f"from {day(first)} to {day(last)}"


def known(found: Listing) -> list[str]:
    """Return from which day on it is known, where the period begins before that day, or has no beginning."""
    since, first = found.watched_since, found.changes.period.first if found.changes is not None else None
    if found.changes is None or (since is not None and first is not None and first > since):
        return []
    if since is None:
        return ["Holds aren't recorded for this company yet."]
    return [f"Known from {day(since)} on: when accounts were put on hold or released before isn't recorded."]


def line(account: Account, changes: HoldChanges) -> str:
    """Return an account's line, its texts cut so that every figure fits."""
    return fitting_line(_cut(account, changes, name=name, reason=reason) for name, reason in _CUTS)


def columns(changes: HoldChanges) -> tuple[str, ...]:
    """Return the head of the table."""
    when = (RELEASED, "On hold for") if changes.released else (PUT_ON, RELEASED)
    return ("Account", "Name", *when, "Balance", "Why")


def row(account: Account, changes: HoldChanges) -> tuple[Cell, ...]:
    """Return an account's row of the table."""
    customer = account.held.customer
    lasted = Figure(account.held.days or 0, _lasted(account))
    when = (on(account.released), lasted) if changes.released else (on(account.since), on(account.released))
    balance = "" if customer.balance is None else amount(customer.currency, customer.balance)
    return (customer.reference, customer.name, *when, balance, account.ending if changes.released else account.reason)


def _cut(account: Account, changes: HoldChanges, *, name: int, reason: int) -> str:
    customer = account.held.customer
    who = f"*{escaped(customer.reference, most=min(name, 20))}* {escaped(customer.name, most=name)}"
    balance = "balance unknown" if customer.balance is None else money(customer.currency, customer.balance)
    why = account.ending if changes.released else account.reason
    parts = (who, _happened(account, changes), balance, escaped(why, most=reason) if reason else "")
    return f"• {' · '.join(filter(None, parts))}"


def _happened(account: Account, changes: HoldChanges) -> str:
    """Return `1 March 2026, on hold for 3 days`, and what became of it."""
    if changes.released:
        when, after = account.released, f"on hold for {_lasted(account)}"
        after += ", on hold again now" if account.held.customer.on_hold else ""
    else:
        when = account.since
        after = "on hold now" if account.released is None else f"released {day(account.released)}"
    often = f", the last of {account.times:,} times" if account.times > 1 else ""
    return f"{day(when)}{often}, {after}" if when is not None else after


def _lasted(account: Account) -> str:
    days = account.held.days
    if not days:
        return "under a day"
    return f"{'at least ' if account.held.at_least else ''}{counted(days, 'day', 'days')}"
