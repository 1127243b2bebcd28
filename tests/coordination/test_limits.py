"""How often one member and one workspace may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.coordination.limits import ALLOWANCES, Limited, Limits
from bot.errors import TooMany

ASKED = ALLOWANCES[Limited.ASKED]


def spend(limits, now, user="U1", *, workspace="w1", what=Limited.ASKED, times=1):
    for _ in range(times):
        limits.spend(what, workspace_id=workspace, user_id=user, now=now)


def test_a_member_is_told_once_when_to_try_again_and_may_then(now):
    limits = Limits()
    spend(limits, now, times=ASKED.member)
    later = now + timedelta(seconds=18)
    with pytest.raises(TooMany) as first:
        spend(limits, later)
    assert (first.value.message, first.value.hint) == (
        "You have asked 60 times within a minute.",
        "Try again in 42 seconds.",
    )
    with pytest.raises(TooMany) as again:
        spend(limits, later)
    assert (first.value.is_news, again.value.is_news) == (True, False)
    spend(limits, now + ASKED.window)


def test_a_members_limit_touches_no_colleague_no_other_workspace_and_nothing_else_they_do(now):
    limits = Limits()
    spend(limits, now, times=ASKED.member)
    for _ in range(ASKED.workspace):
        with pytest.raises(TooMany):
            spend(limits, now)
    spend(limits, now, "U2")
    spend(limits, now, "U1", workspace="w2")
    spend(limits, now, what=Limited.TYPED)


def test_a_workspace_has_a_limit_of_its_own_of_which_every_member_is_told_once(now):
    limits = Limits()
    for number in range(ASKED.workspace // ASKED.member):
        spend(limits, now, f"U{number}", times=ASKED.member)
    told = []
    for user in ("UA", "UA", "UB"):
        with pytest.raises(TooMany) as refused:
            spend(limits, now, user)
        told.append((refused.value.message, refused.value.is_news))
    words = "The people of this workspace have together asked 600 times within a minute."
    assert told == [(words, True), (words, False), (words, True)]
    spend(limits, now, "UA", workspace="w2")


def test_the_operator_widens_all_limits_by_one_factor(now):
    limits = Limits(0.1)
    spend(limits, now, times=ASKED.member // 10)
    with pytest.raises(TooMany):
        spend(limits, now)


def test_a_window_is_forgotten_once_it_has_ended(now):
    limits = Limits(times=1_000)
    for stranger in range(500):
        spend(limits, now, user=f"U{stranger}")
    assert len(limits._windows) == 501
    spend(limits, now + ASKED.window)
    assert sorted(key[1:] for key in limits._windows) == [("w1",), ("w1", "U1")]
