"""Slack's tables and charts, and the lines that stand in their place where a workspace's Slack refuses them.

The limits are those of docs.slack.dev, blocks `data_table` and `data_visualization`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.money import Currency
from bot.slack.views.blocks import (
    Block,
    Element,
    data_table_block,
    data_visualization_block,
    mrkdwn,
    rich_text_block,
    rich_text_preformatted,
    rich_text_section,
    rich_text_words,
    section_block,
)
from bot.slack.views.text import day, escaped, group_mention, plain, short, user_mention

TABLE, CHART, PRESSES = "data_table", "data_visualization", "context_actions"
_MOST_ROWS, _MOST_PAGE, _MOST_CELL, _MOST_CAPTION = 200, 100, 60, 150
_MOST_TITLE, _MOST_LABEL, _MOST_POINTS = 50, 20, 20
_WIDE, _NARROW = 92, 10  # letters of a preformatted line, and of its narrowest cut column
_NONE = "–"  # an empty cell makes Slack refuse the whole message


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell that sorts by its value and shows its text."""

    value: Decimal | int
    text: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """A cell of users and user groups, by id."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


Cell = str | Figure | Mentions


def amount(currency: Currency, value: Decimal) -> Figure:
    """Return an amount of money as a cell."""
    return Figure(value, plain(short(currency).show(value), most=60))


def on(when: date | None) -> Cell:
    """Return a day as a cell that sorts by time; empty if there is none."""
    return Figure(when.toordinal(), day(when)) if when is not None else ""


def data_table(kind: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Block:
    """Make a table of at least one row, without the columns that nothing stands in. Returns a block.

    `kind`, unlike any other in the message, names the kind of answer: a refusal is remembered by it. Texts are raw.
    """
    rows = rows[:_MOST_ROWS]
    columns = [place for place in range(len(head)) if not place or any(_is_filled(row[place]) for row in rows)]
    # Slack sorts by number only where the whole column is of numbers.
    numbers = {place for place in columns if all(isinstance(row[place], Figure) for row in rows)}
    top = [_raw_text(head[place]) for place in columns]
    body = [[_cell(row[place], is_number=place in numbers) for place in columns] for row in rows]
    return data_table_block(
        plain(caption, most=_MOST_CAPTION) or _NONE, [top, *body], block_id=kind, page_size=min(len(rows), _MOST_PAGE)
    )


def bar_chart(
    kind: str,
    title: str,
    series: Sequence[tuple[str, Sequence[Decimal]]],
    *,
    labels: Sequence[str],
    x_label: str,
    y_label: str,
) -> Block:
    """Make a bar chart; every series has a value for each label. A table with its figures stands below it.

    `kind` is as in `data_table`. Returns a block.
    """
    categories = _unlike(labels[:_MOST_POINTS])
    names = _unlike([name for name, _ in series])
    return data_visualization_block(
        plain(title, most=_MOST_TITLE) or _NONE,
        {
            "type": "bar",
            "series": [
                {
                    "name": name,
                    "data": _points(categories, values),
                }
                for name, (_, values) in zip(names, series, strict=True)
            ],
            "axis_config": {
                "categories": categories,
                "x_label": plain(x_label, most=_MOST_TITLE),
                "y_label": plain(y_label, most=_MOST_TITLE),
            },
        },
        block_id=kind,
    )


def _points(labels: Sequence[str], values: Sequence[Decimal]) -> list[Element]:
    return [{"label": label, "value": float(value)} for label, value in zip(labels, values, strict=False)]


def _unlike(labels: Iterable[str]) -> list[str]:
    """Return the labels cut to what Slack takes, and no two alike."""
    made: list[str] = []
    for number, label in enumerate(labels, start=1):
        cut = plain(label, most=_MOST_LABEL) or _NONE
        made.append(cut if cut not in made else f"{plain(label, most=_MOST_LABEL - 4)} ({number})")
    return made


def _is_filled(cell: Cell) -> bool:
    return bool(cell.users or cell.groups) if isinstance(cell, Mentions) else bool(_words(cell))


def _words(cell: str | Figure) -> str:
    return plain(cell.text if isinstance(cell, Figure) else cell, most=_MOST_CELL)


def _cell(cell: Cell, *, is_number: bool) -> Element:
    if isinstance(cell, Mentions):
        return _mentions(cell)
    if is_number and isinstance(cell, Figure):
        value = float(cell.value)
        return {"type": "raw_number", "value": int(value) if value.is_integer() else value, "text": _words(cell) or "0"}
    return _raw_text(_words(cell))


def _raw_text(words: str) -> Element:
    return {"type": "raw_text", "text": words or _NONE}


def _mentions(cell: Mentions) -> Element:
    named: list[Element] = [{"type": "user", "user_id": each} for each in cell.users]
    named += [{"type": "usergroup", "usergroup_id": each} for each in cell.groups]
    parts = [part for each in named for part in (rich_text_words(", "), each)][1:]
    return rich_text_block(rich_text_section(parts or [rich_text_words(_NONE)]))


def kinds(blocks: Iterable[Block], *types: str) -> frozenset[str]:
    """Return the kinds of the blocks that Slack may refuse: tables, charts and presses, or those of the types named."""
    return frozenset(str(block["block_id"]) for block in blocks if block["type"] in (types or (TABLE, CHART, PRESSES)))


def without(blocks: Iterable[Block], refused: Collection[str]) -> tuple[Block, ...]:
    """Return the blocks with lines in the place of the tables refused, and without the charts and presses refused."""
    return tuple(made for block in blocks for made in _instead(block, refused))


def everywhere(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks with neither tables, charts nor presses, for modals and Home, which take none."""
    shown = tuple(blocks)
    return without(shown, kinds(shown))


def _instead(block: Block, refused: Collection[str]) -> list[Block]:
    if block["type"] not in {TABLE, CHART, PRESSES} or block["block_id"] not in refused:
        return [block]
    if block["type"] != TABLE:
        return []  # the table beside a chart has its figures
    rows: list[list[Element]] = block["rows"]
    if any(cell["type"] == "rich_text" for row in rows for cell in row):
        return [section_block(mrkdwn("\n".join(_line(row) for row in rows[1:])))]
    return [rich_text_block(rich_text_preformatted([rich_text_words(_preformatted(rows))]))]


def _line(row: Sequence[Element]) -> str:
    """Return a row with mentions, which preformatted text can't hold, as `*controller*: @Ben, @Ann`."""
    first, *rest = (_spoken(cell) for cell in row)
    return f"*{first}*: {' · '.join(rest)}"


def _spoken(cell: Element) -> str:
    if cell["type"] != "rich_text":
        return escaped(str(cell["text"]), most=_MOST_CELL)
    return "".join(_named(part) for part in cell["elements"][0]["elements"])


def _named(part: dict[str, Any]) -> str:
    if part["type"] == "user":
        return user_mention(part["user_id"])
    return group_mention(part["usergroup_id"]) if part["type"] == "usergroup" else str(part["text"])


def _preformatted(rows: Sequence[Sequence[Element]]) -> str:
    texts = [[str(cell["text"]) for cell in row] for row in rows]
    numbers = {place for place, cell in enumerate(rows[1]) if cell["type"] == "raw_number"}
    widths = [max(len(row[place]) for row in texts) for place in range(len(texts[0]))]
    # The widest texts give way, and no figure does.
    while sum(widths) + 2 * (len(widths) - 1) > _WIDE:
        widest = max((place for place in range(len(widths)) if place not in numbers), key=widths.__getitem__, default=0)
        if widest in numbers or widths[widest] <= _NARROW:
            break
        widths[widest] -= 1
    return "\n".join(
        "  ".join(
            text.rjust(widths[place]) if place in numbers else plain(text, most=widths[place]).ljust(widths[place])
            for place, text in enumerate(row)
        ).rstrip()
        for row in texts
    )
