"""Which company somebody uses for their own questions changes nothing of what they subscribed in another."""

from __future__ import annotations

import pytest

from tests.scenarios.alerts import test_channels_of_companies as companies
from tests.scenarios.alerts.test_channels_of_companies import changed, said_in_sales
from tests.scenarios.holds.test_doing import direct

furnish = companies.furnish


@pytest.fixture
def acme(furnished_office):
    return furnished_office


@pytest.fixture
def fleet(acme):
    return next(each for each in acme.world.companies if each.company_name == companies.OTHER)


async def uses_the_workspaces(acme):
    """Anna subscribes to Fleet Services and then chooses Motor Factors for her own questions."""
    for place in ("me", "<#C0SALES>"):
        assert "Subscription" in (await acme.command("/sage", f"subscribe holds in {place}", user="anna")).text
    await changed(acme)
    number = 1 if companies.OWN in (await acme.command("/sage", "company 1", user="anna")).text else 2
    assert companies.OWN in (await acme.command("/sage", f"company {number}", user="anna")).text


async def test_news_of_the_other_company_goes_on(acme, fleet):
    await uses_the_workspaces(acme)
    acme.world.put_on_hold("FLE001", "Owes us", company=fleet)
    await changed(acme)
    assert len(direct(acme, "U0ANNA", "FLE001")) == 1
    assert len([each for each in said_in_sales(acme) if "FLE001" in each.text]) == 1
    listed = (await acme.command("/sage", "subscriptions", user="anna")).text
    assert "stopped" not in listed
    assert "paused" not in listed


async def test_sages_refusal_there_stops_it_and_is_told_and_nobody_else_is_read_with(acme, fleet):
    await uses_the_workspaces(acme)
    acme.sage_id.people["priya@example.test"].companies.remove(fleet.key)
    acme.world.put_on_hold("FLE001", "Owes us", company=fleet)
    await changed(acme)
    assert direct(acme, "U0ANNA", "FLE001") == []
    assert len(direct(acme, "U0ANNA", companies.OTHER)) == 1
