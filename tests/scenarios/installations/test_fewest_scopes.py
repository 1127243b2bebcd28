"""The app with no optional scope at all: what one of them is for says what is missing, and everything else works."""

from __future__ import annotations

import pytest

from bot.features.installations.scopes import REQUIRED
from tests.scenarios.customers.test_on_hold import read_ledger
from tests.scenarios.test_home import open_home


@pytest.fixture
async def bare(connected_office):
    await read_ledger(connected_office)
    connected_office.slack.state.grants.of("T0ACME").scopes = tuple(REQUIRED)
    return connected_office


async def test_what_needs_none_of_them_works(bare):
    assert "£2,464.16" in (await bare.command("/customer", "ABS001")).text
    assert "Headroom after it" in (await bare.command("/customer", "ABS001 order 1500")).text
    assert "HOL001" in (await bare.command("/onhold")).text
    assert "overdue" in (await bare.command("/overdue")).text
    assert "Accounts on hold" in str(await open_home(bare, "priya"))
    assert "is now a controller" in (await bare.command("/sage", "roles <@U0ANNA|anna> controller")).text
    assert "Subscription 1" in (await bare.command("/sage", "subscribe holds in me")).text


async def test_what_needs_one_says_what_is_missing(bare):
    said = {
        "channels:read": await bare.command("/sage", "subscribe holds in <#C0SALES|sales>"),
        "usergroups:read": await bare.command("/sage", "roles <!subteam^S0CREDIT|@credit-team> controller"),
        "im:write": await bare.command("/onhold", "csv"),
    }
    for scope, message in said.items():
        assert f"Slack's permission `{scope}`, which wasn't given when the app was installed." in message.text
