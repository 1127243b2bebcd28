"""Help, from one list of what can be typed."""

from __future__ import annotations

from bot.slack.views import access, audit, on_hold, release_requests, subscriptions
from bot.slack.views.message import Message, joined, note
from bot.slack.views.text import escaped

CUSTOMER = (
    ("/customer ABS001", "balance, credit limit and on-hold status, by reference, name, short name or postcode"),
    ("/customer ABS001 order 1500", "whether to take an order of that value, with the arithmetic"),
    ("/customer ABS001 hold REASON", "put it on hold in Sage 200; `release REASON` releases it"),
    ("/customer ABS001 request-release REASON", "ask those who may release it"),
)
ONHOLD = on_hold.HELP
SAGE = (
    ("/sage connect", "connect your own Sage ID"),
    ("/sage verify CODE", "finish connecting with the code from the page"),
    ("/sage company", "list your companies; `/sage company 2` picks the second"),
    ("/sage status", "whether you are connected, since when, and to which company"),
    ("/sage disconnect", "erase your Sage sign-in here"),
    ("/sage handover @PERSON", "admins: let another person's sign-in, or `me`, answer for the workspace"),
    *subscriptions.HELP,
    *access.HELP,
    *release_requests.HELP,
    *audit.HELP,
    ("/sage help", "this list"),
)
_HELP_WORDS = {"", "help", "?", "hi", "hello"}


def asks_for_help(text: str) -> bool:
    """An empty question counts: the person doesn't know what to type."""
    return text.strip().lower() in _HELP_WORDS


def wants_help(text: str) -> bool:
    """Where an empty question is a question."""
    return bool(text.strip()) and asks_for_help(text)


def sage_help(*, unknown: str = "") -> Message:
    """Everything that can be typed; begins with the word that wasn't understood, if there was one."""
    opening = f"I don't know `/sage {escaped(unknown, most=40).replace('`', chr(39))}`. " if unknown else ""
    lines = [f"`{usage}`  {meaning}" for usage, meaning in (*CUSTOMER, *ONHOLD[:1], *SAGE)]
    return note(joined([f"{opening}Here is what you can type:", *lines, "Answers are only visible to you."]))


def customer_help() -> Message:
    """How to ask for a customer."""
    examples = "`/customer ABS001` · `/customer garages` · `/customer NE1 4XY`"
    order = "`/customer ABS001 order 1500` says whether to take an order of that value; `£1,500` and `1.5k` do too"
    return note(joined(["Ask for a customer by reference, name, short name or postcode:", examples, order]))


def onhold_help() -> Message:
    """How to ask for the accounts on hold."""
    lines = [f"`{usage}`  {meaning}" for usage, meaning in ONHOLD]
    ways = "Words go together: `/onhold mine currency:EUR` · `/onhold garages not region:Durham`"
    return note(joined(["Who is on hold, since when and why:", *lines, ways, "Answers are only visible to you."]))
