"""The parts of Home about the user's own accounts on hold and subscriptions."""

from __future__ import annotations

import re

from bot.command_names import ONHOLD, OVERDUE
from bot.features.access.model.authorization import Action
from bot.features.alerts.views.buttons import view_account
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.views import not_known
from bot.features.home.model import MOST_REQUESTS, MOST_SUBSCRIPTIONS, Accounts, Home
from bot.features.on_hold.model.list import Account, Listing
from bot.features.on_hold.views.list import how_long
from bot.features.overdue.views.list import line, totals
from bot.features.release_requests.views import request_entry
from bot.features.subscriptions.model.subscription import SubscriptionView
from bot.features.subscriptions.views.list import state, what, where
from bot.features.temporary_releases.views import waiting_line
from bot.slack.views.blocks import Block, Element, button_element, confirm_object, mrkdwn, section_block
from bot.slack.views.listing import company_named
from bot.slack.views.message import aside, buttons, heading, joined, section
from bot.slack.views.text import escaped, moment, money, user_mention

SUBSCRIBE = "home.subscribe"
EDIT, PAUSE, RESUME, DELETE = (f"home.subscription.{each}" for each in ("edit", "pause", "resume", "delete"))
# If every character needs escaping, five lines are some 2,900 of the 3,000 characters that Slack allows.
_A_SECTION = 5
_UNCODED = (
    "You can only see your own customers, and none have been assigned to you yet. An "
    "admin of this app can do that: {ask}"
)


def accounts(shown: Home) -> list[Block]:
    """Return the accounts on hold, the user's own if own customers were assigned."""
    found = shown.accounts
    if found is None:
        return []
    title = heading("Your accounts on hold" if found.own_only or found.unassigned else "Accounts on hold")
    if found.unassigned:
        ask = ", ".join(map(user_mention, shown.admins[:10])) or "`/sage roles @YOU customers`"
        return [title, section(_UNCODED.format(ask=ask))]
    if isinstance(found.found, NotKnown):
        return [title, *not_known(found.found).blocks]
    return [title, *_listed(found, found.found)] if found.found is not None else []


def _listed(found: Accounts, listing: Listing) -> list[Block]:
    company = company_named(listing.company_name)
    small = f"Figures as at {moment(listing.as_of)} ({company})"
    if not listing.accounts:
        whose = "None of your customers is" if found.own_only else "No accounts are"
        return [section(f"{whose} on hold."), aside(small)]
    shown, count = listing.accounts, listing.totals.count
    lines = [_line(account) for account in shown]
    more = count - len(shown)
    typed = f"`{ONHOLD} mine`" if found.own_only else f"`{ONHOLD}`"
    rest = f"Showing {len(shown)} of {count:,}. All: {typed}" if more else f"Filters and file: {typed}"
    parts = [joined(lines[start : start + _A_SECTION]) for start in range(0, len(lines), _A_SECTION)]
    return [*map(section, parts), aside(small, rest)]


def _line(account: Account) -> str:
    """Return one account; without a balance if the user is shown none."""
    held, customer = account.held, account.held.customer
    who = f"*{escaped(customer.reference, most=16)}* {escaped(customer.name, most=40)}"
    balance = money(customer.currency, customer.balance) if customer.balance is not None else ""
    why = escaped(account.reason, most=40)
    parts = (who, how_long(held.days, at_least=held.at_least), balance, why)
    return f"• {' · '.join(part for part in parts if part)}"


def waiting(shown: Home) -> list[Block]:
    """Return the requests that wait for the user, or for somebody else's decision on what the user asked."""
    if not shown.requests and not shown.off_hold:
        return []
    theirs = shown.off_hold or any(each.may_decide or each.request.waits_for_answer for each in shown.requests)
    made: list[Block] = [heading("Waiting for you" if theirs else "Your requests")]
    for place, held in enumerate(shown.off_hold[:MOST_REQUESTS], start=1):
        look = view_account(held.company_pk, held.customer_id, place=place, about=held.reference)
        made.append(section_block(mrkdwn(waiting_line(held)), accessory=look))
    for each in shown.requests[:MOST_REQUESTS]:
        made += request_entry(each)
    more = max(len(shown.requests) - MOST_REQUESTS, 0) + max(len(shown.off_hold) - MOST_REQUESTS, 0)
    return [*made, *([aside(f"{more:,} more: `/sage requests`")] if more > 0 else [])]


def overdue(shown: Home) -> list[Block]:
    """Return the accounts with the oldest late debt, the user's own if own customers were assigned."""
    late = shown.late
    if late is None:
        return []
    found, whose = late.found, f"{OVERDUE} mine" if late.own_only else str(OVERDUE)
    title = heading("Your overdue accounts" if late.own_only else "Overdue accounts")
    company = company_named(found.company_name)
    lines = [line(account) for account in found.accounts]
    more = found.totals.count - len(lines)
    nobody = "None of your customers is overdue." if late.own_only else "No accounts are overdue."
    rest = (
        f"The {len(lines)} oldest of {found.totals.count:,}. All: `{whose}`" if more else f"Filters and file: `{whose}`"
    )
    told = [
        f"{late.suggested:,} suggested for a hold: `{OVERDUE} suggested`" if late.suggested else "",
        _differing(late.differing) if late.differing else "",
    ]
    said = [part for part in told if part]
    return [
        title,
        section(joined([totals(found), *lines]) if lines else nobody),
        *([section(joined(said))] if said else []),
        aside(f"Figures as at {moment(found.as_of)} ({company})", rest),
    ]


def _differing(count: int) -> str:
    whose = "customer whose balance differs from its" if count == 1 else "customers whose balance differs from their"
    return f"{count:,} {whose} open items, so the overdue debt is unconfirmed"


def subscriptions(shown: Home) -> list[Block]:
    """Return the user's subscriptions with their buttons. A watch is a subscription to one customer."""
    may = Action.SUBSCRIBE_SELF in shown.permissions.may
    if not may and not shown.subscriptions:
        return []
    made: list[Block] = [heading("Your watches and subscriptions")]
    for found in shown.subscriptions[:MOST_SUBSCRIPTIONS]:
        made += [section(_entry(found)), buttons(*_buttons(found, may=may))]
    if not shown.subscriptions:
        made.append(
            section("None yet. Get a message, or post to a channel, when an account goes on hold or comes off it.")
        )
    if may:
        made.append(buttons(button_element("Subscribe", SUBSCRIBE)))
    more = len(shown.subscriptions) - MOST_SUBSCRIPTIONS
    others = "Everybody's" if Action.SEE_SUBSCRIPTIONS in shown.permissions.may else "All of yours" if more > 0 else ""
    left_out = f"{more:,} more of yours are not shown. " if more > 0 else ""
    return [*made, *([aside(f"{left_out}{others}: `/sage subscriptions`")] if others else [])]


def _entry(found: SubscriptionView) -> str:
    """Return one subscription as `/sage subscriptions` words it, without the owner and what goes without saying."""
    target = found.subscription.target
    place = "Direct message to you" if target.personal else f"In {where(target)}"
    parts = (place, escaped(found.company_name, most=60), state(found))
    return joined([f"*{found.number}*  {what(found, most=300)}", " · ".join(part for part in parts if part)])


def _buttons(found: SubscriptionView, *, may: bool) -> list[Element]:
    """Return the buttons of one subscription."""
    # A user who may not subscribe any more can still silence and delete their own.
    silent = bool(found.subscription.paused) or found.subscription.muted_until is not None
    acts = [(RESUME, "Resume")] if silent and may else [] if silent else [(PAUSE, "Pause")]
    acts += [(EDIT, "Edit")] if may else []
    return [*(_button(act, text, found.number) for act, text in acts), _delete(found.number)]


def _button(act: str, text: str, number: int, confirm: Element | None = None) -> Element:
    return button_element(
        text,
        f"{act}.{number}",
        value=str(number),
        confirm=confirm,
        accessibility_label=f"{text}: subscription {number}",
    )


def _delete(number: int) -> Element:
    question, then = "Delete this subscription?", f"You'll stop getting alert {number}."
    return _button(DELETE, "Delete", number, confirm_object(question, then, confirm="Delete", deny="Keep it"))


def own_part_pressed(act: str) -> re.Pattern[str]:
    """Return the pattern of such a button's action ids. Each ends in a number, since ids are unique in a view."""
    return re.compile(rf"{re.escape(act)}\.\d{{1,9}}")
