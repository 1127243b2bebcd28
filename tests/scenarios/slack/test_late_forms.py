"""A form that Slack no longer opens: the person is told to press again, and nothing counts as our fault."""

from __future__ import annotations

import pytest

from tests.scenarios.customers.test_on_hold import press

TOO_LATE = "That took too long for Slack"
ERRORS = ["expired_trigger_id", "invalid_trigger_id", "exchanged_trigger_id", "trigger_exchanged"]


@pytest.fixture
async def acme(read_office, capsys):
    yield read_office
    await read_office.settle()
    assert "a listener failed" not in capsys.readouterr().out


@pytest.mark.parametrize("error", ERRORS)
async def test_a_command_is_typed_again(acme, error):
    acme.slack.refuse_next(error, method="views.open")
    said = (await acme.command("/sage", "subscribe")).text
    assert said.startswith(TOO_LATE)
    assert "type the command again" in said


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("button", ["customer.share", "customer.hold"])
async def test_a_button_is_pressed_again(acme, error, button):
    card = await acme.command("/customer", "ABS001")
    acme.slack.refuse_next(error, method="views.open")
    said = (await press(acme, card, button)).text
    assert said.startswith(TOO_LATE)
    assert "press the button again" in said


@pytest.mark.parametrize("button", ["home.channels", "home.customers", "home.settings", "home.roles"])
async def test_homes_buttons_say_it_on_home(acme, button):
    await acme.sender.event({"type": "app_home_opened", "user": "U0PRIYA", "tab": "home", "channel": "D0PRIYA"})
    await acme.settle()
    home = next(each for each in acme.slack.views.values() if each.content["type"] == "home")
    acme.slack.refuse_next("expired_trigger_id", method="views.open")
    await acme.sender.click(home, button, user="priya")
    await acme.settle()
    assert TOO_LATE in str(home.content)


async def test_a_form_on_top_of_a_form_leaves_what_was_typed_below(acme):
    message = acme.sender.said("Is ABS001 on hold?", user="U0PRIYA", channel="C0SALES")
    trigger = acme.slack.state.triggers.new(user="U0PRIYA", team="T0ACME")
    await acme.sender.shortcut(message, "customer.mentioned", user="priya", trigger_id=trigger)
    await acme.settle()
    form = acme.modals[-1]
    button = next(
        each["action_id"]
        for block in form.content["blocks"]
        for each in [*block.get("elements", []), block.get("accessory") or {}]
        if each.get("type") == "button"
    )
    acme.slack.refuse_next("expired_trigger_id", method="views.push")
    await acme.sender.click(form, button, user="priya")
    await acme.settle()
    assert form.is_open
    assert acme.latest.text.startswith(TOO_LATE)
