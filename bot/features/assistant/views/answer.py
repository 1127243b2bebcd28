"""Answers in plain English: a sentence, its source and time, then the way to the card."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.command_names import named
from bot.domain.company import with_key
from bot.features.account_detail.model import AgedDebt, LastPayment, OpenInvoices, OpenOrders, PaymentRecord
from bot.features.account_detail.views import aged_debt, documents
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import (
    AlsoElsewhere,
    Assumed,
    CannotDo,
    Compared,
    CustomerAnswer,
    Lost,
    NotYet,
    OfEachOne,
    OfOtherCompany,
    OrderAnswer,
    Partly,
    Small,
    Unnamed,
    Unresolved,
    Unwatched,
)
from bot.features.assistant.model.chosen_question import known_customer, question_of_menu
from bot.features.assistant.model.questions import CannotAnswer, Known, Named, Question, Subject
from bot.features.assistant.views.cannot import EXAMPLE_OF_PROMISE, TOPICS
from bot.features.assistant.views.sentences import called, hold_sentence, sentence
from bot.features.card.views import card as customers
from bot.features.card.views import order_check
from bot.features.connections.model import ConnectionStatus, ConnectLinkOffer
from bot.features.connections.views import connect
from bot.features.customers import views as sources
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.model.lookup import CustomerCard
from bot.features.on_hold.model.history import HoldHistory
from bot.features.on_hold.model.list import Listing
from bot.features.on_hold.model.ranking import Ranking
from bot.features.on_hold.views import history
from bot.features.on_hold.views import list as on_hold
from bot.features.on_hold.views.rankings import ranked
from bot.features.overdue.model.ledger_totals import LedgerTotals
from bot.features.overdue.model.list import DebtNotKnown, OverdueListing
from bot.features.overdue.views import list as overdue
from bot.features.overdue.views.ledger_totals import ledger_answer
from bot.features.subscriptions.model.subscription import Created, SubscriptionView
from bot.features.subscriptions.views import list as subscriptions
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.help import sage_help
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.table import everywhere
from bot.slack.views.text import escaped

SHOW_CARD = "talk.card"
MOST_PROMPTS = 4
MOST_BLOCKS = 50  # of a Slack message
_ASKED = "talk.asked "
_EXAMPLE = re.compile(r"\b(?:ABS|HOL)001\b")
_OF_ALL = "This is about all customers, not only those in the last list."


def conversation_answer(value: object) -> Message:
    """Return the message for any answer, by its type."""
    return VIEWS[type(value)](value)


def in_public(answer: CustomerAnswer) -> Message:
    """Return what everybody in a channel may read: the hold status, without figure or reason."""
    text = f"{hold_sentence(answer.card.customer)}"
    return Message(joined([text, source(answer.card)]), (section(text), aside(source(answer.card))))


def source(card: CustomerCard) -> str:
    """Return where the figures come from, and as of when."""
    return sources.customer_line(card.source)


def prompts(examples: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the suggestions as `assistant.threads.setSuggestedPrompts` takes them."""
    return [{"title": each, "message": each} for each in examples[:MOST_PROMPTS]]


def _about_customer(answer: CustomerAnswer) -> Message:
    text = sentence(answer)
    blocks: list[Block] = [section(text), buttons(_show_card(answer.card)), aside(source(answer.card))]
    return Message(joined([text, source(answer.card)]), tuple(blocks))


def _show_card(card: CustomerCard) -> Element:
    return button_element("Show the card", SHOW_CARD, value=with_key(card.company_key, card.customer.id))


def _ordered(ordered: OrderAnswer) -> Message:
    return order_check.order_answer(ordered.check, ordered.card)


def _compared(both: Compared) -> Message:
    lines = [sentence(CustomerAnswer(ask.IsOnHold(ask.It()), card)) for card in (both.first, both.second)]
    sources = source(both.second)
    return Message(joined([*lines, sources]), (*map(section, lines), aside(sources)))


def _unresolved(found: Unresolved) -> Message:
    """Return the menu of a look-up, with the question stored in its block id."""
    message = customers.lookup_answer(found.found)
    return replace(message, blocks=tuple(_asking(found.question, block) for block in message.blocks))


def _also_elsewhere(also: AlsoElsewhere) -> Message:
    """Return the answer, then the menu of the companies that have the reference too, with the question in it."""
    told = conversation_answer(also.answer)
    whole = customers.and_elsewhere(told, also.card)
    added = (_asking(also.question, block) for block in whole.blocks[len(told.blocks) :])
    return replace(whole, blocks=(*told.blocks, *added))


def _asking(question: Question, block: Block) -> Block:
    """Return the block of a menu with the question in its id."""
    asked = known_customer(question)
    return {**block, "block_id": f"{_ASKED}{asked}"} if block["type"] == "actions" and asked else block


def question_of(action: Mapping[str, Any], customer_id: int) -> Question | None:
    """Return the question of such a menu about the customer chosen in it; None for the card, or another menu."""
    return _question(action, Known(customer_id))


def question_elsewhere(action: Mapping[str, Any], reference: str) -> Question | None:
    """Return the question of such a menu about the reference in the company chosen in it; None as `question_of`."""
    return _question(action, Named(reference))


def _question(action: Mapping[str, Any], who: Subject) -> Question | None:
    asked = str(action.get("block_id") or "")
    return question_of_menu(asked.removeprefix(_ASKED), who) if asked.startswith(_ASKED) else None


def _assumed(about: Assumed) -> Message:
    """Return the answer, with the customer it is about named first."""
    told = conversation_answer(about.answer)
    first = f"About {called(about.card.customer)}, asked about last:"
    return Message(joined([first, told.text]), (aside(first), *told.blocks))


def _of_other_company(other: OfOtherCompany) -> Message:
    """Return the answer, with the company in use."""
    return customers.of_other_company(conversation_answer(other.answer), other.using)


def _partly(partly: Partly) -> Message:
    """Return the answer below what of the question it leaves out."""
    told = conversation_answer(partly.answer)
    first = f"Answered without {left_out(partly.left_out)}." if partly.left_out else ""
    first = " ".join(filter(None, [first, _OF_ALL if partly.is_of_all else ""]))
    return Message(joined([first, told.text]), (section(first), *told.blocks))


def left_out(words: Sequence[str]) -> str:
    """Return `“over £5,000” and “in Durham”`, escaped."""
    *others, last = (f"“{escaped(each, most=60)}”" for each in words)
    return f"{', '.join(others)} and {last}" if others else last


def _of_each(each: OfEachOne) -> Message:
    """Return the answers one below the other, without menus and buttons: those of two could not be told apart."""
    told = [conversation_answer(answer) for answer in each.answers]
    # Slack takes one table in a message.
    blocks = [block for message in told for block in everywhere(message.blocks) if block["type"] != "actions"]
    return Message(joined([message.text for message in told]), tuple(blocks[:MOST_BLOCKS]))


def _unnamed(asked: Unnamed) -> Message:
    every = named(_FOR_ALL.get(type(asked.question), ""))
    return note(joined(["Which customer? Give a reference or part of a name, e.g. “is ABS001 on hold?”", every]))


def _not_yet(_: NotYet) -> Message:
    return note("That can't be answered here yet. `/sage help` lists what can.")


def _cannot(asked: CannotAnswer) -> Message:
    return note(named(TOPICS[asked.topic]))


def _cannot_do(asked: CannotDo) -> Message:
    # The reference is Sage's, and in backticks none of its own may end them.
    reference = escaped(asked.reference, most=30).replace("`", "'")
    text = TOPICS[asked.topic]
    if asked.promise:
        promise = escaped(asked.promise, most=60).replace("`", "'")
        text = text.replace(EXAMPLE_OF_PROMISE, promise.replace("{", "").replace("}", ""))
    return note(_EXAMPLE.sub(lambda _: reference, named(text)))


def _lost(lost: Lost) -> Message:
    first = "Sorry, I didn't understand that. You can ask about customers in Sage 200, for example:"
    return note(joined([first, *_listed(lost.examples)]))


def _small(small: Small) -> Message:
    question: Question = small.question
    if isinstance(question, ask.Thanks):
        return note("You're welcome.")
    if isinstance(question, ask.Greeting):
        return note(joined(["Hello! Ask about a customer, for example:", *_listed(small.examples)]))
    opening = note(joined(["You can ask in plain English, for example:", *_listed(small.examples)]))
    commands = sage_help(small.permissions)
    return Message(joined([opening.text, commands.text]), (*opening.blocks, *commands.blocks))


def _listed(examples: tuple[str, ...]) -> list[str]:
    return [f"•  {each}" for each in examples]


def _unwatched(gone: Unwatched) -> Message:
    name = called(gone.card.customer)
    if gone.number is None:
        return note(f"You have no subscription to {name} alone. `/sage subscriptions` lists yours.")
    return note(f"You won't get any more alerts about {name}: subscription {gone.number} has ended.")


def _status(status: ConnectionStatus) -> Message:
    return connect.connection_status(status)


_FOR_ALL: dict[type, str] = {
    ask.Overdue: "For everybody who is late: “who is overdue?” or `{overdue}`.",
    ask.IsOnHold: "For everybody on hold: “who's on hold?” or `{onhold}`.",
    ask.Limit: "For everybody over their limit: “who's over their limit?”",
    ask.Balance: "For the largest balances: “who owes us the most?”",
}
VIEWS: dict[type, Callable[[Any], Message]] = {
    AgedDebt: aged_debt.aged_debt,
    CustomerCard: customers.customer_card,
    LastPayment: documents.last_payment,
    PaymentRecord: documents.payment_record,
    OpenInvoices: documents.invoices,
    OpenOrders: documents.orders,
    OrderAnswer: _ordered,
    CustomerAnswer: _about_customer,
    Assumed: _assumed,
    AlsoElsewhere: _also_elsewhere,
    OfOtherCompany: _of_other_company,
    Partly: _partly,
    OfEachOne: _of_each,
    CannotAnswer: _cannot,
    CannotDo: _cannot_do,
    Compared: _compared,
    Unresolved: _unresolved,
    Unnamed: _unnamed,
    NotYet: _not_yet,
    Lost: _lost,
    Small: _small,
    Unwatched: _unwatched,
    HoldHistory: history.hold_history,
    OverdueListing: overdue.overdue_answer,
    DebtNotKnown: overdue.overdue_answer,
    Listing: on_hold.on_hold_answer,
    NotKnown: sources.not_known,
    Ranking: ranked,
    LedgerTotals: ledger_answer,
    ConnectLinkOffer: connect.link,
    ConnectionStatus: _status,
    Created: subscriptions.subscription_created,
    SubscriptionView: subscriptions.subscription_changed,
}
"""The view of each type of answer."""
