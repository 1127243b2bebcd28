"""Another app of the workspace has `/customer`: with COMMAND_PREFIX commands and sentences have other names."""

from __future__ import annotations

import re

import pytest

from bot.command_names import CUSTOMER
from tests.scenarios.customers.test_on_hold import read_ledger
from tests.scenarios.slack_app import office as open_office
from tests.scenarios.test_home import open_home

PLAIN = re.compile(r"(?<![\w/.])/(?:customer|onhold|overdue)\b.{0,60}")


@pytest.fixture
async def prefixed(sqlite_url):
    async with open_office(sqlite_url, COMMAND_PREFIX="sage-") as opened:
        await opened.install("T0ACME")
        await opened.connect()
        yield opened
        await opened.settle()


async def test_commands_answer_by_their_names_and_every_sentence_has_them(prefixed):
    await prefixed.command("/sage", "company 1")
    await read_ledger(prefixed)
    card = await prefixed.command("/sage-customer", "ABS001")
    assert "£2,464.16" in card.text
    assert "on hold" in (await prefixed.command("/sage-onhold")).text
    assert "overdue" in (await prefixed.command("/sage-overdue")).text
    for command, text in (
        ("/sage", "help"), ("/sage", "help holds"), ("/sage", "company 1"), ("/sage", "roles <@U0ANNA|anna> sales"),
        ("/sage-customer", ""), ("/sage-customer", "help"), ("/sage-customer", "nobody at all"),
        ("/sage-customer", "a"), ("/sage-customer", "ABS001 order lots"), ("/sage-customer", "ABS001 wibble"),
        ("/sage-customer", "ABS001 hold"), ("/sage-customer", "ABS001 promise"), ("/sage-customer", "ABS001 note"),
        ("/sage-customer", "ABS001 dispute INV99"), ("/sage-customer", "ABS001 promise 50 by friday"),
        ("/sage-onhold", "help"), ("/sage-onhold", "zzz"), ("/sage-overdue", "help"), ("/sage-overdue", "zzz"),
    ):  # fmt: skip
        assert (await prefixed.sender.command(command, text, user="priya")).status == 200
    for words in ("who is on hold?", "is it on hold?", "send me a file of everybody", "what can I ask?", "total debt?"):
        await prefixed.sender.direct_message(words, user="priya")
    await prefixed.settle()
    home = await open_home(prefixed, "priya")
    said = [str(message.blocks) + message.text for message in prefixed.slack.messages] + [str(home)]
    assert [found[0] for each in said for found in PLAIN.finditer(each)] == []
    assert sum("/sage-customer" in each for each in said) > 10
    # The plain names are no commands of ours then.
    assert (await prefixed.sender.command("/customer", "ABS001", user="priya")).status == 404
    assert str(CUSTOMER) == "/sage-customer"


def test_without_a_prefix_they_have_the_plain_names():
    assert str(CUSTOMER) == "/customer"
