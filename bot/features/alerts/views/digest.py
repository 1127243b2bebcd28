"""The digest as a message: the list of accounts on hold in pages, and what was gathered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from bot.domain.changes import Snapshot
from bot.features.alerts.model.messages import MOST_LINES, MOST_RELEASED, Digest, HeldAccount, Shown
from bot.features.alerts.views import buttons
from bot.features.alerts.views.alert import counted, figures
from bot.features.on_hold.views.list import how_long
from bot.slack.views.blocks import Block
from bot.slack.views.listing import sums_by_currency
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.table import Cell, Figure, amount, data_table
from bot.slack.views.text import escaped, moment

# The text repeats every line, and Slack's notifications hold 4,000 characters of it.
_MOST_TEXT = 3_300
_MOST_SECTION = 2_900
_LONGEST_REASON = 60


def digest_message(news: Digest, shown: Shown) -> tuple[Message, int | None]:
    """Return one page, and the number at which the next begins; None after the last."""
    lines, end = _page(news, shown)
    more = end if end < news.count else None
    small = _small(news) if more is None else [f"{news.count - end:,} more below."]
    opening = [*_opening(news), *_total(news, shown)]
    sections = tuple(section(part) for part in parts(opening))
    table = (_table(news.held[: len(lines)], shown),) if lines else ()
    menu = buttons.of_list([each.customer for each in news.held[: len(lines)]], news.company_pk)
    return Message(joined([*opening, *lines, *small]), (*sections, *table, *menu, aside(*small))), more


def _table(held: Sequence[HeldAccount], shown: Shown) -> Block:
    head = ("Account", "Name", "On hold", "Balance", "Credit limit", "Open orders", "Limit used", "New", "Reason")
    return data_table("digest.table", "Accounts on hold", head, [_row(each, shown) for each in held])


def _row(held: HeldAccount, shown: Shown) -> tuple[Cell, ...]:
    customer = held.customer
    days = "" if held.days is None else how_long(held.days, at_least=held.at_least)
    figures_shown: tuple[Cell, ...] = ("", "", "")
    if shown is Shown.FIGURES:
        limit = customer.credit_limit
        figures_shown = (
            _amount(customer, customer.balance),
            "no limit set" if limit is not None and not limit else _amount(customer, limit),
            _amount(customer, customer.open_orders or None),
        )
    used = figures(customer, shown) if shown is Shown.BAND else ""
    return (
        customer.reference,
        customer.name,
        days if held.days is None else Figure(held.days, days),
        *figures_shown,
        used,
        "new" if held.is_new else "",
        _reason(customer, shown),
    )


def _reason(customer: Snapshot, shown: Shown) -> str:
    # Amounts are typed into reasons, so they stand only where figures do.
    return " ".join((customer.status_reason or "").split())[:_LONGEST_REASON] if shown is Shown.FIGURES else ""


def _amount(customer: Snapshot, value: Decimal | None) -> Cell:
    return "" if value is None else amount(customer.currency, value)


def _page(news: Digest, shown: Shown) -> tuple[list[str], int]:
    lines: list[str] = []
    room = _MOST_TEXT - sum(len(line) + 1 for line in [*_opening(news), *_total(news, shown)])
    for number, held in enumerate(news.held[:MOST_LINES]):
        line = _line(held, shown)
        room -= len(line) + 1
        if room < 0 and number:
            break
        lines.append(line)
    return lines, news.begin + len(lines)


def _opening(news: Digest) -> list[str]:
    if news.begin:
        return [f"*Accounts on hold, continued from {news.begin + 1:,}*"]
    if not news.is_listed:
        return [f"*Your digest*{as_late(news.late_by)}", *_gathered(news)]
    count = news.count
    late = as_late(news.late_by)
    title = (
        f"*{count:,} {'account' if count == 1 else 'accounts'} on hold*{late}"
        if count
        else f"*No accounts are on hold*{late}"
    )
    return [title, *_since(news), *_gathered(news)]


def _total(news: Digest, shown: Shown) -> list[str]:
    """Return what the accounts on hold owe in all, by currency, on the first page of a place that is shown figures."""
    if news.begin or not news.sums or shown is not Shown.FIGURES:
        return []
    return [f"Total owed: {' · '.join(sums_by_currency(news.sums))}"]


def as_late(by: timedelta) -> str:
    """Return what is said of a list that comes late; empty for one that doesn't."""
    return f" (sent {_span(by)} late)" if by else ""


def _gathered(news: Digest) -> list[str]:
    """Return the lines for what was gathered since the last digest."""
    if not news.counts:
        return [] if news.is_listed else ["Nothing new since the last one."]
    some, named = not news.is_counted, dict[str, list[str]]()
    for kind, reference, name in news.gathered:
        named.setdefault(kind, []).append(f"{escaped(reference, most=20)} {escaped(name, most=30)}")
    lines = [
        f"{counted({kind: news.counts[kind]}, some=some)}: {', '.join(names)}"
        for kind, names in named.items()
        if kind in news.counts
    ]
    return [f"Changes since the last one: {counted(news.counts, some=some)}", *lines]


def _since(news: Digest) -> list[str]:
    if news.since is None:
        return []
    lines = [f"Since {moment(news.since)}: {news.new:,} new, {news.released_count:,} released"]
    if news.released:
        names = [f"{escaped(ref, most=20)} {escaped(name, most=30)}" for ref, name in news.released[:MOST_RELEASED]]
        more = news.released_count - len(names)
        lines.append(f"Released: {', '.join(names)}{f' and {more:,} more' if more else ''}")
    return lines


def _line(held: HeldAccount, shown: Shown) -> str:
    customer = held.customer
    days = "" if held.days is None else how_long(held.days, at_least=held.at_least)
    parts = [days, figures(customer, shown), "new" if held.is_new else "", escaped(_reason(customer, shown))]
    said = " · ".join(part for part in parts if part)
    return f"• {escaped(customer.reference, most=20)} {escaped(customer.name, most=40)}{f': {said}' if said else ''}"


def _small(news: Digest) -> list[str]:
    return [f"As of {moment(news.as_of)}, from Sage 200" if news.as_of is not None else "From Sage 200"]


def _span(late: timedelta) -> str:
    minutes = int(late.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def parts(lines: list[str]) -> list[str]:
    """Lines as paragraphs that Slack's section holds."""
    found: list[list[str]] = [[]]
    room = _MOST_SECTION
    for line in lines:
        room -= len(line) + 1
        if room < 0 and found[-1]:
            found.append([])
            room = _MOST_SECTION - len(line) - 1
        found[-1].append(line)
    return ["\n".join(part) for part in found]
