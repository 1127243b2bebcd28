"""What each command, click and delivery costs, counted: a rise fails, and a fall wants its number lowered here."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import astuple

import pytest

from tests.counting import database_cost
from tests.scenarios.alerts.test_news_posted import look
from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.customers.test_reach import shortcut
from tests.scenarios.furnished import read_ledger
from tests.scenarios.test_home import open_home


@pytest.fixture
async def acme(connected_office):
    """Priya's own sign-in is the workspace's; Anna sells without one of her own; everything was asked once before."""
    await connected_office.command("/sage", "roles <@U0ANNA|anna> controller")
    await read_ledger(connected_office)
    for user in ("priya", "anna"):
        for text in ("ABS001", "HOL001", "ABS001 order 1500"):
            await connected_office.command("/customer", text, user=user)
        await connected_office.command("/onhold", "", user=user)
        await connected_office.command("/sage", "help", user=user)  # reads the company's examples, once an hour
    await connected_office.settle()
    await look(connected_office)  # what people are told of their roles
    return connected_office


@asynccontextmanager
async def counted(office):
    """Counts the database's work and the requests to Sage while the block runs and what it set off ends."""
    office.sage.requests.clear()
    with database_cost(office.product.services.database) as cost:
        yield cost
        await office.settle()
    cost.sage = len(office.sage.requests)


async def costs_of_commands(office, commands) -> dict[tuple[str, str, str], tuple[int, int, int]]:
    found = {}
    for user, command, text in commands:
        async with counted(office) as cost:
            await office.command(command, text, user=user)
        found[user, command, text] = astuple(cost)[:3]
    return found


COMMANDS = {
    # (user, command, text): (transactions, statements, requests to Sage)
    ("priya", "/customer", "ABS001"): (2, 2, 1),
    ("anna", "/customer", "ABS001"): (2, 2, 1),
    ("anna", "/customer", "HOL001"): (2, 2, 2),
    ("priya", "/customer", "ABS001 order 1500"): (2, 2, 2),
    ("anna", "/customer", "help"): (2, 2, 0),
    ("anna", "/onhold", ""): (4, 5, 0),
    ("priya", "/onhold", ""): (4, 5, 1),
    ("anna", "/sage", "help"): (2, 2, 0),
    ("anna", "/sage", "status"): (3, 4, 0),
    ("anna", "/sage", "subscriptions"): (4, 4, 0),  # and whom the user snoozed
    ("priya", "/sage", "settings"): (3, 4, 0),
    ("anna", "/sage", "requests"): (4, 4, 0),
}


async def test_commands(acme):
    assert await costs_of_commands(acme, COMMANDS) == COMMANDS


TOOLS = {
    "customer": ({"reference": "ABS001"}, (1, 1, 1)),
    "find_customers": ({"words": "abs001"}, (1, 1, 1)),
    "check_order": ({"reference": "ABS001", "amount": "1500"}, (1, 1, 2)),
    "open_invoices": ({"reference": "ABS001"}, (1, 1, 3)),
    "accounts_on_hold": ({}, (3, 4, 0)),
    "overdue_accounts": ({}, (3, 5, 0)),
}


async def test_tools_that_an_assistant_calls(acme):
    found = {}
    for tool, (arguments, _) in TOOLS.items():
        await acme.sender.tool(tool, arguments, user="anna")
        await acme.settle()
        async with counted(acme) as cost:
            reply = await acme.sender.tool(tool, arguments, user="anna")
        assert not reply.json()["result"]["isError"]
        found[tool] = (arguments, astuple(cost)[:3])
    assert found == TOOLS


# A head read and moved, and the lines added together: one transaction more, once in ten minutes.
READ_FIRST = {("anna", "/customer", "ABS002"): (3, 5, 1), ("anna", "/onhold", "min:1"): (5, 8, 0)}


async def test_what_is_read_for_the_first_time_is_recorded_after_the_answer(acme):
    assert await costs_of_commands(acme, READ_FIRST) == READ_FIRST


CLICKS = {
    "customer.aged": (2, 2, 3),  # and how late was paid
    "customer.invoices": (2, 2, 2),
    "customer.orders": (2, 2, 2),
    "customer.contact": (2, 2, 2),
    "customer.stays": (3, 4, 1),
    "customer.refresh": (4, 4, 1),  # the debt is read once the customer is known
}


async def test_clicks(acme):
    found = {}
    for action in CLICKS:
        card = await acme.command("/customer", "ABS001", user="anna")
        await press(acme, card, action, user="anna")
        await acme.settle()
        acme.clock.forward(seconds=5)  # or it is a double click
        async with counted(acme) as cost:
            await press(acme, card, action, user="anna")
        found[action] = astuple(cost)[:3]
    assert found == CLICKS


async def test_a_question_in_a_direct_message(acme):
    await acme.sender.direct_message("what does ABS001 owe?", user="anna")
    await acme.settle()
    async with counted(acme) as cost:
        await acme.sender.direct_message("what does ABS001 owe?", user="anna")
        await acme.settle()
    assert astuple(cost)[:3] == (3, 3, 1)


async def test_a_keystroke_in_a_customer_menu(acme):
    view = await shortcut(acme, "anna")
    assert await acme.sender.suggest(view, "picker.customer", "abs", user="anna")
    async with counted(acme) as cost:
        await acme.sender.suggest(view, "picker.customer", "abs", user="anna")
    # By reference, the words of names that have the letters, how many customers have these, and the customers.
    assert astuple(cost)[:3] == (2, 5, 0)


async def test_a_home_that_is_opened_again(acme):
    await open_home(acme, "priya")
    acme.clock.forward(seconds=5)
    async with counted(acme) as cost:
        await open_home(acme, "priya")
    # Sage is asked about a sign-in of their own, and what it says is stored once a minute. What is promised of the late
    # debt shown is one statement, and so are what waits for a decision and what could not be put on hold again.
    assert astuple(cost)[:3] == (13, 25, 1)


@pytest.mark.parametrize(("where", "most"), [("in <#C0SALES|sales>", (5, 12, 0)), ("in me", (4, 11, 0))])
async def test_one_more_message_to_deliver(acme, where, most):
    """The second of a queue, without what is done once for the queue; the reader's session is read for each."""
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    answer = await acme.command("/sage", f"subscribe holds {where}", user="anna")
    assert "Subscription 1" in answer.text
    await look(acme)  # what Anna's role was told
    costs = []
    for references in (["ABS001"], ["ABS002", "NOR001"]):
        acme.clock.forward(minutes=10)
        for reference in references:
            acme.world.put_on_hold(reference)
        await read_ledger(acme)
        async with counted(acme) as cost:
            for _ in range(3):
                await look(acme)
        costs.append(cost)
    one, two = costs
    assert (two.transactions - one.transactions, two.statements - one.statements, two.sage) == most
