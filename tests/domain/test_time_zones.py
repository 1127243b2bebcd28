"""What is offered for a time zone that isn't known."""

import pytest

from bot.domain.time_zones import nearest_zones


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("Mars", ("Europe/London",)),
        ("", ("Europe/London",)),
        ("UK time", ("Europe/London",)),
        ("Londn", ("Europe/London",)),
        ("Europe/Lundon", ("Europe/London",)),
        ("dublin", ("Europe/Dublin",)),
        ("New York", ("America/New_York",)),
    ],
)
def test_a_slip_is_mended_and_anything_else_is_offered_london(typed, offered):
    assert nearest_zones(typed) == offered
