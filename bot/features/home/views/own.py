"""The parts of the Home tab about somebody's own customers and news."""

from __future__ import annotations

import re

from slack_sdk.models.blocks import Block, ButtonElement, ConfirmObject, InteractiveElement
from slack_sdk.models.blocks import PlainTextObject as Plain

from bot.features.access.model.authorization import Action
from bot.features.home.model import MOST_ACCOUNTS, MOST_SUBSCRIPTIONS, Accounts, Home
from bot.features.on_hold.model.list import Account, Listing, NotKnown
from bot.features.on_hold.views.list import how_long, money, unknown
from bot.features.subscriptions.model.subscription import SubscriptionView
from bot.features.subscriptions.views.list import state, what, where
from bot.slack.views.message import aside, buttons, heading, joined, section
from bot.slack.views.text import escaped, moment, user_mention

SUBSCRIBE = "home.subscribe"
EDIT, PAUSE, RESUME, DELETE = (f"home.subscription.{each}" for each in ("edit", "pause", "resume", "delete"))
# Where every character needs escaping, five lines are some 2,900 of the 3,000 that Slack allows.
_A_SECTION = 5
_UNCODED = (
    "You can see only your own customers here, and nobody has said yet which those are. An admin of this app can: {ask}"
)


def accounts(shown: Home) -> list[Block]:
    """The accounts on hold, theirs where somebody has said which those are."""
    found = shown.accounts
    if found is None:
        return []
    title = heading("Your accounts on hold" if found.theirs or found.uncoded else "Accounts on hold")
    if found.uncoded:
        ask = ", ".join(map(user_mention, shown.admins[:10])) or "`/sage roles @YOU customers Region:North`"
        return [title, section(_UNCODED.format(ask=ask))]
    if isinstance(found.found, NotKnown):
        return [title, *unknown(found.found).blocks]
    return [title, *_listed(found, found.found)] if found.found is not None else []


def _listed(found: Accounts, listing: Listing) -> list[Block]:
    company = escaped(listing.company_name, most=60) or "your company"
    small = f"As of {moment(listing.as_of)}, from my copy of {company}"
    if not listing.accounts:
        whose = "None of your customers is" if found.theirs else "Nobody is"
        return [section(f"{whose} on hold."), aside(small)]
    shown = listing.accounts[:MOST_ACCOUNTS]
    lines = [_line(account) for account in shown]
    more = len(listing.accounts) - len(shown)
    typed = "`/onhold mine`" if found.theirs else "`/onhold`"
    rest = (
        f"The {len(shown)} longest of {len(listing.accounts):,}. All: {typed}" if more else f"Filters and file: {typed}"
    )
    parts = [joined(lines[start : start + _A_SECTION]) for start in range(0, len(lines), _A_SECTION)]
    return [*map(section, parts), aside(small, rest)]


def _line(account: Account) -> str:
    """Without a balance where none is shown to them."""
    held, customer = account.held, account.held.customer
    who = f"*{escaped(customer.reference, most=16)}* {escaped(customer.name, most=40)}"
    balance = money(customer.currency, customer.balance) if customer.balance is not None else ""
    why = escaped(account.reason, most=40)
    parts = (who, how_long(held.days, at_least=held.at_least), balance, why)
    return f"• {' · '.join(part for part in parts if part)}"


def subscriptions(shown: Home) -> list[Block]:
    """Their own, each with what can be done to it. Watches are subscriptions to one customer."""
    may = Action.SUBSCRIBE_SELF in shown.reach.may
    if not may and not shown.subscriptions:
        return []
    made: list[Block] = [heading("Your watches and subscriptions")]
    for kept in shown.subscriptions[:MOST_SUBSCRIPTIONS]:
        made += [section(_entry(kept)), buttons(*_presses(kept, may=may))]
    if not shown.subscriptions:
        made.append(section("None yet. I can tell you, or a channel, when an account goes on hold or comes off it."))
    if may:
        made.append(buttons(ButtonElement(text="Subscribe", action_id=SUBSCRIBE)))
    more = len(shown.subscriptions) - MOST_SUBSCRIPTIONS
    all_of_them = "everybody's" if Action.SEE_SUBSCRIPTIONS in shown.reach.may else "all of them"
    left_out = f"{more:,} more of yours are not shown. " if more > 0 else ""
    return [*made, aside(f"{left_out}`/sage subscriptions` lists {all_of_them}.")]


def _entry(kept: SubscriptionView) -> str:
    """One as `/sage subscriptions` says it, without its owner."""
    company = escaped(kept.company_name, most=60)
    target = kept.subscription.target
    place = f"to {'you, in private' if target.personal else where(target)}{f', about {company}' if company else ''}"
    return joined([f"*{kept.number}*  {what(kept, most=300)}", f"{place} · {state(kept) or 'running'}"])


def _presses(kept: SubscriptionView, *, may: bool) -> list[InteractiveElement]:
    """Who may not subscribe any more can still silence and delete what is theirs."""
    silent = bool(kept.subscription.paused) or kept.subscription.muted_until is not None
    acts = [(RESUME, "Resume")] if silent and may else [] if silent else [(PAUSE, "Pause")]
    acts += [(EDIT, "Edit")] if may else []
    return [*(_press(act, text, kept.number) for act, text in acts), _delete(kept.number)]


def _press(act: str, text: str, number: int) -> ButtonElement:
    return ButtonElement(
        text=text,
        action_id=f"{act}.{number}",
        value=str(number),
        accessibility_label=f"{text}: subscription {number}",
    )


def _delete(number: int) -> ButtonElement:
    button = _press(DELETE, "Delete", number)
    button.confirm = ConfirmObject(
        title="Delete this subscription?",
        text=Plain(text=f"Number {number} will tell nothing any more."),
        confirm="Delete",
        deny="Keep it",
    )
    return button


def own_part_pressed(act: str) -> re.Pattern[str]:
    """The action ids of such a button: each ends in a number, for a view holds one of a name."""
    return re.compile(rf"{re.escape(act)}\.\d{{1,9}}")
