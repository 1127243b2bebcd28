"""When tokens are renewed, tried again, asked for after a lost answer, and warned of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.oauth_tokens import ask_again_at, refresh_at, refresh_ends, try_again_at, warning_due
from tests.builders import NOW

HOURS, MINUTES, DAYS = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("life", "spread", "before"), [(8 * HOURS, 0, 15), (8 * HOURS, 1, 20), (40 * MINUTES, 0, 10), (4 * MINUTES, 1, 1)]
)
def test_a_token_is_renewed_ahead_of_its_end(life, spread, before):
    assert refresh_at(NOW + life, now=NOW, spread=spread) == NOW + life - before * MINUTES


@pytest.mark.parametrize(("failures", "seconds"), [(0, 30), (1, 60), (2, 120), (5, 900), (50, 900)])
def test_failures_back_off_to_a_quarter_of_an_hour(failures, seconds):
    assert try_again_at(NOW, failures=failures, spread=0.5) == NOW + timedelta(seconds=seconds)


def test_a_longer_pause_that_was_asked_for_is_kept():
    assert try_again_at(NOW, failures=0, spread=0.5, pause=600) == NOW + 10 * MINUTES


@pytest.mark.parametrize(("age", "wait"), [(0, 1), (2, 1), (8, 2), (20, 3), (59, 3), (60, None), (600, None)])
def test_a_lost_answer_is_asked_for_within_seconds_for_a_minute(age, wait):
    again = ask_again_at(NOW, began_at=NOW - timedelta(seconds=age))
    assert again == (None if wait is None else NOW + timedelta(seconds=wait))


@pytest.mark.parametrize(
    ("refreshed", "sliding", "ends"),
    [(0, None, 90), (80, None, 90), (80, True, 170), (80, False, 90), (95, None, 185), (95, False, 90)],
)
def test_the_end_is_counted_as_far_as_it_can_be_known(refreshed, sliding, ends):
    assert refresh_ends(NOW, NOW + refreshed * DAYS, life=90 * DAYS, sliding=sliding) == NOW + ends * DAYS


@pytest.mark.parametrize(
    ("left", "due"), [(15, None), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0.1, 1), (0, None), (-1, None)]
)
def test_the_most_urgent_warning_is_the_one_to_give(left, due):
    assert warning_due(NOW + left * DAYS, now=NOW) == due
