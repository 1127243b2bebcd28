"""Who else reads a channel, by what Slack says of it: judged in one way for every use."""

from __future__ import annotations

import pytest

from bot.domain.channel import Channel, Readers, readers_of, refusal

OURS = {"is_ext_shared": False, "is_org_shared": False, "is_shared": False}


@pytest.mark.parametrize(
    ("shown", "alone", "org_wide"),
    [
        (OURS, Readers.NOBODY_ELSE, Readers.NOBODY_ELSE),
        ({"is_ext_shared": False}, Readers.NOBODY_ELSE, Readers.NOBODY_ELSE),
        ({}, Readers.UNKNOWN, Readers.UNKNOWN),
        ({"is_ext_shared": None}, Readers.UNKNOWN, Readers.UNKNOWN),
        ({"is_ext_shared": "false"}, Readers.UNKNOWN, Readers.UNKNOWN),
        ({"is_shared": True, "is_org_shared": True}, Readers.UNKNOWN, Readers.UNKNOWN),
        ({**OURS, "is_org_shared": True}, Readers.ORGANISATION, Readers.NOBODY_ELSE),
        ({**OURS, "is_shared": True}, Readers.ORGANISATION, Readers.NOBODY_ELSE),
        ({**OURS, "is_ext_shared": True}, Readers.COMPANY, Readers.COMPANY),
        ({**OURS, "is_pending_ext_shared": True}, Readers.COMPANY, Readers.COMPANY),
        ({**OURS, "pending_shared": ["T0OTHER"]}, Readers.COMPANY, Readers.COMPANY),
        ({**OURS, "pending_connected_team_ids": ["T0OTHER"]}, Readers.COMPANY, Readers.COMPANY),
        ({"pending_shared": ["T0OTHER"]}, Readers.COMPANY, Readers.COMPANY),
    ],
)
def test_what_slack_does_not_say_is_not_known(shown, alone, org_wide):
    assert (readers_of(shown, org_wide=False), readers_of(shown, org_wide=True)) == (alone, org_wide)


def test_what_is_not_known_is_refused_and_not_said_as_a_fact():
    assert "couldn't be checked" in refusal(Channel("C1", readers=Readers.UNKNOWN))
    assert refusal(Channel("C1")) == ""
