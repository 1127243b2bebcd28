"""One refusal, whatever is typed or pressed, for guests, other companies' people and users Slack can't describe."""

from __future__ import annotations

import pytest

from bot.features.card.listeners.customer import WORDS as CUSTOMER_WORDS
from bot.slack_app.sage_command import WORDS
from sandbox.slack import Changes
from tests.scenarios.assistant.test_talk import mention, tell
from tests.scenarios.test_home import open_home

REFUSAL = (
    "Sage 200 is only for full members of this workspace: guests and people from other companies can't see it.\n"
    "If you think that is wrong, ask an admin of this Slack workspace."
)
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
        if said != REFUSAL:
            unlike[f"{command} {text}"] = said
    assert unlike == {}


async def test_whom_slack_cannot_describe_is_refused_alike(acme):
    acme.slack.refuse_next("internal_error", method="users.info", times=100)
    for text in ("status", "company", "subscriptions"):
        assert (await acme.command("/sage", text, user="anna")).text == REFUSAL


@pytest.mark.parametrize("user", ["gary", "sam"])
@pytest.mark.parametrize("command", ["/sage", "/customer", "/onhold", "/overdue"])
async def test_help_is_the_refusal_too(acme, command, user):
    for text in ("help", "frobnicate"):
        assert (await acme.command(command, text, user=user)).text == REFUSAL


@pytest.mark.parametrize("text", ["hello", "thanks", "help", "who is overdue?", "what's the weather in Leeds"])
async def test_every_conversation_says_what_a_command_says(acme, text):
    await Changes(acme.slack, acme.sender).invite_bot("C0SALES")
    said = [
        (await tell(acme, text, user="gary")).text,
        (await tell(acme, text, user="gary", thread_ts="1772442000.000100")).text,
        (await mention(acme, text, user="gary")).text,
    ]
    assert said == [REFUSAL] * 3


@pytest.mark.parametrize("user", ["gary", "sol"])
async def test_home_says_what_a_command_says(acme, user):
    [block] = (await open_home(acme, user)).content["blocks"]
    assert block["text"]["text"] == REFUSAL
