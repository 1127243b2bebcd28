"""Time passes in an office: the clock is moved by hand, and what is due is done as a worker would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.jobs.tasks import Finders
from bot.jobs.timetable import EVERY_SECONDS
from sandbox.slack import Changes

LONDON = ZoneInfo("Europe/London")
BOT = "U0BOTACME"


class PassingTime:
    """The office, and a worker that takes every look of the timetable whenever the clock is moved.

    `failed` has what a look or a job raised, and when: a real worker writes that to its log and goes on.
    """

    def __init__(self, office) -> None:
        self.office = office
        self.finders = Finders(office.product.services, self)
        self.changes = Changes(
            office.slack, office.sender, events=("channel_archive", "channel_unarchive", "member_joined_channel")
        )
        self.failed: list[tuple[datetime, str, Exception]] = []

    async def defer(self, *jobs) -> None:
        for job in jobs:
            await self._go_on(job.name, self.office.product.tasks.run(job))

    async def work(self) -> None:
        for look in (*EVERY_SECONDS, "outbox"):
            await self._go_on(look, getattr(self.finders, look)())

    async def _go_on(self, what, doing) -> None:
        try:
            await doing
        except Exception as error:  # noqa: BLE001 - judged at the end
            self.failed.append((self.office.clock(), what, error))

    async def until(self, *local: int, every: float = 120, rounds: int = 4) -> None:
        """Move the clock to a moment of London time, working as it goes, and so many more times after that."""
        goal = datetime(*local, tzinfo=LONDON).astimezone(UTC)
        while self.office.clock() < goal:
            self.office.clock.now = min(goal, self.office.clock() + timedelta(minutes=every))
            await self.work()
        for _ in range(rounds):
            self.office.clock.forward(seconds=5)
            await self.work()

    def posts(self, channel: str):
        """What stands in a channel or conversation, threads left out."""
        return [
            message
            for message in self.office.slack.messages
            if message.channel == channel
            and (message.via.startswith("chat.p") or message.is_edited)
            and not message.is_gone
            and not message.thread_ts
        ]
