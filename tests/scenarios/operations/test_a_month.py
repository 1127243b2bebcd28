"""A month of an installation, round each change of the clocks: everything around it fails once, and nothing is lost."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event

from bot.features.audit.service.verifier import AuditVerifier
from storage.cipher import Cipher
from tests.connected_app import KEY
from tests.scenarios.passing_time import BOT, LONDON, PassingTime
from tests.scenarios.slack_app import office as open_office

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

CHANNEL, DIRECT = "C0SALES", "D0PRIYA"
SIGN_INS = {"priya": "george@example.test", "anna": "priya@example.test"}
# By the number of the day; the first is a Monday, and the clocks change on the second Sunday.
SAGE_AWAY, SLACK_AWAY, CLOCKS_CHANGE, DATABASE_AWAY, ARCHIVED = 3, 8, 13, 15, 17
INSTALLED_AGAIN, SAGE_ID_AWAY, NO_WORKER, LONG_AWAY, LAST = 21, 22, 24, 28, 31
BANK_HOLIDAYS = {date(2026, 4, 3), date(2026, 4, 6)}


class Month:
    """What is done each day, and what must be true at its end."""

    def __init__(self, office, first: date) -> None:
        self.office, self.first = office, first
        self.time = PassingTime(office)
        self.unanswered: list[tuple[int, str, str]] = []

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    async def until(self, number: int, hour: int, minute: int = 0) -> None:
        day = self.day(number)
        await self.time.until(day.year, day.month, day.day, hour, minute, every=240, rounds=2)

    async def begin(self) -> None:
        office = self.office
        office.clock.now = datetime.combine(self.first, time(7), tzinfo=LONDON).astimezone(UTC)
        await office.install()
        for user, email in SIGN_INS.items():
            await office.connect(email, user=user)
            if user == "priya":
                await office.command("/sage", "roles <@U0ANNA|anna> sales")
        await office.command("/sage", "company 1", user="anna")
        office.slack.workspaces["T0ACME"].channels[CHANNEL].members.add(BOT)
        for number in range(LAST):
            office.world.add(reference=f"DAY{number:02}", name=f"Firm of day {number:02}")
        await self.time.work()
        for wish in ("holds,releases,digest weekdays 08:30 here", "holds in me"):
            assert "Subscription" in (await office.command("/sage", f"subscribe {wish}")).text

    async def asked(self, number: int) -> None:
        """Everybody who has a sign-in looks a customer up."""
        for user in SIGN_INS:
            answer = (await self.office.command("/customer", "ABS001", user=user)).text
            if "£" not in answer:
                self.unanswered.append((number, user, answer))

    def in_sage(self, number: int) -> None:
        """One account goes on hold each day, and comes off it two days later."""
        self.office.world.put_on_hold(f"DAY{number:02}", "overdue")
        if number >= 2:
            self.office.world.release(f"DAY{number - 2:02}")

    def cards(self, channel: str, number: int) -> int:
        """Return how many messages there are about this day's account alone."""
        texts = [message.text for message in self.time.posts(channel) if kind(message) == "card"]
        return len([text for text in texts if f"(DAY{number:02})" in text])

    def reported(self, channel: str) -> int:
        """Return how many holds the reports after outages count; they name no account."""
        texts = [message.text for message in self.time.posts(channel) if kind(message) == "gap"]
        return sum(int(count) for text in texts for count in re.findall(r"(\d+) put on hold", text))

    def digests(self) -> list[datetime]:
        """When each daily list was posted, by the clocks on the wall."""
        return [
            datetime.fromtimestamp(float(message.ts), LONDON)
            for message in self.time.posts(CHANNEL)
            if kind(message) == "digest"
        ]


def kind(message) -> str:
    words = {
        "Sage 200 was unavailable": "gap",
        "No alerts could be posted": "gap",
        "accounts on hold": "digest",
        "account on hold": "digest",
        "No accounts are on hold": "digest",
        "eleased": "card",
        "is on hold": "card",
    }
    return next((name for word, name in words.items() if word in message.text), message.text[:60])


@asynccontextmanager
async def database_away(office, url):
    """PostgreSQL takes no connection; an SQLite file takes no write, as on a disk that is full or broken."""
    if url.startswith("sqlite"):
        engine, takes = office.product.services.database._writer, {"query_only": "ON"}

        def refuse(connection, *_):
            connection.cursor().execute(f"PRAGMA query_only={takes['query_only']}")

        event.listen(engine.sync_engine, "checkout", refuse)
        yield
        takes["query_only"] = "OFF"
        return
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


SEASONS = {"spring": (date(2026, 3, 16), "sqlite_url"), "autumn": (date(2026, 10, 12), "postgresql_url")}


@pytest.fixture(params=["spring", pytest.param("autumn", marks=pytest.mark.postgresql)])
def season(request):
    """The first day, and a database."""
    first, kind_of_database = SEASONS[request.param]
    return first, request.getfixturevalue(kind_of_database)


async def test_a_month_loses_nothing_and_doubles_nothing(season):
    first, url = season
    async with open_office(url, SYNC_INTERVAL="14400") as office:
        month = Month(office, first)
        await month.begin()
        for number in range(LAST):
            await a_day(month, number, url)
        await month.until(LAST, 8, 30)
        await month.until(LAST, 20)
        await month.asked(LAST)
        await office.settle()
        await check(month)


async def a_day(month, number, url) -> None:
    office = month.office
    if number == NO_WORKER:  # stopped for a day: no look is taken
        office.clock.now = datetime.combine(month.day(number + 1), time(7), tzinfo=LONDON).astimezone(UTC)
        month.in_sage(number)
        return
    if number == SLACK_AWAY:
        await month.until(number, 8)
        office.slack.faults.offline()
    await month.until(number, 8, 30)
    await month.until(number, 9)
    if number in {SAGE_AWAY, LONG_AWAY}:
        office.sage.faults.offline()
    if number == SAGE_ID_AWAY:
        office.sage_id.faults.offline()
    await month.until(number, 10)
    month.in_sage(number)
    if number == DATABASE_AWAY:
        async with database_away(office, url):
            await office.sender.command("/customer", "ABS001", user="priya")
            await office.settle()
            await month.until(number, 13)
    elif number != SLACK_AWAY:
        await month.asked(number)
    await month.until(number, 16)
    if number != LONG_AWAY:
        office.sage.faults.clear()
    office.slack.faults.clear()
    await an_evening(month, number)
    await month.until(number, 22)
    office.sage_id.faults.clear()


async def an_evening(month, number) -> None:
    if number == ARCHIVED:
        await month.time.changes.archive(CHANNEL)
    if number == ARCHIVED + 1:
        await month.time.changes.unarchive(CHANNEL)
    if number == INSTALLED_AGAIN:
        await month.office.install()
        month.office.slack.workspaces["T0ACME"].channels[CHANNEL].members.add(BOT)


async def check(month) -> None:
    """Nothing lost, nothing doubled, lists at the right time, the record whole, everybody still connected."""
    check_digests(month)
    direct, posted = ([month.cards(channel, number) for number in range(LAST)] for channel in (DIRECT, CHANNEL))
    assert max(direct + posted) == 1, "doubled"
    assert sum(direct) + month.reported(DIRECT) == LAST, "lost"
    # In the channel, the release of an account is told too where its hold was only counted.
    assert month.reported(CHANNEL) == month.reported(DIRECT) >= posted.count(0)
    notices = [message.text for message in month.time.posts(DIRECT)]
    begun, over = (len([t for t in notices if words in t]) for words in ("hasn't been read", "is being read again"))
    assert begun == over <= 4
    away = {SAGE_AWAY, LONG_AWAY, LONG_AWAY + 1}
    assert {number for number, _, _ in month.unanswered} <= away
    assert {when.astimezone(LONDON).date() for when, _, _ in month.time.failed} == {month.day(DATABASE_AWAY)}
    services = month.office.product.services
    assert {each.outcome for each in month.office.sage_id.token_log} == {"issued", "fault 504"}
    verified = await AuditVerifier(database=services.database, cipher=Cipher.from_text(KEY)).verify()
    assert verified.is_good, verified.said
    assert await services.outbox.due(most=100) == []


def check_digests(month) -> None:
    """One at 08:30 by the clock on the wall each working day; late where it couldn't be posted."""
    days = {month.day(number): number for number in range(LAST + 1)}
    wanted = {day for day in days if day.weekday() < 5 and day not in BANK_HOLIDAYS} - {month.day(NO_WORKER)}
    posted = month.digests()
    assert sorted(moment.date() for moment in posted) == sorted(wanted)
    late = [moment for moment in posted if (moment.hour, moment.minute) != (8, 30)]
    away = [number for number in (SLACK_AWAY, ARCHIVED + 1) if month.day(number) in wanted]
    assert [days[moment.date()] for moment in late] == away
