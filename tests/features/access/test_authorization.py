from __future__ import annotations

import pytest

from bot.features.access.model.authorization import Standing
from tests.builders import asker


@pytest.mark.parametrize(
    ("standing", "may"),
    [
        (Standing.ADMIN, True),
        (Standing.MEMBER, True),
        (Standing.GUEST, False),
        (Standing.STRANGER, False),
        (Standing.UNKNOWN, False),
    ],
)
def test_figures_are_for_full_members_only(standing, may):
    assert asker(standing=standing).may_see_figures is may


@pytest.mark.parametrize(
    ("standing", "is_installer", "may"),
    [
        (Standing.ADMIN, False, True),
        (Standing.ADMIN, True, True),
        (Standing.MEMBER, True, True),
        (Standing.MEMBER, False, False),
        (Standing.GUEST, True, False),
        (Standing.STRANGER, True, False),
        (Standing.UNKNOWN, True, False),
    ],
)
def test_the_installer_and_slack_admins_may_found_the_workspaces_connection(standing, is_installer, may):
    assert asker(standing=standing, is_installer=is_installer).may_found is may
