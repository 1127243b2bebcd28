"""A list of accounts as a message: pages with their buttons, a file, and the small lines that all lists share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.domain.company import company_and_words, in_company
from bot.domain.money import Currency
from bot.domain.text.parsing import whole_number
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, money

# Slack's notifications hold 4,000 characters of the text, which repeats every line: by construction 15 of these.
_MOST_LINE, _MOST_CURRENCIES = 210, 6


def page_ids(page_id: str) -> re.Pattern[str]:
    """Return the pattern of the page buttons' action ids. Ids in a message must differ, so each ends in its page."""
    return re.compile(rf"{re.escape(page_id)}\.\d{{1,9}}")


@dataclass(frozen=True, slots=True)
class PagePressed:
    """Which page of which list a button asks for. `company`: the list's, by its key; empty: the one in use."""

    words: str
    page: int
    company: str = ""


def page_pressed(action: Mapping[str, Any]) -> PagePressed:
    """Return what a button's payload asks for; page 0 for a misshapen value."""
    company, value = company_and_words(str(action.get("value") or ""))
    page, _, words = value.partition(" ")
    return PagePressed(words, whole_number(page, digits=9) or 0, company)


POSTED = "list.posted"
_LONGEST_VALUE = 2_000


def page_buttons(
    page_id: str, csv_id: str, *, page: int, pages: int, words: str, company_key: str, alerts: str = ""
) -> list[Element]:
    """Make the buttons for the pages before and after this one, for the file, and for news of the list.

    They act in the company of `company_key`; empty: in the one in use. `alerts` is what to type behind
    `/sage subscribe`; empty: no such button. Returns elements.
    """

    def value(to: int) -> str:
        return in_company(company_key, f"{to} {words}".rstrip()).lstrip()

    turns = [(page - 1, "Previous"), (page + 1, "Next")]
    made: list[Element] = [
        button_element(text, f"{page_id}.{to}", value=value(to), accessibility_label=f"{text}: page {to}")
        for to, text in turns
        if 1 <= to <= pages
    ]
    made.append(button_element("Send CSV", csv_id, value=value(1)))
    if alerts and len(alerts) <= _LONGEST_VALUE:
        label = "Keep me posted: get messages about these accounts"
        made.append(button_element("Keep me posted", POSTED, value=alerts, accessibility_label=label))
    return made


def page_named(*, page: int, pages: int, first: int = 0, order: str) -> str:
    """Return which page of how many this is, behind what is listed; empty if there is but one.

    `first` of them stand on a page, if so many were asked for, 0 if none were; in `order`.
    """
    if pages <= 1:
        return ""
    cut = f": the first {first:,}, {order}" if first and page == 1 else ""
    return f"{cut}, page {page:,} of {pages:,}"


def whole_file(top: int) -> str:
    """Return that a file has more than so many as were asked for; empty where none were."""
    return f"The file has all of them, not only the first {top:,}." if top else ""


_LONGEST_TYPED = 120  # of words that are worth typing again


def rest_typed(command: str, words: str, *, page: int, pages: int) -> list[str]:
    """Return how to see what isn't on this page, by button and typed, as small print; none if all of it is."""
    if pages <= 1:
        return []
    button, to = ("Previous", page - 1) if page >= pages else ("Next", page + 1)
    if len(words) > _LONGEST_TYPED:
        return [f"The rest: *{button}*; all of them as a file: *Send CSV*."]
    asked = escaped(words.replace("`", "'"), most=2 * _LONGEST_TYPED)
    turned, filed = (" ".join(filter(None, (command, how, asked))) for how in (f"page {to}", "csv"))
    return [f"The rest: *{button}* or `{turned}`; all of them as a file: `{filed}`."]


def list_page(
    top: str,
    lines: Sequence[str],
    small: Sequence[str],
    elements: Sequence[Element],
    *,
    table: Block,
    below: Sequence[Block] = (),
) -> Message:
    """Return one page of a list: what is listed, the table, buttons, small print; all but the table escaped.

    `lines` say the same as the rows of the table. `below` is what may be done about single rows.
    """
    return Message(joined([top, *lines, *small]), (section(top), table, *below, buttons(*elements), aside(*small)))


def nothing_listed(lines: Sequence[str], small: Sequence[str], *, command: str, meant: Sequence[str]) -> Message:
    """Return the message of an empty list; `meant` are filters to suggest, not escaped yet."""
    ways = ", ".join(f"`{command} {escaped(each, most=60).replace('`', chr(39))}`" for each in meant[:5])
    text = joined([*lines, f"Did you mean {ways}?" if ways else ""])
    return Message(joined([text, *small]), (section(text), aside(*small)))


def fitting_line(made: Iterable[str]) -> str:
    """Return the first of these ways to write a line that fits a page, else the last."""
    line = ""
    for line in made:
        if len(line) <= _MOST_LINE:
            break
    return line


def asked_for(asked: str, *, is_narrowed: bool) -> str:
    """Return what a list was asked for, and whether the user sees only their own customers there."""
    only = "Showing your customers only" if is_narrowed else ""
    return " · ".join(filter(None, (f"Filter: {escaped(asked, most=60)}" if asked else "", only)))


def sums_by_currency(sums: Sequence[tuple[Currency, Decimal]]) -> list[str]:
    """Return a sum for each currency, the first few; currencies are never added."""
    parts = [money(currency, amount) for currency, amount in sums[:_MOST_CURRENCIES]]
    more = len(sums) - _MOST_CURRENCIES
    return [*parts, f"{more:,} more currencies"] if more > 0 else parts


def company_named(name: str) -> str:
    """Return the company's name, escaped; "your company" where it isn't known."""
    return escaped(name, most=60) or "your company"


def counted(count: int, one: str, many: str) -> str:
    """Return `1 account`, `1,200 accounts`."""
    return f"{count:,} {one if count == 1 else many}"


def file_sent() -> Message:
    """Return the notice that a file was sent."""
    return note("The file is in your conversation with the app, under *Apps* → *Sage 200*.")
