"""Slack's tables and charts: `table`, `data_table`, `data_visualization`.

The rules are those of docs.slack.dev/reference/block-kit/blocks/data-table-block and …/data-visualization-block, of
@slack/types (a `raw_number` has a text), and of github.com/TightknitAI/slack-block-kit-validator (no empty cell, one
table in a message, each series one point for every category), as read in November 2026.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sandbox.slack import limits
from sandbox.slack.block_kit.rich_text import RICH_TEXT
from sandbox.slack.block_kit.shapes import Check, Shape, Walk, by_type, flag, many, number, one_of, string

_BLOCK_ID: dict[str, Check] = {"block_id": string(limits.ANY_ID)}


def _quantity(value: Any, at: str, walk: Walk) -> None:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        walk.fault("must be a number", at)


def _more_than_nothing(value: Any, at: str, walk: Walk) -> None:
    _quantity(value, at, walk)
    if isinstance(value, (int, float)) and value <= 0:
        walk.fault("must be greater than 0", at)


def _page_size(value: Any, at: str, walk: Walk) -> None:
    number(value, at, walk)
    if isinstance(value, int) and not 1 <= value <= limits.DATA_TABLE_PAGE:
        walk.fault(f"must be between 1 and {limits.DATA_TABLE_PAGE}", at)


_OF_TABLE: dict[str, Check] = {
    "raw_text": Shape({"text": string(limits.FIELD_TEXT, least=0)}),
    "rich_text": RICH_TEXT,
}
_COLUMN = Shape(may={"align": one_of("left", "center", "right"), "is_wrapped": flag})
_OF_DATA_TABLE: dict[str, Check] = {
    "raw_text": Shape({"text": string(limits.FIELD_TEXT)}),
    "raw_number": Shape({"value": _quantity, "text": string(limits.FIELD_TEXT)}),
    "rich_text": RICH_TEXT,
}


def _is_level(value: dict[str, Any], at: str, walk: Walk) -> None:
    """Rows of one length, a plain head, and a row header that is there."""
    rows = [row for row in value.get("rows") or [] if isinstance(row, list)]
    if len({len(row) for row in rows}) > 1:
        walk.fault("rows must have the same number of cells", f"{at}/rows")
    if any(isinstance(cell, dict) and cell.get("type") == "rich_text" for cell in (rows[0] if rows else [])):
        walk.fault("the header row takes no rich_text", f"{at}/rows/0")
    column = value.get("row_header_column_index", 0)
    if isinstance(column, int) and rows and not 0 <= column < len(rows[0]):
        walk.fault("must be the index of a column", f"{at}/row_header_column_index")


_label = string(limits.CHART_LABEL)
_axis = string(limits.CHART_TITLE, least=0)
_SERIES = Shape(
    {
        "name": _label,
        "data": many(Shape({"label": _label, "value": _quantity}), most=limits.CHART_POINTS),
    }
)


def _is_consistent(value: dict[str, Any], at: str, walk: Walk) -> None:
    """Series of different names, each with one point for every category."""
    series = [each for each in value.get("series") or [] if isinstance(each, dict)]
    axis = value.get("axis_config")
    categories = axis.get("categories") if isinstance(axis, dict) else None
    names = [each.get("name") for each in series]
    if len({str(name) for name in names}) != len(names):
        walk.fault("series must have different names", f"{at}/series")
    if not isinstance(categories, list):
        return
    if len({str(each) for each in categories}) != len(categories):
        walk.fault("categories must be different", f"{at}/axis_config/categories")
    for place, each in enumerate(series):
        labels = [point.get("label") for point in each.get("data") or [] if isinstance(point, dict)]
        if sorted(map(str, labels)) != sorted(map(str, categories)):
            walk.fault("must have one point for every category", f"{at}/series/{place}/data")


_AXES = Shape(
    {
        "series": many(_SERIES, most=limits.CHART_SERIES),
        "axis_config": Shape(
            {"categories": many(_label, most=limits.CHART_POINTS)}, {"x_label": _axis, "y_label": _axis}
        ),
    },
    rule=_is_consistent,
)
_PIE = Shape({"segments": many(Shape({"label": _label, "value": _more_than_nothing}), most=limits.CHART_SEGMENTS)})
_CHART = by_type({"bar": _AXES, "line": _AXES, "area": _AXES, "pie": _PIE})

NATIVE: dict[str, Check] = {
    "table": Shape(
        {"rows": many(many(by_type(_OF_TABLE), most=limits.TABLE_COLUMNS), most=limits.TABLE_ROWS)},
        {"column_settings": many(_COLUMN, most=limits.TABLE_COLUMNS), **_BLOCK_ID},
    ),
    "data_table": Shape(
        {
            "caption": string(limits.FIELD_TEXT),
            "rows": many(
                many(by_type(_OF_DATA_TABLE), most=limits.TABLE_COLUMNS), most=limits.DATA_TABLE_ROWS, least=2
            ),
        },
        {"page_size": _page_size, "row_header_column_index": number, **_BLOCK_ID},
        _is_level,
    ),
    "data_visualization": Shape({"title": string(limits.CHART_TITLE), "chart": _CHART}, _BLOCK_ID),
}
_TABLES = ("table", "data_table")


def of_the_whole(blocks: Iterable[Any], walk: Walk) -> None:
    """What concerns all of a message's tables and charts together."""
    shown = [(place, block) for place, block in enumerate(blocks) if isinstance(block, dict)]
    tables = [place for place, block in shown if block.get("type") in _TABLES]
    charts = [place for place, block in shown if block.get("type") == "data_visualization"]
    if len(tables) > limits.TABLES:
        walk.fault("only_one_table_allowed", f"/blocks/{tables[limits.TABLES]}")
    if len(charts) > limits.CHARTS:
        walk.fault(f"no more than {limits.CHARTS} charts allowed", f"/blocks/{charts[limits.CHARTS]}")
    said = sum(len(words) for _, block in shown if block.get("type") == "data_table" for words in _texts(block))
    if said > limits.DATA_TABLE_TEXT:
        walk.fault(f"tables must be less than {limits.DATA_TABLE_TEXT + 1} characters", "/blocks")


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in {"text", "caption"} and isinstance(part, str):
                yield part
            else:
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def refused(blocks: Any, refuses: Collection[str], walk: Walk) -> None:
    """The kinds of blocks that this workspace's Slack does not know yet."""
    for place, block in enumerate(blocks if isinstance(blocks, list) else []):
        if isinstance(block, dict) and block.get("type") in refuses:
            walk.fault(f"unsupported type: {block['type']}", f"/blocks/{place}")
