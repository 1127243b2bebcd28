"""One sentence for each question about a customer. Text from Sage is escaped here, once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from bot.command_names import CUSTOMER
from bot.domain.customer import Customer
from bot.domain.debt.lateness import NOT_ASKED
from bot.domain.money import percent_shown
from bot.features.access.model.authorization import Action, Shown
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import CustomerAnswer
from bot.features.customers.views import figures_hidden
from bot.features.overdue.views.lateness import overdue_sentence
from bot.features.subscriptions.model.subscription import is_reps
from bot.slack.views.text import day, escaped, money


def sentence(answer: CustomerAnswer) -> str:
    """Return the answer, escaped. A user who is shown no figures gets the hold status for every question."""
    if answer.card.shown is not Shown.FIGURES:
        connect = " `/sage connect`" if answer.card.may_connect else ""
        return f"{hold_sentence(answer.card.customer)} {figures_hidden(answer.card)}{connect}"
    return _SENTENCES.get(type(answer.question), _status)(answer)


def called(customer: Customer) -> str:
    """Return `*ABS Garages Ltd* (ABS001)`, escaped."""
    name = escaped(customer.name, most=110) or "(no name)"
    return f"*{name}* ({escaped(customer.reference, most=20)})"


def hold_sentence(customer: Customer) -> str:
    """Return whether the account is on hold, and nothing else."""
    return f"{called(customer)} is {'on hold' if customer.on_hold else 'not on hold'}."


def _money(customer: Customer, amount: Decimal) -> str:
    return money(customer.currency, amount)


def _status(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    over = " It is over its credit limit." if customer.over_limit else ""
    return f"{hold_sentence(customer)}{over}{_reason(answer)} {_used(customer)}"


def _used(customer: Customer) -> str:
    """Return `Balance £2,464.16 of a £4,000.00 limit, 62% used.`"""
    if customer.balance is None:
        return "Sage 200 gives no balance."
    balance = _money(customer, customer.balance)
    if customer.credit_limit is None:
        return f"Balance {balance}; Sage 200 gives no credit limit."
    if not customer.has_limit:
        return f"Balance {balance}, no credit limit set."
    used = percent_shown(customer.percent_used)
    percent = f", {used:,}% used" if used is not None else ""
    return f"Balance {balance} of a {_money(customer, customer.credit_limit)} limit{percent}."


def _reason(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    reason = escaped(customer.status_reason or answer.reason, most=256)
    return f" Reason: {reason}." if customer.on_hold and reason else ""


def _why(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    if not customer.on_hold:
        return f"{hold_sentence(customer)} {_used(customer)}"
    return f"{hold_sentence(customer)}{_reason(answer) or ' Sage 200 gives no reason.'}{_since(answer)}"


def _since(answer: CustomerAnswer) -> str:
    if answer.since is None or answer.days is None:
        return ""
    if answer.at_least and not answer.days:
        return " It was already on hold when monitoring started today."
    days = f"{answer.days:,} {'day' if answer.days == 1 else 'days'}"
    return f" On hold for at least {days}." if answer.at_least else f" Since {day(answer.since)}, {days}."


def _since_when(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    if not customer.on_hold:
        return hold_sentence(customer)
    since = _since(answer) or " It isn't known since when."
    return f"{hold_sentence(customer)}{since}"


def _balance(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    if customer.balance is None:
        return f"Sage 200 gives no balance for {called(customer)}."
    if customer.balance < 0:
        return f"{called(customer)} owes nothing and is {_money(customer, -customer.balance)} in credit."
    return f"{called(customer)} owes {_money(customer, customer.balance)}.{_hold_mark(customer)}"


def _hold_mark(customer: Customer) -> str:
    return " The account is on hold." if customer.on_hold else ""


def _limit(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    over = " That is over the limit." if customer.over_limit else ""
    return f"{called(customer)}: {_used(customer)}{over}{_hold_mark(customer)}"


def _headroom(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    if customer.headroom is None or customer.balance is None or customer.credit_limit is None:
        return f"The credit left for {called(customer)} isn't known. {_used(customer)}{_hold_mark(customer)}"
    orders = customer.open_orders or Decimal(0)
    taken = [(customer.balance, "balance" if customer.balance >= 0 else "credit")]
    taken += [(orders, "open orders" if orders > 0 else "returns")] if orders else []
    sums = "".join(f" {'−' if each >= 0 else '+'} {_money(customer, abs(each))} {what}" for each, what in taken)
    limit, room = _money(customer, customer.credit_limit), _money(customer, customer.headroom)
    return f"{called(customer)} has {room} of credit left: {limit} limit{sums}.{_hold_mark(customer)}"


def _can_order(answer: CustomerAnswer) -> str:
    """Return the headroom, for an order without an amount; or that the account is on hold."""
    customer = answer.card.customer
    if customer.on_hold:
        return f"No: {hold_sentence(customer)}{_reason(answer)} {_used(customer)}"
    return _headroom(answer)


def _contact(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    ways = (customer.contact_name, customer.contact_telephone, customer.contact_email)
    known = " · ".join(each for each in (escaped(way, most=120) for way in ways) if each)
    return f"{called(customer)}: {known or 'Sage 200 gives no contact'}."


def _terms(answer: CustomerAnswer) -> str:
    customer = answer.card.customer
    days = f"{customer.payment_terms_days} days" if customer.payment_terms_days else ""
    terms = escaped(customer.payment_terms, most=120) or days or "not available"
    takes = f" It pays in {customer.average_days_to_pay:,} days on average." if customer.average_days_to_pay else ""
    return f"Payment terms of {called(customer)}: {terms}.{takes}"


def _rep(answer: CustomerAnswer) -> str:
    card = answer.card
    known = [
        f"{escaped(card.labels[slot], most=40)} {escaped(value, most=60)}"
        for slot, value in sorted(card.customer.analysis.items())
        if is_reps(card.labels.get(slot, ""))
    ]
    return f"{called(card.customer)}: {', '.join(known) or 'Sage 200 names no sales person'}."


def _overdue(answer: CustomerAnswer) -> str:
    card = answer.card
    late = overdue_sentence(card.lateness or NOT_ASKED, card.customer.currency)
    return f"{called(card.customer)}: {late}{_hold_mark(card.customer)}"


def _put_on_hold(answer: CustomerAnswer) -> str:
    return _by_command(answer, "hold")


def _release(answer: CustomerAnswer) -> str:
    return _by_command(answer, "release" if Action.RELEASE in answer.card.may else "request-release")


def _by_command(answer: CustomerAnswer, word: str) -> str:
    """Return that nothing was changed, with the command that does it and the reason that was typed."""
    question = answer.question
    reason = question.reason if isinstance(question, ask.PutOnHold | ask.Release) else ""
    reference = escaped(answer.card.customer.reference, most=20)
    typed = f"`{CUSTOMER} {reference} {word} {escaped(reason.replace('`', ''), most=150) or 'REASON'}`"
    return f"Nothing was changed: {hold_sentence(answer.card.customer)} Type {typed}, or use the buttons on its card."


_SENTENCES: dict[type, Callable[[CustomerAnswer], str]] = {
    ask.IsOnHold: _status,
    ask.WholeCard: _status,
    ask.Why: _why,
    ask.SinceWhen: _since_when,
    ask.Balance: _balance,
    ask.Limit: _limit,
    ask.Headroom: _headroom,
    ask.CanOrder: _can_order,
    ask.Contact: _contact,
    ask.Terms: _terms,
    ask.Rep: _rep,
    ask.PutOnHold: _put_on_hold,
    ask.Release: _release,
    ask.Overdue: _overdue,
}
