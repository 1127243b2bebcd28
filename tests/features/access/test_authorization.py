from __future__ import annotations

import pytest

from bot.features.access.model.authorization import Membership
from tests.builders import asker


@pytest.mark.parametrize(
    ("membership", "may"),
    [
        (Membership.ADMIN, True),
        (Membership.MEMBER, True),
        (Membership.GUEST, False),
        (Membership.STRANGER, False),
        (Membership.UNKNOWN, False),
    ],
)
def test_figures_are_for_full_members_only(membership, may):
    assert asker(membership=membership).is_full_member is may


@pytest.mark.parametrize(
    ("membership", "is_installer", "may"),
    [
        (Membership.ADMIN, False, True),
        (Membership.ADMIN, True, True),
        (Membership.MEMBER, True, True),
        (Membership.MEMBER, False, False),
        (Membership.GUEST, True, False),
        (Membership.STRANGER, True, False),
        (Membership.UNKNOWN, True, False),
    ],
)
def test_the_installer_and_slack_admins_may_found_the_workspaces_connection(membership, is_installer, may):
    assert asker(membership=membership, is_installer=is_installer).may_found is may
