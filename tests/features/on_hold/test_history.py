"""How often an account was on hold, as the mirror has seen it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.hold_episode import HoldEpisode
from bot.errors import NotAllowed
from bot.features.access.model.authorization import Shown
from bot.features.on_hold.model.history import days_held
from bot.features.on_hold.views.history import hold_history
from storage.queries.mirror import hold_episodes, mirror_state
from tests import mirrored_company as held
from tests.slack.gate import passes

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)


def ago(days):
    return NOON - timedelta(days=days)


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        ([], 0),
        ([(10, 4)], 6),
        ([(10, None)], 10),
        ([(10, 4), (4, 2)], 8),
        ([(10, 4), (6, 2)], 8),
        ([(400, 360)], 5),
        ([(0, None)], 0),
    ],
)
def test_each_day_on_hold_counts_once(spans, days):
    stays = [HoldEpisode(ago(begin), None if end is None else ago(end)) for begin, end in spans]
    assert days_held(stays, since=ago(365), until=NOON, zone=LONDON) == days


@pytest.fixture
async def abs001(desk, connected):
    """ABS001 was on hold twice, of which once this year, and a namesake in another company ten times."""
    books = await held.company_of(desk.services.database, desk.asker())
    await held.keep_ledger(desk.services.database, books, synced_at=desk.clock())
    number, now = desk.world.customer("ABS001")["id"], desk.clock()
    stays = [
        {"opened_at": now - timedelta(days=200), "closed_at": now - timedelta(days=190), "reason": "Over *terms*",
         "ending": "Paid", "already_held": False, "opened_by": "U0PRIYA", "closed_by": "U0CLARE"},
        {"opened_at": now - timedelta(days=20), "closed_at": now - timedelta(days=5), "reason": "Cheque returned",
         "ending": "", "already_held": False, "opened_by": None, "closed_by": None},
    ]  # fmt: skip
    async with desk.services.database.transaction() as tx:
        for stay in stays:
            await hold_episodes.open_many(tx, **books, episodes=[{"customer_id": number, "overdue": None, **stay}])
        await mirror_state.note(tx, **books, loaded_at=now - timedelta(days=300))
    return desk


async def history_of(desk, **unlike):
    session = await desk.session(desk.asker())
    card = await desk.services.customers.look_up(session, "ABS001")
    from dataclasses import replace

    return await desk.services.hold_histories.of(session, replace(card, **unlike))


async def test_every_stay_is_told_with_why_and_by_whom(abs001):
    found = await history_of(abs001)
    assert (len(found.lately), found.this_year, found.days_lately) == (2, 1, 25)
    message = hold_history(found)
    passes(message)
    for fact in (
        "On hold twice in the last 12 months (1 since 1 January), 25 days in all. Not on hold now.",
        "15 days* · Cheque returned · released",
        "10 days* · put on hold by <@U0PRIYA> · Over *terms* · released by <@U0CLARE>: Paid",
        "Hold dates are known from",
    ):
        assert fact in message.text.replace("\u2217", "*"), message.text


async def test_whoever_is_shown_no_figures_is_told_no_reasons(abs001):
    with pytest.raises(NotAllowed):
        await history_of(abs001, shown=Shown.STATUS)


async def test_an_account_that_never_was_on_hold(desk, connected):
    assert "Never on hold, as far as is known" in hold_history(await history_of(desk)).text
