"""Lists are tables and aged debt is a chart; a workspace whose Slack refuses them is answered all the same."""

from __future__ import annotations

import pytest

from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.furnished import read_ledger

NATIVE = {"data_table", "data_visualization"}
LISTS = {
    # what is typed, or the button of a card: the fact that must arrive, in any form
    ("/onhold", ""): "HOL001",
    ("/overdue", ""): "ABS001",
    ("/overdue", "suggested"): "ABS001",
    ("/customer", "customer.invoices"): "£",
    ("/customer", "customer.orders"): "open order",
    ("/customer", "customer.aged"): "Total: £2,464.16",
}


@pytest.fixture
async def acme(read_office):
    read_office.world.place_order("ABS001", 120)
    return read_office


def place(office):
    return office.slack.workspaces["T0ACME"]


def types(message):
    return [block["type"] for block in message.blocks]


async def every_list(office):
    """Ask for each list once, as one user; return the answers by what was asked."""
    card, answers = await office.command("/customer", "ABS001"), {}
    for command, text in LISTS:
        office.clock.forward(seconds=5)  # or a press is a double click
        if text.startswith("customer."):
            answers[command, text] = await press(office, card, text)
        else:
            answers[command, text] = await office.command(command, text)
    await office.sender.direct_message("who owes us the most?", user="priya")
    await office.settle()
    said = office.slack.seen_by("U0PRIYA", team="T0ACME")
    answers["dm", ""] = next(each for each in reversed(said) if "Who owes the most" in each.text)
    return answers


async def test_every_list_is_a_table_and_aged_debt_a_chart_too(acme):
    answers = await every_list(acme)
    for asked, answer in answers.items():
        assert "data_table" in types(answer), asked
    assert "data_visualization" in types(answers["/customer", "customer.aged"])
    assert place(acme).refused_blocks == []
    # What can be done about a row is still there, below the table.
    suggested = answers["/overdue", "suggested"]
    assert types(suggested).index("data_table") < types(suggested).index("actions")
    assert "data_table" in types(await press(acme, answers["/customer", "customer.aged"], "customer.aged.duedate"))


async def test_a_workspace_that_refuses_them_gets_every_list_and_is_asked_once_a_day(acme):
    place(acme).refuses_blocks |= NATIVE
    answers = await every_list(acme)
    for asked, answer in answers.items():
        assert not NATIVE & {*types(answer)}, asked
        assert "rich_text" in types(answer), asked
        assert LISTS.get(asked, "£") in answer.text
        assert LISTS.get(asked, "£") in f"{answer.text} {answer.blocks}"
    asked_once = len(place(acme).refused_blocks)
    assert asked_once == len(answers) + 1  # aged debt was tried without its chart too
    assert "Send CSV" in str(answers["/onhold", ""].blocks)

    acme.clock.forward(hours=23)
    await read_ledger(acme)
    for answer in (await every_list(acme)).values():
        assert "rich_text" in types(answer)
    assert len(place(acme).refused_blocks) == asked_once

    place(acme).refuses_blocks.clear()
    acme.clock.forward(hours=2)
    await read_ledger(acme)
    for asked, answer in (await every_list(acme)).items():
        assert "data_table" in types(answer), asked


async def test_charts_alone_are_refused(acme):
    place(acme).refuses_blocks.add("data_visualization")
    card = await acme.command("/customer", "ABS001")
    for _ in range(2):
        acme.clock.forward(seconds=5)
        aged = await press(acme, card, "customer.aged")
        assert types(aged)[2] == "data_table"
        assert "data_table" in types(await acme.command("/onhold"))
    assert place(acme).refused_blocks == [["data_visualization"]]


async def test_what_one_process_learnt_is_in_the_workspaces_row(acme):
    place(acme).refuses_blocks |= NATIVE
    await acme.command("/onhold")
    await acme.settle()
    bot = await acme.product.services.installations.bot("T0ACME")
    assert list(bot.refused_blocks) == ["onhold.table"]
    other = await acme.product.services.installations.bot("T0OTHER")
    assert other.refused_blocks == {}


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long"])
async def test_a_message_whose_other_blocks_are_refused_arrives_as_text(acme, error):
    acme.slack.refuse_next(error, method="chat.postMessage", times=3)  # with the table, without, and without presses
    await acme.sender.direct_message("who owes us the most?", user="priya")
    await acme.settle()
    answer = acme.slack.seen_by("U0PRIYA", team="T0ACME")[-1]
    assert "Who owes the most" in answer.text
    assert answer.blocks == []
    bot = await acme.product.services.installations.bot("T0ACME")
    # A message that was too long says nothing of the next one.
    assert set(bot.refused_blocks) == ({"ranking.balance", "feedback"} if error == "invalid_blocks" else set())
