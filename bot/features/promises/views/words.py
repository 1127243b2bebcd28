"""Promises, disputes and notes in words: on a card, in answers, and in what people are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.command_names import CUSTOMER
from bot.domain.company import with_key
from bot.domain.customer import Customer
from bot.domain.debt.promise import PromiseState
from bot.domain.money import Currency
from bot.domain.schedule import DAYS
from bot.features.customers.model.lookup import CustomerCard
from bot.features.promises.model.outcome import ACCEPTED, CLOSED, DisputeSaid, PromiseNoted
from bot.features.promises.model.remembered import Dispute, DisputeFacts, KeptPromise, PromiseFacts
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import day, escaped, moment, money, user_mention

WITHDRAW, ACCEPT, RESOLVE = "promise.withdraw", "dispute.accept", "dispute.resolve"
_MOST_SHOWN = 3
_MOST_WORDS = 200


def card_lines(card: CustomerCard) -> list[str]:
    """Return what stands on the card: disputes, the newest notes, and promises that stand beside no figure of debt."""
    found = card.remembered
    has_debt = card.lateness is not None and card.lateness.debt is not None
    promises = () if has_debt else found.promises[:_MOST_SHOWN]
    lines = [_promise_line(each, card.customer.currency) for each in promises]
    lines += [_dispute_line(each) for each in found.disputes[:_MOST_SHOWN]]
    if len(found.disputes) > _MOST_SHOWN:
        lines.append(f"{len(found.disputes) - _MOST_SHOWN:,} more in dispute")
    lines += [
        f"*Note:* {escaped(each.words, most=_MOST_WORDS)} ({user_mention(each.written_by)}, {moment(each.written_at)})"
        for each in found.notes
    ]
    return lines


def card_block(lines: Sequence[str]) -> list[Block]:
    """Return the card's part with these lines."""
    return [section(joined(lines, most=2_900))] if lines else []


def _promise_line(promise: KeptPromise, currency: Currency) -> str:
    who = f" ({escaped(promise.said_by, most=40)})" if promise.said_by else ""
    amount = f"{money(currency, promise.amount)} by {day(promise.due)}"
    if promise.state is PromiseState.BROKEN:
        return f"*Promise broken:* {amount}{who}"
    return f"*Promised:* {amount}{who}"


def _dispute_line(dispute: Dispute) -> str:
    waits = "" if dispute.is_accepted else ", not accepted yet"
    by = f"({user_mention(dispute.raised_by)}, {moment(dispute.raised_at)})"
    return (
        f"*In dispute:* {escaped(dispute.document, most=20)}{waits}: {escaped(dispute.reason, most=_MOST_WORDS)} {by}"
    )


def promise_noted(found: PromiseNoted) -> Message:
    """Return that a promise is noted, when it is broken, and the way back."""
    promise = found.promise
    reference = escaped(promise.reference, most=20)
    said = f", as {escaped(promise.said_by, most=_MOST_WORDS)} said" if promise.said_by else ""
    opening = "Promise noted" if found.is_news else "That promise is noted already"
    lines = [
        f"*{opening}: {_named(promise)} pays {_amount(promise)} by {_long(date.fromisoformat(promise.due))}*{said}.",
        f"Receipts from now on are counted. If less has come by the end of {_long(found.last_day)}, it is broken, and "
        "you get a message.",
    ]
    small = f"`{CUSTOMER} {reference} promise off` withdraws it. {escaped(promise.company_name, most=80)}"
    return _message(lines, small, button_element("Withdraw", WITHDRAW, value=with_key(promise.company_key, promise.id)))


def promises_withdrawn(found: Sequence[PromiseNoted]) -> Message:
    """Return which promises are withdrawn."""
    return note(joined([_withdrawn(each) for each in found], most=2_900))


def _withdrawn(found: PromiseNoted) -> str:
    promise = found.promise
    what = f"{_amount(promise)} by {day(date.fromisoformat(promise.due))}, {_named(promise)}"
    if found.is_news:
        return f"*Promise withdrawn:* {what}."
    return f"That promise is not open any more: {what}, {escaped(promise.state, most=20)}."


def promise_judged(promise: PromiseFacts) -> Message:
    """Return the message to who noted a promise: kept, broken, settled otherwise, or open again."""
    what = f"{_named(promise)}, {_amount(promise)} by {day(date.fromisoformat(promise.due))}"
    said = f" {escaped(promise.said_by, most=_MOST_WORDS)} promised it." if promise.said_by else ""
    reference = escaped(promise.reference, most=20)
    again = f"`{CUSTOMER} {reference} promise 500 by Friday` notes a new one."
    lines = {
        PromiseState.KEPT: f"*Promise kept:* {what}.{said}",
        PromiseState.BROKEN: f"*Promise broken:* {what}.{said} Less was received in time. {again}",
        PromiseState.SETTLED: f"*Settled otherwise:* {what}. Nothing is owed any more, without a receipt of that much.",
        PromiseState.OPEN: f"*Promise open again:* {what}. The payment that kept it was taken back.",
    }
    line = lines.get(PromiseState(promise.state), f"*Promise:* {what}.")
    return note(line, aside(f"{escaped(promise.company_name, most=80)} in Sage 200 · `{CUSTOMER} {reference}`"))


def dispute_said(found: DisputeSaid) -> Message:
    """Return what a dispute is now, and what may be done next."""
    dispute = found.dispute
    who, reference = _disputed(dispute), escaped(dispute.reference, most=20)
    document = escaped(dispute.document, most=20)
    reason = f"Reason: {escaped(dispute.reason, most=_MOST_WORDS)}"
    resolve = f"`{CUSTOMER} {reference} resolve {document}` ends it."
    end = button_element("Resolve", RESOLVE, value=with_key(dispute.company_key, dispute.id))
    if dispute.state == CLOSED:
        already = "" if found.is_news else " already"
        return note(
            f"*The dispute about {who} is closed{already}.* The invoice counts as overdue again once it is late."
        )
    if dispute.state == ACCEPTED:
        opening = f"*{who} is in dispute{'' if found.is_news else ' already'}.*"
        return _message([opening, reason, "It does not count as overdue."], resolve, end)
    opening = f"*{who} is raised as a dispute{'' if found.is_news else ' already'}.*"
    waits = "A controller decides whether it counts. Until then it stays overdue."
    return _message([opening, reason, waits], resolve, end)


def dispute_raised(dispute: DisputeFacts) -> Message:
    """Return the message to a user who may accept a dispute."""
    reference, document = escaped(dispute.reference, most=20), escaped(dispute.document, most=20)
    lines = [
        f"*{user_mention(dispute.raised_by)} says that {_disputed(dispute)} is in dispute.*",
        f"Reason: {escaped(dispute.reason, most=_MOST_WORDS)}",
        "Once it is accepted, it does not count as overdue.",
    ]
    typed = (
        f"Or type `{CUSTOMER} {reference} dispute {document}` to accept, `{CUSTOMER} {reference} resolve {document}`."
    )
    about = with_key(dispute.company_key, dispute.id)
    accept = button_element("Accept", ACCEPT, value=about, style="primary")
    return _message(lines, typed, accept, button_element("Don't accept", RESOLVE, value=about))


def dispute_answered(dispute: DisputeFacts) -> Message:
    """Return the message to who raised a dispute."""
    by = user_mention(dispute.decided_by)
    if dispute.state == ACCEPTED:
        return note(f"*{by} accepted the dispute about {_disputed(dispute)}.* It does not count as overdue now.")
    return note(f"*{by} closed the dispute about {_disputed(dispute)}.* It counts as overdue once it is late.")


def note_written(customer: Customer, words: str) -> Message:
    """Return that a note is kept."""
    who = f"{escaped(customer.name, most=80)} ({escaped(customer.reference, most=20)})"
    line = f"*Noted on {who}:* {escaped(words, most=_MOST_WORDS)}"
    return note(line, aside("It is shown on the card, to colleagues who see this customer's figures."))


def _disputed(dispute: DisputeFacts) -> str:
    who = f"{escaped(dispute.name, most=80)} ({escaped(dispute.reference, most=20)})"
    return f"{escaped(dispute.document, most=20)} of {who}"


def _named(promise: PromiseFacts) -> str:
    return f"{escaped(promise.name, most=80)} ({escaped(promise.reference, most=20)})"


def _amount(promise: PromiseFacts) -> str:
    return money(*promise.shown_amount)


def _long(when: date) -> str:
    return f"{DAYS[when.weekday()]} {day(when)}"


def _message(lines: Sequence[str], small: str, *ways: Element) -> Message:
    said = [line for line in lines if line]
    return Message(joined([*said, small]), (section(joined(said, most=2_900)), buttons(*ways), aside(small)))
