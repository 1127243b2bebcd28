"""The gate's rules for tables and charts, each broken once."""

from __future__ import annotations

import copy
import json

import pytest

from sandbox.slack.block_kit.blocks import check_message, check_view
from sandbox.slack.methods.errors import SlackError


def table(**more):
    return {
        "type": "data_table",
        "caption": "Accounts",
        "rows": [
            [{"type": "raw_text", "text": "Account"}, {"type": "raw_text", "text": "Balance"}],
            [{"type": "raw_text", "text": "ABS001"}, {"type": "raw_number", "value": 1.5, "text": "£1.50"}],
        ],
        **more,
    }


def chart(**more):
    return {
        "type": "data_visualization",
        "title": "Aged debt",
        "chart": {
            "type": "bar",
            "series": [{"name": "Debt", "data": [{"label": "Current", "value": -1}, {"label": "Old", "value": 2.5}]}],
            "axis_config": {"categories": ["Current", "Old"], "x_label": "Age", "y_label": "GBP"},
        },
        **more,
    }


def pie(value=1):
    return chart(chart={"type": "pie", "segments": [{"label": "Old", "value": value}]})


def refused(*blocks):
    with pytest.raises(SlackError) as caught:
        check_message(list(blocks), "words")
    assert caught.value.error == "invalid_blocks"
    return " ".join(caught.value.more["response_metadata"]["messages"])


def test_good_ones_pass():
    check_message([table(page_size=100, row_header_column_index=1), chart(), pie()], "words")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("caption",), ""),
        (("rows",), [table()["rows"][0]]),
        (("rows",), [table()["rows"][0]] * 202),
        (("rows", 1), [{"type": "raw_text", "text": "one cell"}]),
        (("rows", 0, 0), {"type": "rich_text", "elements": []}),
        (("rows", 1, 0, "text"), ""),
        (("rows", 1, 1, "text"), ""),
        (("rows", 1, 1, "value"), "1.5"),
        (("rows", 1, 1, "value"), True),
        (("rows", 1, 0), {"type": "button"}),
        (("page_size",), 0),
        (("page_size",), 101),
        (("row_header_column_index",), 2),
        (("rows",), [[{"type": "raw_text", "text": "x"}] * 21] * 2),
        (("rows",), [[{"type": "raw_text", "text": "x" * 1_000}] * 11] * 2),
    ],
)
def test_a_bad_table(path, value):
    refused(changed(table(), path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), ""),
        (("title",), "x" * 51),
        (("chart", "type"), "radar"),
        (("chart", "series", 0, "name"), "x" * 21),
        (("chart", "series"), []),
        (("chart", "series", 0, "data"), [{"label": "Current", "value": 1}]),
        (("chart", "series", 0, "data", 0, "label"), "Another"),
        (("chart", "series", 0, "data", 0, "value"), "1"),
        (("chart", "series"), chart()["chart"]["series"] * 2),
        (("chart", "series"), [{**chart()["chart"]["series"][0], "name": str(number)} for number in range(13)]),
        (("chart", "axis_config", "categories"), [str(number) for number in range(21)]),
        (("chart", "axis_config", "categories"), ["Current", "Current"]),
        (("chart", "axis_config", "x_label"), "x" * 51),
    ],
)
def test_a_bad_chart(path, value):
    refused(changed(chart(), path, value))


def test_too_many_of_them_and_pieces_of_nothing():
    assert "only_one_table_allowed" in refused(table(), table())
    assert "no more than 2 charts" in refused(chart(), chart(), pie())
    refused(pie(0))
    refused(chart(chart={"type": "pie", "segments": [{"label": str(n), "value": 1} for n in range(13)]}))


@pytest.mark.parametrize("kind", ["modal", "home"])
@pytest.mark.parametrize("block", [table(), chart()])
def test_they_are_for_messages_alone(kind, block):
    view = {"type": kind, "blocks": [block]}
    with pytest.raises(SlackError) as caught:
        check_view({**view, "title": {"type": "plain_text", "text": "x"}} if kind == "modal" else view)
    assert f"not for a {kind}" in json.dumps(caught.value.more)


def test_a_workspace_that_does_not_know_them():
    with pytest.raises(SlackError) as caught:
        check_message([table()], "words", refuses={"data_table"})
    assert caught.value.error == "invalid_blocks"
    assert "json-pointer:/blocks/0" in str(caught.value.more)


def changed(block, path, value):
    """A copy of the block with another value in one place."""
    made = copy.deepcopy(block)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made
