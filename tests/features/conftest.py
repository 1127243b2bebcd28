"""A feature's tests never wait between two tries; what is posted goes to a simulated Slack."""

from __future__ import annotations

import pytest

from tests.features.delivery.slack_workspace import open_post_room


@pytest.fixture(autouse=True)
def _no_waiting_between_tries(no_waiting_between_tries):
    return


@pytest.fixture
async def room(database_url, installed):
    """Two workspaces whose Slack is asked and posted to."""
    async with open_post_room(database_url) as opened:
        yield opened
