"""The source of an answer about customers and its time, or why there is no list of them."""

from __future__ import annotations

from bot.command_names import CUSTOMER
from bot.domain.source import Source, in_words
from bot.features.access.model.authorization import Action
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.customers.model.lookup import CustomerCard
from bot.slack.views.blocks import Block
from bot.slack.views.listing import company_named
from bot.slack.views.message import Message, note, section
from bot.slack.views.text import escaped, moment

# Every list says this, of holds, late debt or balances: so not what is listed.
_WHY = {
    Unknown.NOT_KEPT: "The customers of {company} can't be listed yet. Lists cover the company of the workspace's "
    "sign-in, and those with alerts.",
    Unknown.READING: "{company} is being read for the first time ({customers:,} customers so far), so its customers "
    "can't be listed yet. Please ask again in a few minutes.",
    Unknown.OLD: "Sage 200 hasn't responded for {company} since {as_of}, so this list would be out of date.",
}


def not_known(found: NotKnown) -> Message:
    """Return the message that there is no list, and why."""
    as_of = moment(found.as_of) if found.as_of else ""
    text = _WHY[found.why].format(company=company_named(found.company_name), customers=found.customers, as_of=as_of)
    return note(f"{text} `{CUSTOMER}` and a reference gives live figures.")


def figures_hidden(card: CustomerCard) -> str:
    """Return why the card has no figures, and what would show them, where the reader hasn't connected a Sage ID."""
    is_sales = Action.FIGURES in card.may
    whose = "You see figures of your own customers only." if is_sales else "Figures are for people with a role here."
    return f"{whose} With your own Sage ID you see what Sage 200 shows you." if card.may_connect else whose


def customer_line(source: Source) -> str:
    """Return `Live from ABS Ltd in Sage 200, 14:15`, or the reason, time and age of saved figures."""
    company = escaped(source.company_name)
    if source.copied is None:
        return f"Live from {company} in Sage 200, {moment(source.as_of)}"
    age = in_words(source.age)
    return f"⚠️ {source.copied.why}. Figures as at {moment(source.as_of)}, {age} old ({company})"


def warning(source: Source) -> tuple[Block, ...]:
    """Return a block above the figures of a copy; nothing for live ones."""
    return () if source.copied is None else (section(f"*{customer_line(source)}*"),)
