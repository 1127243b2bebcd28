"""Guests, people of other companies and those whom Slack can't describe: one refusal, whatever they type or press."""

from __future__ import annotations

import pytest

from bot.features.card.listeners.customer import WORDS as CUSTOMER_WORDS
from bot.slack_app.sage_command import WORDS

REFUSAL = "Sage 200 is only for full members of this workspace"
HELP = {"", "help"}
CASES = [
    *(("/sage", f"{word} 1") for word in WORDS if word not in HELP),
    *(("/sage", word) for word in WORDS if word not in HELP | {"subscribe"}),
    ("/customer", "ABS001"),
    *(("/customer", f"ABS001 {word} 1") for word in CUSTOMER_WORDS if word),
    ("/onhold", ""),
    ("/onhold", "mine"),
    ("/onhold", "csv"),
]


@pytest.fixture
async def acme(connected_office):
    return connected_office


@pytest.mark.parametrize("user", ["gary", "sol", "sam"])
async def test_everything_typed_is_refused_in_one_way(acme, user):
    unlike = {}
    for command, text in CASES:
        said = (await acme.command(command, text, user=user)).text
        if not said.startswith(REFUSAL):
            unlike[f"{command} {text}"] = said
    assert unlike == {}


async def test_whom_slack_cannot_describe_is_refused_alike(acme):
    acme.slack.refuse_next("internal_error", method="users.info", times=100)
    for text in ("status", "company", "subscriptions"):
        assert (await acme.command("/sage", text, user="anna")).text.startswith(REFUSAL)


@pytest.mark.parametrize("user", ["gary", "sam"])
async def test_help_and_home_say_what_the_app_is_and_nothing_of_the_workspace(acme, user):
    for text in ("", "help", "frobnicate"):
        said = (await acme.command("/sage", text, user=user)).text
        assert "only for full members" in said
        assert "Priya" not in said
