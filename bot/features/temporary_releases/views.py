"""The fields of a release for a time, and the words that people are told of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bot.command_names import CUSTOMER
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Policy
from bot.features.temporary_releases.model import (
    ONE_ORDER,
    RetakenHold,
    Terms,
    TimedRelease,
    WaitingHold,
    checked_until,
    due_at,
    parse_terms,
)
from bot.slack.views.blocks import Block, datepicker, input_block, plain_text_input
from bot.slack.views.message import Message, joined, note
from bot.slack.views.text import escaped, moment, user_mention

UNTIL, ORDER = "until", "for_order"
_CONSENT = "At the end of that day it goes back on hold, with your Sage sign-in."
_FOR_ORDER = (
    "A number, or “one” for the next. It goes back on hold once that is entered, or at the end of the next working "
    "day if sooner."
)


def term_fields() -> list[Block]:
    """Return the optional fields for how long an account is released."""
    number = plain_text_input(ORDER, max_length=20)
    return [
        input_block(UNTIL, "Only until", datepicker(UNTIL), hint=_CONSENT, optional=True),
        input_block(ORDER, "Only for order", number, hint=_FOR_ORDER, optional=True),
    ]


def terms_filled(view: Mapping[str, Any], now: datetime, policy: Policy) -> tuple[Terms | None, dict[str, str]]:
    """Return what a form says of how long, and what is wrong with it by field."""
    today = policy.day_of(now)
    values = (view.get("state") or {}).get("values") or {}
    until = str((values.get(UNTIL) or {}).get(UNTIL, {}).get("selected_date") or "")
    order = str((values.get(ORDER) or {}).get(ORDER, {}).get("value") or "").strip()
    if until and order:
        return None, {ORDER: "Give a day or an order, not both."}
    try:
        if until:
            terms = Terms(checked_until(date.fromisoformat(until), today))
            due_at(terms, now, policy)
            return terms, {}
        if order:
            return _order(order, today), {}
    except ValueError:
        return None, {UNTIL: "Pick a day."}
    except BadQuestion as error:
        return None, {(UNTIL if until else ORDER): error.message}
    return None, {}


def _order(typed: str, today: date) -> Terms:
    if typed.casefold() == ONE_ORDER:
        return Terms(order=ONE_ORDER)
    terms, rest = parse_terms(f"for order {typed}", today)
    if terms is None or rest:
        raise BadQuestion("Write an order number, or “one”.", hint="")
    return terms


def beside(release: TimedRelease) -> str:
    """Return the line below the result of a release: until when it is, or that it stays; empty for neither."""
    if release.stays:
        return "It now stays off hold: it was due to go back on hold."
    if release.terms is None or release.due_at is None:
        return ""
    if release.terms.order:
        which = "one order" if release.terms.order == ONE_ORDER else f"order {escaped(release.terms.order, most=20)}"
        return (
            f"Released for {which}: it goes back on hold, with your Sage sign-in, once that is entered, or "
            f"{moment(release.due_at)} if sooner."
        )
    return (
        f"Released until {moment(release.due_at)}: it then goes back on hold, with your Sage sign-in. To change the "
        "day, release it again with the new one."
    )


def hold_retaken(found: RetakenHold, *, is_own: bool) -> Message:
    """Return the message that an account is on hold again."""
    whose = "with your Sage sign-in" if is_own else f"with {user_mention(found.agreed_by)}'s Sage sign-in"
    return note(f"*{_named(found)} is on hold again*, as agreed, {whose}: {_what(found)} is over.")


def rehold_failed(found: RetakenHold, *, is_own: bool) -> Message:
    """Return the message that an account is still off hold."""
    whose = "your" if is_own else f"{user_mention(found.agreed_by)}'s"
    return note(
        joined(
            [
                f"*{_named(found)} is still off hold:* {_what(found)} is over, and it could not be put on hold again "
                f"with {whose} Sage sign-in.",
                f"{escaped(found.why, most=300)}",
                _ways(found.reference),
            ]
        )
    )


def waiting_line(held: WaitingHold) -> str:
    """Return one account that is off hold for a time."""
    who = f"*{escaped(held.reference, most=20)}* {escaped(held.name, most=40)}"
    by = user_mention(held.agreed_by)
    if held.failed:
        return f"⚠️ {who}: still off hold, could not be put on hold again with {by}'s sign-in. {_ways(held.reference)}"
    order = (
        f"for {'one order' if held.for_order == ONE_ORDER else f'order {escaped(held.for_order)}'}, "
        if held.for_order
        else ""
    )
    latest = " at the latest" if held.for_order else ""
    return f"{who}: off hold {order}until {moment(held.due_at)}{latest}, agreed by {by}"


def _ways(reference: str) -> str:
    typed = f"{CUSTOMER} {escaped(reference, most=20)}"
    return f"To do it now: `{typed} hold REASON`. To leave it: `{typed} release REASON`."


def _what(found: RetakenHold) -> str:
    if not found.for_order:
        return f"the release until {moment(found.due_at)}"
    which = "one order" if found.for_order == ONE_ORDER else f"order {escaped(found.for_order, most=20)}"
    return f"the release for {which}"


def _named(found: RetakenHold) -> str:
    return f"{escaped(found.name, most=80)} ({escaped(found.reference, most=20)})"
