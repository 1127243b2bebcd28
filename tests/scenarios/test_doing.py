"""People put accounts on hold and release them: in Sage, in their own name, told to the channel once."""

from __future__ import annotations

import pytest

from tests.scenarios.test_on_hold import read_ledger

ANNA, GEORGE = "<@U0ANNA|anna>", "<@U0GEORGE|george>"


@pytest.fixture
async def acme(office):
    """Priya is connected and the app's first admin, and the mirror has been read."""
    await office.connect()
    await read_ledger(office)
    return office


async def customer(acme, text, **more):
    return await acme.command("/customer", text, **more)


def held(acme):
    row = acme.world.customer("ABS001")
    return row["on_hold"], row["status_reason"]


async def test_a_hold_and_a_release_are_typed_and_stand_in_sage_with_reason_and_name(acme):
    said = (await customer(acme, "ABS001 hold Cheque bounced")).text
    assert "ABS Garages Ltd (ABS001) is on hold now" in said
    assert held(acme) == (True, "Cheque bounced (Priya, Slack)")
    said = (await customer(acme, "ABS001 hold Cheque bounced")).text
    assert "is on hold already" in said
    said = (await customer(acme, "ABS001 release Paid by card")).text
    assert "is not on hold any more" in said
    assert held(acme) == (False, "Paid by card (Priya, Slack)")
