"""Alerts as messages: the same facts everywhere, with as much of the figures as the place may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from bot.command_names import CUSTOMER, ONHOLD, OVERDUE
from bot.domain.changes import ACCOUNT_DELETED, ChangeKind, Snapshot
from bot.domain.money import percent_shown
from bot.features.alerts.model.disclosure import band, band_passed
from bot.features.alerts.model.messages import ChangeAlert, GapReport, News, Rep, Shown, SummaryAlert
from bot.features.alerts.views import buttons
from bot.slack.views.blocks import Block
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.text import day, escaped, moment, money, orders, user_mention

_COUNTED: Mapping[str, tuple[str, str]] = {
    ChangeKind.PUT_ON_HOLD: ("put on hold", "put on hold"),
    ChangeKind.RELEASED: ("released", "released"),
    ChangeKind.OVER_LIMIT: ("over the credit limit", "over the credit limit"),
    ChangeKind.BACK_UNDER_LIMIT: ("back within the credit limit", "back within the credit limit"),
    ChangeKind.UTILISATION: ("near the credit limit", "near the credit limit"),
    ChangeKind.PAID_WHILE_HELD: ("payment while on hold", "payments while on hold"),
    ChangeKind.ORDER_WHILE_HELD: ("order while on hold", "orders while on hold"),
    ChangeKind.OVERDUE: ("overdue", "overdue"),
    ChangeKind.OVERDUE_PAID: ("overdue debt paid", "overdue debts paid"),
    ChangeKind.PROMISE_BROKEN: ("promise to pay broken", "promises to pay broken"),
}
_OF_LATENESS = {ChangeKind.OVERDUE, ChangeKind.OVERDUE_PAID, ChangeKind.PROMISE_BROKEN}


def change_alert(news: ChangeAlert, shown: Shown) -> Message:
    """Return a change as a message: for a hold the live card, for a release the card in its last form."""
    customer = news.change.customer
    lines = [_headline(news, shown), _reason(news, shown), _debt(news, shown), figures(customer, shown)]
    reps = _reps(news)
    if news.change.kind in _OF_LATENESS and shown is not Shown.FIGURES:
        # How near the limit an account is has nothing to do with it.
        lines = lines[:2]
    small = [_seen(news)]
    if shown is not Shown.FIGURES:
        small.append(f"Figures, if you may see them: `{CUSTOMER} {escaped(customer.reference, most=20)}`")
    if news.number:
        small.append(f"`/sage unsubscribe {news.number}` ends these messages")
    row = buttons.of_change(news.change.kind, customer, news.company_pk)
    return _message([line for line in [*lines, reps] if line], [each for each in small if each], row)


def released_reply(news: ChangeAlert, shown: Shown) -> Message:
    """Return the few words below a card that was edited, with what came while the account was on hold."""
    stay, lines = news.episode, [_headline(news, shown)]
    if stay is not None:
        reason = _words(stay.reason, shown)
        since = f"{'On hold since before' if stay.already_held else 'Put on hold'} {moment(stay.opened_at)}"
        lines.append(f"{since}: {reason}" if reason else since)
    meanwhile = counted(
        {kind: news.within.get(kind, 0) for kind in (ChangeKind.PAID_WHILE_HELD, ChangeKind.ORDER_WHILE_HELD)}
    )
    if meanwhile:
        lines.append(f"Meanwhile: {meanwhile}.")
    lines.append(_reason(news, shown))
    return _message([line for line in lines if line], [])


def summary_alert(news: SummaryAlert) -> Message:
    """Return one message, without figures, for very many changes that one person made at once in Sage."""
    what = _COUNTED[news.kind][news.count != 1]
    every = [f"• {escaped(reference, most=20)} {escaped(name, most=60)}" for reference, name in news.customers]
    listed = joined(every, most=2_700).splitlines()
    title = f"*Some accounts: {what}*" if news.count is None else f"*{news.count:,} {_accounts(news.count)}: {what}*"
    more = (news.count or 0) - len(listed)
    if listed and more > 0:
        where = (
            f"`{OVERDUE}` lists overdue accounts"
            if news.kind in _OF_LATENESS
            else f"`{ONHOLD}` lists the accounts on hold"
        )
        listed.append(f"… and {more:,} more. {where}.")
    return _message([title, *listed], [_source(news.kind, news.by_user, news.seen_at)])


def gap_report(news: GapReport) -> Message:
    """Return the report over a time in which nothing could be told."""
    span = f"between {moment(news.since)} and {moment(news.until)}"
    lead = (
        f"*No alerts could be posted here {span}.* You missed:"
        if news.reason
        else f"*Sage 200 was unavailable {span}.* Changes since then:"
    )
    return _message(
        [lead, counted(news.counts, some=not news.is_counted) or "nothing new."],
        [f"`{ONHOLD}` lists the accounts on hold now."],
    )


def counted(counts: Mapping[str, int], *, some: bool = False) -> str:
    """Return `3 put on hold, 1 released`, in the order of the kinds; an unknown kind is "other".

    `some` replaces the numbers where the readers may not know them.
    """
    known = [(count, _COUNTED[kind]) for kind in ChangeKind if (count := counts.get(kind, 0))]
    other = sum(count for kind, count in counts.items() if kind not in _COUNTED)
    said = [f"some {words[1]}" if some else f"{count:,} {words[count != 1]}" for count, words in known]
    return ", ".join([*said, "some other" if some else f"{other:,} other"] if other else said)


def figures(customer: Snapshot, shown: Shown) -> str:
    """Return a customer's figures as far as they are shown: the amounts, the band, or nothing."""
    if shown is Shown.STATUS:
        return ""
    if shown is Shown.BAND:
        return _band(customer)
    parts = [f"Balance {_money(customer, customer.balance)}" if customer.balance is not None else ""]
    if customer.credit_limit:
        used = percent_shown(customer.percent_used)
        share = f" ({used:,}%)" if used is not None else ""
        parts[0] = f"{parts[0] or 'Credit limit'} of {_money(customer, customer.credit_limit)}{share}"
    elif customer.credit_limit is not None:
        parts.append("no limit set")
    if customer.open_orders:
        parts.append(f"open orders {orders(customer.currency, customer.open_orders)}")
    return " · ".join(part for part in parts if part)


def _band(customer: Snapshot) -> str:
    if customer.percent_used is None:
        return "No credit limit set" if customer.credit_limit == 0 else ""
    passed = band(customer.percent_used)
    if passed is None:
        return "Under 80% of its credit limit"
    return "Over its credit limit" if passed == 100 else f"{passed}% of its credit limit or more"


def _headline(news: ChangeAlert, shown: Shown) -> str:
    return _HEADLINES[news.change.kind](news, shown)


def _on_hold(news: ChangeAlert, _: Shown) -> str:
    return f"🛑 *{named(news.change.customer)} is on hold*"


def _released(news: ChangeAlert, _: Shown) -> str:
    stay, who = news.episode, f" by {user_mention(news.by_user)}" if news.by_user else ""
    after = _stay(news) if stay is not None else ""
    held = f", after {after} on hold" if after else ""
    when = moment(stay.closed_at if stay is not None and stay.closed_at is not None else news.seen_at)
    return f"✅ *{named(news.change.customer)} is off hold.* Released{who} {when}{held}"


def _over_limit(news: ChangeAlert, _: Shown) -> str:
    return f"⚠️ *{named(news.change.customer)} is over its credit limit*"


def _under_limit(news: ChangeAlert, _: Shown) -> str:
    what = "is back within its credit limit" if news.change.within_limit else "has no credit limit any more"
    return f"*{named(news.change.customer)} {what}*"


def _used(news: ChangeAlert, shown: Shown) -> str:
    passed = news.passed if shown is Shown.FIGURES else band_passed(news.passed)
    if shown is Shown.STATUS or passed is None:
        return f"⚠️ *{named(news.change.customer)} is near its credit limit*"
    return f"⚠️ *{named(news.change.customer)} has used {passed}% of its credit limit or more*"


def _paid(news: ChangeAlert, shown: Shown) -> str:
    amount = _amount(news, shown)
    what = f"{amount} came in" if amount else "A payment or a credit note came in"
    cleared = " Nothing is owed any more." if news.change.debt_cleared and shown is Shown.FIGURES else ""
    return f"💷 *{what} for {named(news.change.customer)}, which is on hold.*{cleared}"


def _ordered(news: ChangeAlert, shown: Shown) -> str:
    amount = _amount(news, shown)
    what = f"Orders for {amount} were" if amount else "An order was"
    return f"📦 *{what} entered for {named(news.change.customer)}, which is on hold*"


def _overdue(news: ChangeAlert, shown: Shown) -> str:
    late = news.change.late
    if late is None or shown is not Shown.FIGURES:
        return f"⏰ *{named(news.change.customer)} is overdue*"
    reached = f" for {news.passed:,} days or more" if news.passed is not None else ""
    return f"⏰ *{named(news.change.customer)} has been overdue{reached}*"


def _overdue_paid(news: ChangeAlert, shown: Shown) -> str:
    amount, late = _amount(news, shown), news.change.late
    what = f"{amount} came in" if amount else "A payment came in"
    cleared = " Nothing is overdue any more." if late is not None and not late.overdue and amount else ""
    return f"💷 *{what} for {named(news.change.customer)}, which {'was' if cleared else 'is'} overdue.*{cleared}"


def _promise_broken(news: ChangeAlert, shown: Shown) -> str:
    amount, late = _amount(news, shown), news.change.late
    if not amount:
        return f"💔 *{named(news.change.customer)} has not paid as promised*"
    by = f" by {day(late.promised_by)}" if late is not None and late.promised_by is not None else ""
    return f"💔 *{named(news.change.customer)} has not paid the {amount} promised{by}*"


_HEADLINES = {
    ChangeKind.PUT_ON_HOLD: _on_hold,
    ChangeKind.RELEASED: _released,
    ChangeKind.OVER_LIMIT: _over_limit,
    ChangeKind.BACK_UNDER_LIMIT: _under_limit,
    ChangeKind.UTILISATION: _used,
    ChangeKind.PAID_WHILE_HELD: _paid,
    ChangeKind.ORDER_WHILE_HELD: _ordered,
    ChangeKind.OVERDUE: _overdue,
    ChangeKind.OVERDUE_PAID: _overdue_paid,
    ChangeKind.PROMISE_BROKEN: _promise_broken,
}


def _amount(news: ChangeAlert, shown: Shown) -> str:
    known = news.change.amount is not None and shown is Shown.FIGURES
    return _money(news.change.customer, news.change.amount or Decimal(0)) if known else ""


def _debt(news: ChangeAlert, shown: Shown) -> str:
    """Return what is overdue now, the days of the oldest, and what is promised of that."""
    late, customer = news.change.late, news.change.customer
    if late is None or not late.overdue or shown is not Shown.FIGURES:
        return ""
    days = f"oldest {late.oldest_days:,} day{'s' if late.oldest_days != 1 else ''}"
    parts = [f"Overdue {_money(customer, late.overdue)}, {days}"]
    if late.promised and news.change.kind is not ChangeKind.PROMISE_BROKEN:
        by = f" by {day(late.promised_by)}" if late.promised_by is not None else ""
        parts.append(f"promised {_money(customer, late.promised)}{by}")
    return " · ".join(parts)


def _reason(news: ChangeAlert, shown: Shown) -> str:
    if news.change.reason == ACCOUNT_DELETED:
        return "The account was deleted in Sage 200."
    reason = _words(news.change.reason, shown)
    label = "Note" if news.change.kind is ChangeKind.RELEASED else "Reason"
    return f"{label}: {reason}" if reason else ""


def _words(reason: str, shown: Shown) -> str:
    """Return the reason where figures are shown: amounts are typed into reasons in too many ways to be masked."""
    return escaped(reason, most=256) if shown is Shown.FIGURES else ""


def _stay(news: ChangeAlert) -> str:
    """Return `2 days`, or hours and minutes for one released on the day it was put on hold; empty below a minute."""
    stay, days = news.episode, news.days_held or 0
    if stay is None or days:
        words = f"{days:,} day{'s' if days != 1 else ''}"
    else:
        hours, minutes = divmod(int(((stay.closed_at or news.seen_at) - stay.opened_at).total_seconds()) // 60, 60)
        if not hours and not minutes:
            return ""
        words = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    return f"at least {words}" if stay is not None and stay.already_held else words


def _reps(news: ChangeAlert) -> str:
    """Return whose customer it is: by name, so that nobody is pinged, unless the subscription asks for that."""
    named = ", ".join(_rep(rep, pings=news.pings) for rep in news.reps)
    return f"Rep: {named}" if named else ""


def _rep(rep: Rep, *, pings: bool) -> str:
    return user_mention(rep.user_id) if pings and rep.user_id else escaped(rep.name, most=60)


def _seen(news: ChangeAlert) -> str:
    if news.change.kind is ChangeKind.RELEASED and news.by_user:
        return ""  # the headline says who and when
    return _source(news.change.kind, news.by_user, news.seen_at)


def _source(kind: ChangeKind, by_user: str | None, seen_at: datetime) -> str:
    if by_user:
        return f"By {user_mention(by_user)}, {moment(seen_at)}"
    if kind in {ChangeKind.OVERDUE, ChangeKind.PROMISE_BROKEN}:
        # Nothing changed in Sage: a day went by.
        return f"From the open items in Sage 200, {moment(seen_at)}"
    return f"Changed in Sage 200, noticed {moment(seen_at)}"


def named(customer: Snapshot) -> str:
    """Return name and reference, escaped."""
    name, reference = escaped(customer.name, most=80), escaped(customer.reference, most=20)
    return f"{name} ({reference})" if name else reference


def _money(customer: Snapshot, amount: Decimal) -> str:
    return money(customer.currency, amount)


def _accounts(count: int) -> str:
    return "account" if count == 1 else "accounts"


def _message(lines: list[str], small: list[str], row: Sequence[Block] = ()) -> Message:
    below = (aside(*small),) if small else ()
    return Message(joined([*lines, *small]), (section("\n".join(lines)), *row, *below))


def render_alert(news: News, shown: Shown, *, is_reply: bool) -> Message | None:
    """Return the message of any alert but a digest (`digest_message`); None for a digest."""
    if isinstance(news, ChangeAlert):
        return released_reply(news, shown) if is_reply else change_alert(news, shown)
    if isinstance(news, SummaryAlert):
        return summary_alert(news)
    return gap_report(news) if isinstance(news, GapReport) else None
