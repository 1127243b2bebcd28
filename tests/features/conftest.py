"""A feature's tests never wait between two tries."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_waiting_between_tries(no_waiting_between_tries):
    return
