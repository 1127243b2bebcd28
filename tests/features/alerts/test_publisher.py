"""Who hears of a change, once; and the digests, whatever the clocks do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.changes import ChangeKind
from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.json_column import CHANGE_JSON, FILTER_JSON
from bot.features.alerts.model.topics import MOST_MESSAGES
from bot.features.alerts.service.fan_out import fan_out_of, subscription_of
from bot.features.alerts.service.publisher import AlertPublisher
from bot.features.mirror.service.change_listener import ChangeListener
from storage.queries.alerts import subscriptions
from tests.builders import filter_column, schedule_column
from tests.counting import database_cost
from tests.features.alerts.alert_fixtures import NewsDesk, held

WEEKDAYS = "mon,tue,wed,thu,fri 08:30 Europe/London including-holidays"
DAILY = "mon,tue,wed,thu,fri,sat,sun 01:30 Europe/London including-holidays"


async def prepare(desk):
    await NewsDesk(desk).choose_books()


@pytest.fixture
async def news(desk, prepared):
    return await NewsDesk(desk).open()


def of_kind(rows, kind):
    return [row for row in rows if row.kind == kind]


def test_it_is_the_newsroom_of_the_mirror():
    alerts: ChangeListener = AlertPublisher(database=None, clock=None)  # type: ignore[arg-type]
    assert alerts


async def test_a_change_waits_for_its_channel_with_all_its_facts(news):
    row = await news.subscribe()
    (seen,) = await news.publish(held(), by_user="U0GEORGE")
    (told,) = await news.outbox()
    assert (told.kind, told.target_id, told.subscription_id, told.is_personal) == ("change", "C1", row.id, False)
    assert told.due_at == news.desk.clock()
    assert told.dedupe_key == f"change:{seen.id}:{row.id}"
    assert CHANGE_JSON.read(told.facts) == seen.change
    more = {name: told.facts[name] for name in ("change_id", "episode_id", "by_user", "seen_at")}
    assert more == {
        "change_id": seen.id,
        "episode_id": None,
        "by_user": "U0GEORGE",
        "seen_at": seen.seen_at.isoformat(),
    }


async def test_what_nobody_asked_for_is_not_told(news):
    await news.subscribe(topics=["releases"])
    await news.subscribe("C2", filter=filter_column("code3:Leeds"))
    await news.publish(held())
    assert await news.outbox() == []


async def test_the_same_change_published_again_is_told_once(news):
    await news.subscribe()
    seen = await news.publish(held())
    await news.again(seen)
    assert len(await news.outbox()) == 1


async def test_a_change_is_told_once_to_a_target_however_many_want_it(news):
    await news.subscribe(delivery="digest", schedule=schedule_column(WEEKDAYS))
    soonest = await news.subscribe()
    await news.subscribe(filter=filter_column("code3:Durham"))
    await news.subscribe("C2")
    await news.publish(held())
    told = [(row.target_id, row.subscription_id == soonest.id, row.due_at is None) for row in await news.outbox()]
    assert told == [("C1", True, False), ("C2", False, False)]


async def test_a_change_costs_the_database_no_more_for_many_subscriptions(news):
    costs = []
    for number in range(12):
        await news.subscribe(f"C{number}")
        if number in (1, 11):
            with database_cost(news.desk.services.database) as cost:
                await news.publish(held(number))
            costs.append(cost.statements)
    assert costs[0] == costs[1]
    assert len(await news.outbox()) == 2 + 12


async def test_of_equal_subscriptions_what_they_ask_is_read_once_and_says_what_each_row_says(news):
    workspace_id, company_pk = news.desk.workspaces["T0ACME"], news.books["T0ACME"]
    for number, region in enumerate(("North", "North", "South"), 1):
        column = FILTER_JSON.write(Filter((Codes(3, (region,)),), minimum_balance=Decimal("10.50")))
        unlike = {"schedule": schedule_column(WEEKDAYS), "thresholds": [90], "days": [30]}
        await news.subscribe(f"C{number}", filter=column, **unlike)
    async with news.desk.services.database.reading() as tx:
        of_company = await subscriptions.of_company(tx, workspace_id=workspace_id, company_pk=company_pk)
        read = [subscription_of(row) for row in of_company]
        mapped = [
            await subscriptions.by_id(tx, workspace_id=workspace_id, subscription_id=row.id) for row in of_company
        ]
        whole = [subscription_of(row) for row in mapped]
    assert read == whole
    assert read[0].filter is read[1].filter is not read[2].filter


async def test_a_subscription_is_read_anew_only_once_its_row_or_its_owners_customers_are_others(news):
    company = {"workspace_id": news.desk.workspaces["T0ACME"], "company_pk": news.books["T0ACME"]}
    await news.subscribe("C1")

    async def found(mine=()):
        async with news.desk.services.database.reading() as tx:
            [row] = await subscriptions.of_company(tx, **company)
        return fan_out_of(row, mine)

    first = await found()
    assert await found() is first
    assert await found((Codes(3, ("North",)),)) is not first
    async with news.desk.services.database.transaction() as tx:
        await subscriptions.pause(
            tx, workspace_id=company["workspace_id"], number=first.row.number, reason="archived", now=news.desk.clock()
        )
    assert (await found()).value.paused == "archived"


async def test_nobody_is_told_in_private_what_they_did_themselves(news):
    for target in ("U0GEORGE", "U0PRIYA", "C1"):
        await news.subscribe(target)
    await news.publish(held(), by_user="U0GEORGE")
    assert [row.target_id for row in await news.outbox()] == ["U0PRIYA", "C1"]


@pytest.mark.parametrize("silence", ["paused", "muted"])
async def test_the_silent_are_told_nothing_and_nothing_is_kept_for_them(news, silence):
    row = await news.subscribe(schedule=schedule_column(WEEKDAYS), topics=["holds", "digest"], due_at=news.desk.clock())
    named = {"workspace_id": row.workspace_id, "number": row.number}
    async with news.desk.services.database.transaction() as tx:
        if silence == "paused":
            assert await subscriptions.pause(tx, **named, reason="archived", now=news.desk.clock())
        else:
            assert await subscriptions.mute(tx, **named, until=news.desk.clock() + timedelta(hours=1))
    await news.publish(held())
    assert await news.alerts.queue_digests(news.desk.clock()) == 0
    async with news.desk.services.database.transaction() as tx:
        await news.alerts.outage_over(
            tx, **news.of("T0ACME"), since=news.desk.clock(), seen=[], was_away=True, now=news.desk.clock()
        )
    assert await news.outbox() == []
    async with news.desk.services.database.transaction() as tx:
        await subscriptions.resume(tx, **named)
        await subscriptions.mute(tx, **named, until=None)
    assert await news.outbox() == []
    assert await news.alerts.queue_digests(news.desk.clock()) == 0, "its time has passed"
    await news.publish(held(2))
    assert len(await news.outbox()) == 1


async def test_ten_are_ten_messages_and_eleven_are_one(news):
    await news.subscribe()
    await news.subscribe("C2", filter=filter_column("customer:CUS001"))
    await news.publish(*(held(number) for number in range(1, MOST_MESSAGES + 1)))
    assert [row.kind for row in await news.outbox(target_id="C1")] == ["change"] * MOST_MESSAGES
    released = [held(number, kind=ChangeKind.RELEASED) for number in range(1, 31)]
    await news.publish(*released, held(99))
    rows = (await news.outbox(target_id="C1"))[MOST_MESSAGES:]
    assert [row.kind for row in rows] == ["summary", "change"]
    facts = rows[0].facts
    assert (facts["kind"], facts["count"], len(facts["customers"])) == ("released", 30, 20)
    assert facts["customers"][0] == {"customer_id": 1, "reference": "CUS001", "name": "Customer 1"}
    assert [row.kind for row in await news.outbox(target_id="C2")] == ["change", "change"]


async def test_a_summary_published_again_is_told_once(news):
    await news.subscribe()
    seen = await news.publish(*(held(number) for number in range(1, 12)))
    await news.again(seen)
    assert [row.kind for row in await news.outbox()] == ["summary"]


async def test_two_workspaces_with_the_same_books_never_mix(news):
    await news.subscribe(thresholds=[80], topics=["holds", "utilisation"])
    await news.subscribe(team="T0OTHER", thresholds=[95], topics=["holds", "utilisation"])
    await news.publish(held())
    assert (len(await news.outbox()), len(await news.outbox(team="T0OTHER"))) == (1, 0)
    async with news.desk.services.database.reading() as tx:
        thresholds = [await news.alerts.thresholds(tx, company_pk=news.books[team]) for team in news.books]
    assert thresholds == [frozenset({80}), frozenset({95})]
    # Our workspace's name beside their books finds nobody.
    seen = await news.see(held(2), team="T0OTHER")
    async with news.desk.services.database.transaction() as tx:
        mixed = {**news.of("T0ACME"), "company_pk": news.books["T0OTHER"]}
        await news.alerts.publish(tx, **mixed, seen=seen, now=news.desk.clock())
    assert await news.outbox(team="T0OTHER") == []


async def test_thresholds_are_those_of_all_subscriptions_silent_ones_too(news):
    await news.subscribe(topics=["utilisation"], thresholds=[80, 90])
    row = await news.subscribe(topics=["utilisation"], thresholds=[90, 100])
    async with news.desk.services.database.transaction() as tx:
        await subscriptions.pause(
            tx, workspace_id=row.workspace_id, number=row.number, reason="x", now=news.desk.clock()
        )
        thresholds = await news.alerts.thresholds(tx, company_pk=row.company_pk)
    assert thresholds == {80, 90, 100}
    await news.publish(
        held(kind=ChangeKind.UTILISATION, crossed=(100,)), held(2, kind=ChangeKind.UTILISATION, crossed=(80, 90))
    )
    assert [row.facts["crossed"] for row in await news.outbox()] == [[80, 90]]


async def test_an_outage_is_one_report_for_each_target_and_nothing_else(news):
    await news.subscribe()
    await news.subscribe(topics=["over-limit"])
    await news.subscribe("U0GEORGE", filter=filter_column("code3:Leeds"))
    await news.subscribe("C2", topics=["digest"], schedule=schedule_column(WEEKDAYS))
    since = news.desk.clock() - timedelta(hours=3)
    changes = [*(held(number) for number in range(1, 15)), held(20, kind=ChangeKind.OVER_LIMIT)]
    seen = await news.see(*changes)
    for _ in range(2):
        async with news.desk.services.database.transaction() as tx:
            away = {"since": since, "was_away": True, "now": news.desk.clock()}
            await news.alerts.outage_over(tx, **news.of("T0ACME"), seen=seen, **away)
    rows = await news.outbox()
    assert [(row.kind, row.target_id, row.facts["counts"]) for row in rows] == [
        ("gap", "C1", {"put_on_hold": 14, "over_limit": 1}),
        ("gap", "U0GEORGE", {}),
    ]
    assert (rows[0].facts["since"], rows[0].facts["until"]) == (since.isoformat(), news.desk.clock().isoformat())
    assert rows[0].due_at == news.desk.clock()


async def test_where_we_did_not_look_those_for_whom_nothing_changed_hear_nothing(news):
    await news.subscribe()
    await news.subscribe("U0GEORGE", filter=filter_column("code3:Leeds"))
    seen = await news.see(held())
    away = {"since": news.desk.clock() - timedelta(hours=3), "was_away": False, "now": news.desk.clock()}
    async with news.desk.services.database.transaction() as tx:
        await news.alerts.outage_over(tx, **news.of("T0ACME"), seen=seen, **away)
    assert [(row.kind, row.target_id) for row in await news.outbox()] == [("gap", "C1")]


async def digests_over(news, *, start, days, typed):
    """A day after the other, looked at every quarter of an hour by two workers."""
    now = start
    await news.subscribe(topics=["digest"], schedule=schedule_column(typed), due_at=start)
    while now < start + timedelta(days=days):
        await asyncio.gather(news.alerts.queue_digests(now), news.alerts.queue_digests(now))
        now += timedelta(minutes=15)
    return [(datetime.fromisoformat(row.facts["due_at"]), row.facts["late"]) for row in await news.outbox()]


@pytest.mark.parametrize(
    ("start", "due"),
    [  # 01:30 does not exist on 29 March 2026, and is there twice on 25 October
        (datetime(2026, 3, 28, 1, 30, tzinfo=UTC), ["28 01:30", "29 01:00", "30 00:30"]),
        (datetime(2026, 10, 24, 0, 30, tzinfo=UTC), ["24 00:30", "25 00:30", "26 01:30"]),
    ],
)
async def test_a_digest_is_due_once_a_day_over_both_clock_changes(news, start, due):
    found = await digests_over(news, start=start, days=2.9, typed=DAILY)
    assert [(f"{at:%d %H:%M}", late) for at, late in found] == [(each, False) for each in due]


async def test_a_missed_digest_is_made_up_once_and_says_so(news):
    friday = datetime(2026, 3, 6, 8, 30, tzinfo=UTC)
    row = await news.subscribe(topics=["digest"], schedule=schedule_column(WEEKDAYS), due_at=friday)
    assert await news.alerts.queue_digests(friday + timedelta(seconds=10)) == 1
    wednesday = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
    assert [await news.alerts.queue_digests(wednesday) for _ in range(2)] == [1, 0]
    first, second = await news.outbox()
    tuesday = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)
    assert (first.facts["late"], first.facts["since"], first.facts["list"]) == (False, None, True)
    assert second.facts | {"counts": {}, "changes": []} == {
        "due_at": tuesday.isoformat(),
        "since": friday.isoformat(),
        "late": True,
        "list": True,
        "counts": {},
        "changes": [],
    }
    assert second.dedupe_key == f"digest:{row.id}:{tuesday.isoformat()}"
    assert second.due_at is not None


async def test_what_is_gathered_waits_for_the_digest_and_is_told_in_it_once(news):
    due = news.desk.clock() + timedelta(hours=1)
    await news.subscribe(delivery="digest", schedule=schedule_column(WEEKDAYS), due_at=due)
    await news.publish(held(1), held(2))
    await news.publish(*(held(number, kind=ChangeKind.RELEASED) for number in range(1, 15)))
    assert [(row.kind, row.due_at) for row in await news.outbox()] == [
        ("change", None),
        ("change", None),
        ("summary", None),
    ]
    assert await news.alerts.queue_digests(due) == 1
    (digest,) = of_kind(await news.outbox(), "digest")
    assert digest.facts["counts"] == {"put_on_hold": 2, "released": 14}
    assert [CHANGE_JSON.read(each).customer.reference for each in digest.facts["changes"]] == ["CUS001", "CUS002"]
    assert digest.facts["list"] is False
    assert await news.alerts.queue_digests(due + timedelta(days=1)) == 1
    assert of_kind(await news.outbox(), "digest")[1].facts["counts"] == {}


async def test_the_job_finds_digests_of_installed_workspaces_only(news):
    clock = news.desk.clock
    await news.subscribe(topics=["digest"], schedule=schedule_column(WEEKDAYS), due_at=clock())
    assert await news.alerts.digests_due()
    await news.desk.services.installations.uninstall("T0ACME", now=clock())
    assert not await news.alerts.digests_due()
    assert await news.alerts.queue_digests(clock()) == 0


async def test_subscribing_at_once_gives_each_a_number_of_its_own(news):
    rows = await asyncio.gather(*(news.subscribe() for _ in range(6)), news.subscribe(team="T0OTHER"))
    assert sorted(row.number for row in rows) == [1, 1, 2, 3, 4, 5, 6]
