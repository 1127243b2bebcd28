"""The app's admins are told in Slack what stands still, once, and once that it goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.features.delivery.service.standstills import old_after
from bot.jobs.heartbeat import WORKER
from bot.jobs.tasks import Finders
from bot.jobs.worker_watch import look
from storage.queries import heartbeats
from storage.tables.core import Connection


@pytest.mark.parametrize(("interval", "hours"), [(1, 1), (300, 1), (1200, 1), (3600, 3), (86400, 72)])
def test_a_copy_is_old_after_an_hour_or_three_looks_that_did_not_succeed(interval, hours):
    assert old_after(timedelta(seconds=interval)) == timedelta(hours=hours)


@pytest.fixture
async def acme(office):
    await office.connect()
    await office.command("/sage", "roles <@U0GEORGE|george> controller")
    return office


@pytest.fixture
def work(acme):
    """Look for what is due and do it, as a worker would."""

    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await acme.product.tasks.run(job)

    finders = Finders(acme.product.services, Now())

    async def run(*looks):
        for each in (*looks, "outbox"):
            await getattr(finders, each)()

    return run


def said(office, words):
    return [m.text for m in office.slack.messages if m.via == "chat.postMessage" and words in m.text]


async def beat(office):
    async with office.product.services.database.writing() as tx:
        await heartbeats.beat(tx, "worker:a", kind=WORKER, now=office.clock())


async def test_that_no_worker_is_alive_is_said_by_the_web_process(acme):
    services, began = acme.product.services, acme.clock()
    for minutes, count in ((4, 0), (2, 1), (5, 1), (60, 1)):
        acme.clock.forward(minutes=minutes)
        await look(services, since=began)
        assert len(said(acme, "Nothing has been read or posted")) == count
    assert "bot worker" in said(acme, "Nothing has been read or posted")[0]


async def test_that_the_worker_is_back_is_said_to_those_who_were_told(acme, work):
    services, began = acme.product.services, acme.clock()
    await beat(acme)
    acme.clock.forward(minutes=6)
    await look(services, since=began)
    await beat(acme)
    for _ in range(2):
        await look(services, since=began)
        acme.clock.forward(seconds=2)
        await work()
    assert len(said(acme, "is running again")) == 1
    acme.clock.forward(minutes=6)
    await look(services, since=began)
    assert len(said(acme, "Nothing has been read or posted")) == 2


async def test_a_living_worker_is_no_news(acme):
    began = acme.clock()
    for _ in range(3):
        acme.clock.forward(minutes=6)
        await beat(acme)
        await look(acme.product.services, since=began)
    assert said(acme, "background") == []


async def test_a_copy_that_grows_old_and_is_read_again(acme, work):
    await work("syncs")
    acme.clock.forward(minutes=50)
    await work("standstills")
    assert said(acme, "hasn't been read") == []
    for _ in range(3):
        acme.clock.forward(minutes=20)
        await work("standstills")
    assert len(said(acme, "hasn't been read")) == 1
    acme.clock.forward(minutes=20)
    await work("syncs")
    for _ in range(2):
        await work("standstills")
    assert len(said(acme, "is being read again")) == 1


async def test_of_a_sign_in_that_ended_its_own_notice_is_enough(acme, work):
    await work("syncs")
    async with acme.product.services.database.transaction() as tx:
        await tx.execute(update(Connection).values(state="reconnect_needed"))
    acme.clock.forward(minutes=90)
    await work("standstills")
    assert said(acme, "hasn't been read") == []


async def test_who_is_no_admin_any_more_is_told_nothing(acme, work):
    await work("syncs")
    await acme.command("/sage", "roles <@U0GEORGE|george> admin")
    acme.clock.forward(minutes=90)
    await acme.product.services.standstills.look_at_copies(now=acme.clock())
    await acme.command("/sage", "roles <@U0GEORGE|george> sales")
    for _ in range(6):
        acme.clock.forward(seconds=30)
        await work()
    found = [m for m in acme.slack.messages if "hasn't been read" in m.text]
    assert len(found) == 1
