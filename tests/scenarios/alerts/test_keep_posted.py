"""*Keep me posted* under a list: a subscription in the asker's own conversation, once, and nowhere else."""

from __future__ import annotations

import pytest

from tests.scenarios.assistant.test_talk import tell
from tests.scenarios.customers.test_on_hold import press

POSTED = "list.posted"


@pytest.fixture
async def acme(read_office):
    """Priya has connected, and the mirror has been read."""
    return read_office


async def test_a_list_is_kept_in_private_once_and_says_how_to_end_it(acme):
    made = await press(acme, await acme.command("/onhold", "min:1"), POSTED)
    assert made.is_ephemeral
    assert made.text.startswith("*Subscription 1:* Put on hold, released; balance at least £1.00")
    assert "`/sage unsubscribe 1`" in made.text
    again = await press(acme, await tell(acme, "who's on hold owing more than £1?"), POSTED)
    assert "That subscription exists already" in again.text
    late = await press(acme, await acme.command("/overdue"), POSTED)
    assert "Debt overdue for 30 or 60 or 90 days, overdue debt paid" in late.text
    assert "unsubscribe 2" in late.text


async def test_a_button_of_another_value_reaches_no_channel(acme):
    for value in ("holds in <#C0SALES>", "holds in #sales", "nonsense"):
        answer = await acme.command("/onhold")
        made = await press(acme, answer, POSTED, value=value)
        assert "Subscription" not in made.text
        acme.clock.forward(seconds=5)  # or it is a double click
    assert "no subscriptions" in (await acme.command("/sage", "subscriptions")).text.casefold()
