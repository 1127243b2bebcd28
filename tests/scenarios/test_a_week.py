"""A week in the life of a channel, the clock moved by hand: exactly the expected messages, through whatever happens."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.jobs.tasks import Finders
from sandbox.slack import Changes
from tests.scenarios.slack_app import office as open_office

LONDON = ZoneInfo("Europe/London")
BOT = "U0BOTACME"


class Week:
    """The office, and a worker that does whatever is due whenever the clock is moved."""

    def __init__(self, office) -> None:
        self.office = office
        self.finders = Finders(office.product.services, self)
        self.changes = Changes(
            office.slack, office.sender, events=("channel_archive", "channel_unarchive", "member_joined_channel")
        )

    async def defer(self, *jobs) -> None:
        for job in jobs:
            await self.office.product.tasks.run(job)

    async def work(self) -> None:
        for look in (
            "refreshes",
            "syncs",
            "reconciles",
            "ageings",
            "digests",
            "outbox",
            "paused_targets",
            "clearing",
        ):
            await getattr(self.finders, look)()
        await self.finders.outbox()

    async def until(self, *local: int, every: float = 120) -> None:
        """Move the clock to a moment of London time, working as it goes."""
        goal = datetime(*local, tzinfo=LONDON).astimezone(UTC)
        while self.office.clock() < goal:
            self.office.clock.now = min(goal, self.office.clock() + timedelta(minutes=every))
            await self.work()
        for _ in range(4):
            self.office.clock.forward(seconds=5)
            await self.work()

    def said(self) -> Counter[str]:
        """How many messages of each kind stand in the channel, threads left out."""
        return Counter(
            kind(message.text)
            for message in self.office.slack.messages
            if (
                message.channel == "C0SALES"
                and message.via.startswith("chat.p")
                and not message.is_gone
                and not message.thread_ts
            )
            or (message.channel == "C0SALES" and message.is_edited and not message.is_gone)
        )


def kind(text: str) -> str:
    words = {
        "Sage 200 was unavailable": "gap",
        "accounts on hold": "digest",
        "account on hold": "digest",
        "Nobody is on hold": "digest",
        "eleased": "released card",
        "is on hold": "card",
    }
    return next((name for word, name in words.items() if word in text), text[:60])


@pytest.fixture
async def begin(sqlite_url):
    """Connected and subscribed at a moment; Sage is looked at every hour, so that a week is a few hundred looks."""
    async with open_office(sqlite_url, SYNC_INTERVAL="3600") as office:

        async def begin(*moment: int) -> Week:
            office.clock.now = datetime(*moment, tzinfo=UTC)
            await office.install()
            await office.connect()
            office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add(BOT)
            begun = Week(office)
            await begun.work()
            answer = await office.command("/sage", "subscribe holds,releases,digest weekdays 08:30 here")
            assert "Subscription 1" in answer.text
            return begun

        yield begin
        await office.settle()


async def test_a_spring_week_of_holds_an_outage_and_an_archived_channel(begin):
    week = await begin(2026, 3, 27, 8, 0)
    office = week.office
    await week.until(2026, 3, 27, 10, 0)
    assert week.said() == Counter({"digest": 1})
    office.world.put_on_hold("ABS001", "overdue")
    await week.until(2026, 3, 27, 12, 0)
    assert week.said() == Counter({"digest": 1, "card": 1})

    # The clocks go forward on Sunday: no list at the weekend, and Monday's comes at half past eight by the new time.
    await week.until(2026, 3, 30, 8, 25)
    assert week.said() == Counter({"digest": 1, "card": 1})
    await week.until(2026, 3, 30, 8, 35, every=5)
    assert week.said() == Counter({"digest": 2, "card": 1})

    # Sage is away for six hours while one account goes on hold and another comes off: one report, no storm.
    office.sage.faults.offline(True)
    await week.until(2026, 3, 30, 10, 0)
    office.world.put_on_hold("TWI001", "no answer")
    office.world.release("ABS001")
    await week.until(2026, 3, 30, 15, 0)
    assert week.said() == Counter({"digest": 2, "card": 1})
    office.sage.faults.clear()
    await week.until(2026, 3, 30, 16, 0)
    assert week.said()["gap"] == 1

    # Archived over night: nothing is lost, its owner is told once, and it goes on by itself.
    await week.changes.archive("C0SALES")
    office.world.put_on_hold("ABS001", "again")
    await week.until(2026, 3, 30, 18, 0)
    told = [m for m in office.slack.messages if m.via == "chat.postMessage" and "archived" in m.text]
    assert len(told) == 1
    before = week.said()
    await week.changes.unarchive("C0SALES")
    await week.until(2026, 3, 30, 18, 30, every=5)
    assert week.said() == before + Counter({"card": 1})

    # Installed again: the sign-in and the subscription are still there.
    await office.install()
    office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add(BOT)
    await week.until(2026, 3, 31, 8, 40)
    assert week.said()["digest"] == 3


async def test_the_clocks_going_back_give_one_list_a_day(begin):
    week = await begin(2026, 10, 23, 12, 0)
    before = week.said()["digest"]
    await week.until(2026, 10, 26, 8, 25)
    assert week.said()["digest"] == before
    await week.until(2026, 10, 26, 8, 35, every=5)
    assert week.said()["digest"] == before + 1
    await week.until(2026, 10, 26, 23, 0)
    assert week.said()["digest"] == before + 1
