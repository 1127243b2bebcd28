"""The list of what is overdue against a week ago."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.command_names import OVERDUE
from bot.domain.debt.lateness import DebtUnknown
from bot.features.alerts.model.messages import DebtsDigest, OverdueMover, OverdueTotal, SalesOutstanding, Shown
from bot.features.alerts.views.digest import as_late, parts
from bot.features.overdue.views.lateness import days
from bot.slack.views.blocks import Block
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.table import Cell, Figure, amount, bar_chart, data_table
from bot.slack.views.text import day, escaped, moment, money, short

_MOST_BARS = 10
_UNKNOWN = {
    DebtUnknown.READING: "the open items are being read for the first time",
    DebtUnknown.NOT_GIVEN: "Sage 200 gives no transactions here",
    DebtUnknown.OLD: "the open items were last read too long ago",
}


def debts_message(news: DebtsDigest, shown: Shown) -> Message:
    """Totals by currency, who is newly overdue and who has cleared; where figures are shown, with the amounts."""
    about = f" in {escaped(news.company_name, most=80)}" if news.company_name else ""
    title = f"*Overdue debt{about}*{as_late(news.late_by)}"
    small = [f"As of {moment(news.as_of)}, from the open items in Sage 200"] if news.as_of is not None else []
    small.append(f"`{OVERDUE}` lists them, `{OVERDUE} csv` as a file.")
    if news.unknown is not None:
        why = _UNKNOWN.get(news.unknown, "Sage 200 is not answering")
        lines = above = [title, f"What is overdue isn't known: {why}."]
        native: list[Block] = []
    else:
        before, after = (
            [title, *_totals(news, shown)],
            [*_promises(news), *_suggested(news), *sales_outstanding_lines(news.outstanding)],
        )
        native = [*_chart(news, shown), *_table(news, shown)]
        lines = [*before, *_lists(news, shown), *after]
        above = [*before, _counts(news), *after] if native else lines  # the table names them
    return Message(joined([*lines, *small]), (*(section(part) for part in parts(above)), *native, aside(*small)))


def _counts(news: DebtsDigest) -> str:
    new, cleared = (sum(getattr(each, name) for each in news.totals) for name in ("new", "cleared"))
    return f"Newly overdue: {new:,}. Cleared: {cleared:,}."


def _chart(news: DebtsDigest, shown: Shown) -> list[Block]:
    """Return what those who moved most owed then and owe now, in the currency of most of the accounts."""
    if not _is_told(shown) or news.since is None or not news.totals:
        return []
    currency = max(news.totals, key=lambda each: each.accounts).currency
    moved = [each for each in news.moved if each.currency == currency][:_MOST_BARS]
    if not moved:
        return []
    series = [("A week ago", [each.before for each in moved]), ("Now", [each.now for each in moved])]
    name = short(currency).iso or short(currency).symbol
    labels = [each.reference for each in moved]
    title = "Biggest changes"
    return [bar_chart("debts.chart", title, series, labels=labels, x_label="Account", y_label=f"Overdue, {name}")]


def _table(news: DebtsDigest, shown: Shown) -> list[Block]:
    """Return the accounts that the lines name, each with what became of it."""
    if news.since is None:
        return []
    named = (("newly overdue", news.new), ("cleared", news.cleared), ("moved", news.moved))
    rows = [_row(each, what, shown) for what, some in named for each in some if what != "moved" or _is_told(shown)]
    head = ("Account", "Name", "What", "By", "Now", "Oldest")
    return [data_table("debts.table", "Overdue debt compared with a week ago", head, rows)] if rows else []


def _row(each: OverdueMover, what: str, shown: Shown) -> tuple[Cell, ...]:
    if what == "moved":
        what = "rose" if each.now > each.before else "fell"
    if not _is_told(shown):
        return each.reference, each.name, what, "", "", ""
    now = amount(each.currency, each.now) if each.now else Figure(0, "nothing")
    oldest = Figure(each.oldest_days, days(each.oldest_days)) if each.oldest_days else ""
    return each.reference, each.name, what, amount(each.currency, abs(each.now - each.before)), now, oldest


def _is_told(shown: Shown) -> bool:
    return shown is Shown.FIGURES


def _totals(news: DebtsDigest, shown: Shown) -> list[str]:
    accounts = sum(each.accounts for each in news.totals)
    count = (
        f"{accounts:,} account{'s are' if accounts != 1 else ' is'} overdue" if accounts else "No accounts are overdue"
    )
    compared = f"Compared with {day(news.since)}" if news.since is not None else "There is nothing to compare with yet"
    if shown is not Shown.FIGURES:
        return [f"{count}. {compared}."]
    return [f"{count}. {compared}.", *(_total(each, news) for each in news.totals)]


def _total(each: OverdueTotal, news: DebtsDigest) -> str:
    said = f"• {money(each.currency, each.total)} on {each.accounts:,} account{'s' if each.accounts != 1 else ''}"
    if news.since is None:
        return said
    change = each.total - each.before
    if not change:
        return f"{said}: the same as then"
    return f"{said}: {'up' if change > 0 else 'down'} {money(each.currency, abs(change))}, it was " + money(
        each.currency, each.before
    )


def _lists(news: DebtsDigest, shown: Shown) -> list[str]:
    if news.since is None:
        return []
    new, cleared = (sum(getattr(each, name) for each in news.totals) for name in ("new", "cleared"))
    lines = [_listed(f"Newly overdue: {new:,}", new, news.new, shown)]
    lines.append(_listed(f"Cleared: {cleared:,}", cleared, news.cleared, shown))
    if shown is Shown.FIGURES:
        rose = [each for each in news.moved if each.now > each.before]
        fell = [each for each in news.moved if each.now < each.before]
        lines += [f"Rose most: {_moves(rose)}"] if rose else []
        lines += [f"Fell most: {_moves(fell)}"] if fell else []
    return lines


def _listed(title: str, count: int, some: tuple[OverdueMover, ...], shown: Shown) -> str:
    if not some:
        return title
    names = [_name(each) + (f" {_amount(each)}" if shown is Shown.FIGURES else "") for each in some]
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return f"{title}: {'; '.join(names)}{more}"


def _amount(each: OverdueMover) -> str:
    return f"{money(each.currency, each.now or each.before)}{_oldest(each)}"


def _oldest(each: OverdueMover) -> str:
    return f", oldest {days(each.oldest_days)}" if each.oldest_days else ""


def _moves(some: Iterable[OverdueMover]) -> str:
    return "; ".join(
        f"{_name(each)} by {money(each.currency, abs(each.now - each.before))} "
        f"to {money(each.currency, each.now)}{_oldest(each)}"
        for each in some
    )


def _name(each: OverdueMover) -> str:
    return f"{escaped(each.reference, most=20)} {escaped(each.name, most=30)}"


def _promises(news: DebtsDigest) -> list[str]:
    if not news.promises_due and not news.promises_broken:
        return []
    return [f"Promises: {news.promises_due:,} due in the next week, {news.promises_broken:,} broken in the last"]


def sales_outstanding_lines(outstanding: Sequence[SalesOutstanding]) -> list[str]:
    """Return the days of sales outstanding: one line, by currency where there are several; none where unknown."""
    if not outstanding:
        return []
    several = len(outstanding) > 1
    parts = []
    for each in outstanding:
        said = f"{each.days:,}" if each.days is not None else f"more than {each.months} months of sales"
        named = each.currency.iso or each.currency.symbol
        parts.append(f"{said} ({escaped(named, most=8)})" if several and named else said)
    return [f"Days sales outstanding at the end of {outstanding[0].month:%B}, by count-back: {', '.join(parts)}"]


def _suggested(news: DebtsDigest) -> list[str]:
    if not news.suggested:
        return []
    return [f"Suggested for a hold: {news.suggested:,} (`{OVERDUE} suggested`)"]
