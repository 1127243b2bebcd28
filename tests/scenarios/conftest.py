"""Scenarios run on the embedded default; one of them on PostgreSQL too."""

from __future__ import annotations

import pytest
import stamina

from tests.scenarios.slack_app import office as open_office


@pytest.fixture
async def bare_office(sqlite_url):
    """Nothing installed yet."""
    async with open_office(sqlite_url) as opened:
        yield opened


@pytest.fixture
async def office(bare_office):
    """Installed in Acme by Priya, and in the other workspace by Oscar."""
    await bare_office.install("T0ACME")
    await bare_office.install("T0OTHER")
    yield bare_office
    await bare_office.settle()


@pytest.fixture(autouse=True)
def _no_waiting_between_tries():
    with stamina.set_testing(True, attempts=1):
        yield
