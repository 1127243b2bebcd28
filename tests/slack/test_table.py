"""Tables and charts: the shapes and limits of Slack's blocks, and the lines in their place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bot.domain.money import STERLING
from bot.slack.views.message import Message, section
from bot.slack.views.modal import message_modal
from bot.slack.views.table import CHART, Figure, Mentions, amount, bar_chart, data_table, kinds, on, without
from sandbox.slack.block_kit.blocks import check_message
from tests.slack.gate import passes_view
from tests.slack.hostile import whatever_things_are_called

HEAD = ("Account", "Name", "Balance", "Due")


def rows(count=3, words="ABS Garages Ltd"):
    return [
        (f"A{number}", words, amount(STERLING, Decimal(number) / 4), on(date(2026, 3, number % 28 + 1)))
        for number in range(1, count + 1)
    ]


def chart(labels=("Current", "Over 90 days"), values=(Decimal("1.5"), Decimal(-2))):
    return bar_chart("aged.chart", "Aged debt", [("Debt", values)], labels=labels, x_label="Age", y_label="GBP")


def lines(block):
    """What stands in a table's place."""
    [made] = without([block], {block["block_id"]})
    return made["elements"][0]["elements"][0]["text"].split("\n")


def test_columns_of_figures_sort_by_number_and_show_their_text():
    made = data_table("x.table", "Accounts", HEAD, rows(2))
    assert made["rows"][1] == [
        {"type": "raw_text", "text": "A1"},
        {"type": "raw_text", "text": "ABS Garages Ltd"},
        {"type": "raw_number", "value": 0.25, "text": "£0.25"},
        {"type": "raw_number", "value": date(2026, 3, 2).toordinal(), "text": "2 March 2026"},
    ]
    assert (made["page_size"], made["row_header_column_index"]) == (2, 0)


def test_one_figure_that_is_not_known_makes_its_column_text_and_a_column_of_nothing_is_left_out():
    made = data_table("x.table", "Accounts", HEAD, [("A1", "", amount(STERLING, Decimal(1)), ""), ("A2", "", "", "")])
    assert [cell["text"] for cell in made["rows"][0]] == ["Account", "Balance"]
    assert [row[1] for row in made["rows"][1:]] == [
        {"type": "raw_text", "text": "£1.00"},
        {"type": "raw_text", "text": "–"},
    ]


@whatever_things_are_called
def test_slack_takes_a_table_and_a_chart_of_any_words(words):
    made = data_table("x.table", words, HEAD, rows(20, words))
    drawn = chart(labels=(words, words, words[:19]), values=(Decimal(1),) * 3)
    check_message([made, drawn], "words")
    assert all(cell["text"] for row in made["rows"] for cell in row)


def test_slacks_limits_are_kept_however_much_there_is():
    made = data_table("x.table", "Accounts", HEAD, rows(500))
    assert (len(made["rows"]), made["page_size"]) == (201, 100)
    many = chart(labels=[f"Period {number}" for number in range(40)], values=[Decimal(1)] * 40)
    assert len(many["chart"]["axis_config"]["categories"]) == len(many["chart"]["series"][0]["data"]) == 20


def test_the_lines_in_a_tables_place_are_straight_and_cut_no_figure():
    made = lines(data_table("x.table", "Accounts", HEAD, rows(3, "A very long name " * 9)))
    assert len({line.index("£") + len(line.split("£")[1].split()[0]) for line in made[1:]}) == 1
    assert all(len(line) <= 92 for line in made)
    for line in made[1:]:
        assert "£" in line
        assert line.endswith("March 2026")
    assert made[0].startswith("Account  Name")


def test_mentions_stay_mentions_in_the_lines():
    made = data_table("roles.table", "Roles", ("Role", "Who"), [("admin", Mentions(("U0PRIYA",), ("S0CREDIT",)))])
    [line] = without([made], {"roles.table"})
    assert line["text"]["text"] == "*admin*: <@U0PRIYA>, <!subteam^S0CREDIT>"


def test_only_what_is_refused_gives_way():
    blocks = (section("Top"), chart(), data_table("aged.table", "Ages", HEAD, rows(1)))
    assert kinds(blocks) == {"aged.chart", "aged.table"}
    assert kinds(blocks, CHART) == {"aged.chart"}
    assert [block["type"] for block in without(blocks, {"aged.chart"})] == ["section", "data_table"]
    assert [block["type"] for block in without(blocks, kinds(blocks))] == ["section", "rich_text"]
    assert without(blocks, {"another.table"}) == blocks


def test_a_modal_shows_lines():
    made = message_modal(Message("A1", (chart(), data_table("x.table", "x", HEAD, rows(1)))))
    assert [block["type"] for block in made["blocks"]] == ["rich_text"]
    passes_view(made)


def test_a_whole_number_is_sent_as_one():
    made = data_table("x.table", "x", ("A", "Days"), [("A1", Figure(12, "12 days"))])
    assert made["rows"][1][1] == {"type": "raw_number", "value": 12, "text": "12 days"}
    assert isinstance(made["rows"][1][1]["value"], int)
