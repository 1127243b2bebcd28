"""Requests are posted in a channel that an admin names: no more of them than its class, decided only by who may."""

from __future__ import annotations

import copy

import pytest

from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.holds.test_doing import form, work
from tests.scenarios.holds.test_release_facts import again, asked, furnish  # noqa: F401 - `furnish` is found by its name

C_SALES = "C0SALES"


@pytest.fixture
def acme(furnished_office):
    return furnished_office


def posted(acme):
    ours = [m for m in acme.slack.messages if m.channel == C_SALES and not m.is_ephemeral]
    return [m for m in ours if " asks " in m.text and not m.is_gone]


async def name_channel(acme, shown="status"):
    said = (await acme.command("/sage", "channel requests")).text
    assert "are now posted in <#C0SALES> too" in said
    assert "To undo this: /sage channel requests off <#C0SALES> for" in said
    await acme.command("/sage", f"channel {shown}")


async def test_a_request_is_decided_in_the_channel_by_who_may_and_redrawn_there(acme):
    await name_channel(acme, "figures")
    sent = await acme.command("/customer", "LATE01 request-release Cheque arrived", user="anna")
    assert "Also posted in <#C0SALES>." in sent.text
    await work(acme)
    (message,) = posted(acme)
    before = copy.deepcopy(message)
    for words in ("asks to release Late Motors (LATE01)", "Cheque arrived", "Overdue now: £1,250.00", "Approve"):
        assert words in message.text + str(message.blocks)
    own = await press(acme, message, "release.approve", user="anna")
    assert own.is_ephemeral
    assert "release" in own.text
    assert acme.modals == []
    view = await form(acme, message, "release.approve", user="george")
    await acme.sender.submit(view, {"reason": "Seen in the bank"}, user="george")
    await acme.settle()
    await again(acme)
    (message,) = posted(acme)
    assert "✅ Approved by <@U0GEORGE>: Seen in the bank" in message.text
    assert "release.approve" not in str(message.blocks)
    late = await press(acme, before, "release.approve", user="priya")
    assert late.is_ephemeral
    assert "✅ Approved by" in late.text


@pytest.mark.parametrize("shown", ["status", "band"])
async def test_without_figures_a_channel_is_told_who_asks_for_what_and_no_amount_and_no_words(acme, shown):
    await name_channel(acme, shown)
    await acme.command("/customer", "LATE01 request-limit 6000 They paid £900", user="anna")
    await work(acme)
    (message,) = posted(acme)
    said = message.text + str(message.blocks)
    assert "<@U0ANNA>" in said
    assert "for another credit limit for Late Motors (LATE01)" in said
    for hidden in ("£", "6,000", "They paid", "Overdue"):
        assert hidden not in said
    card = await press(acme, message, "release.view", user="george")
    assert card.is_ephemeral
    assert "£" in card.text
    await acme.command("/sage", "decline 1 They owe £5", user="george")
    await again(acme)
    (message,) = posted(acme)
    assert "❌ Declined by <@U0GEORGE>" in message.text
    assert "£" not in message.text + str(message.blocks)


async def test_a_channel_that_is_archived_costs_no_request_and_admins_hear_of_it(acme):
    await name_channel(acme)
    acme.slack.workspaces["T0ACME"].channels[C_SALES].is_archived = True
    assert "D0GEORGE" in await asked(acme)
    await again(acme)
    assert posted(acme) == []
    told = [m.text for m in acme.slack.messages if "Requests can't be posted in <#C0SALES>" in m.text]
    assert len(told) == 1
    ended = (await acme.command("/sage", "channel requests off")).text
    assert "no longer posted in <#C0SALES>" in ended


async def test_a_channel_that_takes_no_requests_any_more_gets_none(acme):
    await name_channel(acme)
    await acme.command("/sage", "channel requests off")
    await asked(acme)
    assert posted(acme) == []
    refused = await acme.command("/sage", "channel requests", user="anna")
    assert "admin" in refused.text
    await acme.command("/customer", "LATE01 request-limit 6000 They grow", user="anna")
    await work(acme)
    assert posted(acme) == []
