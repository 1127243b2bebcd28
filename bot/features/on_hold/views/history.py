"""The history of an account's holds: how often, how long, and each stay with why and by whom."""

from __future__ import annotations

from bot.domain.changes import ACCOUNT_DELETED
from bot.domain.customer import Customer
from bot.features.account_detail.views.documents import detail_title, detail_value, further
from bot.features.customers import views as sources
from bot.features.on_hold.model.history import MOST_SHOWN, HoldHistory, Stay
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.message import Message, aside, heading, joined, section
from bot.slack.views.text import day, escaped, user_mention

HISTORY = "customer.stays"  # Bolt compares beginnings: "customer.hold…" is the form
_A_SECTION = 5


def button(customer: Customer, company_key: str) -> Element:
    """Return the card's button."""
    return button_element("Hold history", HISTORY, value=detail_value(customer, company_key))


def hold_history(found: HoldHistory) -> Message:
    """Return the history, the latest stay first."""
    customer = found.card.customer
    opening = f"*{_how_often(found)}*"
    shown = found.stays[:MOST_SHOWN]
    lines = [_line(each, found) for each in shown]
    more = len(found.stays) - len(shown)
    small = [f"{more:,} earlier {'hold is' if more == 1 else 'holds are'} not shown."] if more else []
    if found.watched_since is None:
        small.append("Holds aren't recorded for this company yet.")
    elif not found.is_whole_year:
        small.append(f"Hold dates are known from {day(found.day(found.watched_since))} only.")
    small.append(sources.customer_line(found.card.source))
    parts = [joined(lines[start : start + _A_SECTION], most=2_900) for start in range(0, len(lines), _A_SECTION)]
    blocks: list[Block] = [heading(detail_title(customer)), section(opening), *map(section, parts)]
    blocks += [further(customer, found.card.company_key), *map(aside, small)]
    return Message(joined([escaped(detail_title(customer)), opening, *lines, *small]), tuple(blocks))


def _how_often(found: HoldHistory) -> str:
    is_held = found.card.customer.on_hold
    if not found.stays:
        return "On hold now" if is_held else "Never on hold, as far as is known"
    now = " On hold now." if is_held else " Not on hold now."
    count, year = len(found.lately), found.this_year
    if not count:
        return f"Not on hold in the last 12 months.{now}"
    since = "" if year == count else f" ({year or 'none'} since 1 January)"
    return f"On hold {_times(count)} in the last 12 months{since}, {_days(found.days_lately)} in all.{now}"


def _line(stay: Stay, found: HoldHistory) -> str:
    episode = stay.episode
    begin = day(found.day(episode.opened_at))
    first = f"before {begin}" if episode.already_held else begin
    days = episode.days_held(found.now, found.zone)
    lasted = f"{'at least ' if episode.already_held else ''}{_days(days)}"
    if episode.closed_at is None:
        span = f"since {first}, {lasted}"
    else:
        span = f"{first} to {day(found.day(episode.closed_at))}, {lasted}"
    facts = [f"• *{span}*"]
    if stay.opened_by:
        facts.append(f"put on hold by {user_mention(stay.opened_by)}")
    if episode.reason:
        facts.append(escaped(episode.reason, most=120))
    if episode.ending == ACCOUNT_DELETED:
        facts.append("the account was deleted")
    elif episode.closed_at is not None:
        released = f"released by {user_mention(stay.closed_by)}" if stay.closed_by else "released"
        facts.append(f"{released}: {escaped(episode.ending, most=120)}" if episode.ending else released)
    return " · ".join(facts)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _days(count: int) -> str:
    return f"{count:,} day{'' if count == 1 else 's'}"
