"""Late debt judged each working day at 08:00: told once per threshold, the highest alone, and never as a storm."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from bot.domain.changes import LateDebt
from bot.domain.json_column import CHANGE_JSON
from storage.queries import promises
from storage.queries.alerts import subscriptions
from storage.queries.mirror import debt_days, mirrored_customers, open_items
from storage.queries.mirror.customer_condition import EVERY_CUSTOMER
from storage.queries.mirror.debt_days import NEW, Weeks
from storage.tables.alerts import LIVE, REFUSED, MirrorStateRow
from storage.tables.debts import CustomerDebtRow, DebtDay
from tests import mirrored_company
from tests.builders import schedule_column
from tests.features.alerts.alert_fixtures import NewsDesk
from tests.storage.builders import customer, debt, item

MONDAY = date(2026, 3, 16)


@dataclass
class Morning:
    """One workspace's debts, judged as the worker would."""

    news: NewsDesk
    told: int = 0
    owing: dict[int, tuple[date, str]] = field(default_factory=dict)

    @property
    def desk(self):
        return self.news.desk

    @property
    def books(self):
        return self.news.of("T0ACME")

    async def owe(self, number, days, amount="400.00", *, on=None, **unlike):
        """The customer has one open invoice, due so many days ago; days None: nothing any more."""
        now = self.desk.clock()
        async with self.desk.services.database.transaction() as tx:
            before = (await open_items.debts_of(tx, **self.books, ids=[number])).get(number)
            if days is None:
                await open_items.write(tx, **self.books, settled=[number], cleared=[number])
                return
            due = (on or now.date()) - timedelta(days=days)
            await mirrored_customers.write(tx, [customer(number, self.books, now=now)])
            disarmed = before["disarmed"] if before is not None else []
            row = debt(number, amount, due, now=now, disarmed=disarmed, **unlike)
            await open_items.write(tx, **self.books, items=[item(number, number, amount, due)], debts=[row])

    async def note(self, **values):
        async with self.desk.services.database.transaction() as tx:
            whose = MirrorStateRow.company_pk == self.books["company_pk"]
            await tx.execute(update(MirrorStateRow).where(whose).values(**values))

    async def state(self):
        async with self.desk.services.database.reading() as tx:
            whose = MirrorStateRow.company_pk == self.books["company_pk"]
            return await tx.scalar(select(MirrorStateRow).where(whose))

    async def disarmed(self):
        async with self.desk.services.database.reading() as tx:
            rows = await tx.execute(select(CustomerDebtRow.customer_id, CustomerDebtRow.disarmed))
            return dict(rows.all())

    async def look(self, *, fresh=True):
        """The worker judges what is due."""
        if fresh:
            await self.note(items_synced_at=self.desk.clock())
        ageing = self.desk.services.ageing
        for workspace_id, company_pk in await ageing.due(most=10):
            await ageing.judge(workspace_id=workspace_id, company_pk=company_pk)

    async def at(self, day, hour=8, minute=0):
        """At a time of London's winter, the worker looks."""
        self.desk.clock.now = datetime.combine(day, time(hour, minute), tzinfo=UTC)
        await self.look()

    async def heard(self):
        """What was written to be told since the last time: (target, kind or reference, days)."""
        rows = (await self.news.outbox())[self.told :]
        self.told += len(rows)
        return [
            (row.target_id, row.facts["after"]["reference"], max(row.facts["crossed"]))
            if row.kind == "change"
            else (row.target_id, row.kind, row.facts["count"])
            for row in rows
        ]


async def prepare(desk):
    await NewsDesk(desk).choose_books()
    made = Morning(await NewsDesk(desk).open())
    await mirrored_company.keep_ledger(desk.services.database, made.books, synced_at=desk.clock())
    await made.note(items_phase=LIVE)


@pytest.fixture
async def morning(desk, prepared):
    return Morning(await NewsDesk(desk).open())


async def begun(morning, *, topics=("overdue",), days=(30, 60, 90), **unlike):
    """Somebody wants to hear, and a first judgement on the Friday before."""
    row = await morning.news.subscribe(topics=list(topics), days=list(days), **unlike)
    await morning.at(MONDAY - timedelta(days=3), 9)
    return row


async def test_the_first_load_tells_nobody_and_disarms_everybody(morning):
    await morning.news.subscribe(topics=["overdue"], days=[30, 60, 90])
    for number in range(1, 401):
        await morning.owe(number, 90 + number)
    await morning.look()
    assert await morning.heard() == []
    assert list((await morning.disarmed()).values()) == [[30, 60, 90]] * 400
    await morning.at(MONDAY)
    assert await morning.heard() == []


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((29, 30, 31), [None, 30, None]),
        ((29, 95, 96), [None, 90, None]),
        ((62, 58, 60), [60, None, None]),
        ((62, 50, 60), [60, None, 60]),
        ((62, None, 62), [60, None, 60]),
    ],
)
async def test_each_threshold_is_told_once_and_the_highest_alone(morning, days, told):
    await begun(morning)
    heard = []
    for number, late in enumerate(days):
        morning.desk.clock.now = datetime.combine(MONDAY + timedelta(days=number), time(7), tzinfo=UTC)
        await morning.owe(1, late)
        await morning.at(MONDAY + timedelta(days=number))
        found = await morning.heard()
        heard.append(found[0][2] if found else None)
        assert len(found) <= 1
    assert heard == told


async def test_an_alert_has_what_is_overdue_and_its_days(morning):
    await begun(morning)
    await morning.owe(1, 31, "1250.00", on=MONDAY)
    await morning.at(MONDAY)
    [row] = await morning.news.outbox()
    change = CHANGE_JSON.read(row.facts)
    assert (change.late, change.crossed) == (LateDebt(Decimal("1250.00"), 31), (30,))


async def test_an_alert_has_what_is_promised(morning):
    await begun(morning)
    await morning.owe(1, 31, on=MONDAY)
    now = morning.desk.clock()
    async with morning.desk.services.database.transaction() as tx:
        await promises.add_promise(
            tx,
            **morning.books,
            **{"customer_id": 1, "reference": "REF1", "name": "Name", "currency_iso": "GBP", "currency_symbol": "£"},
            **{"amount": Decimal(100), "due": date(2026, 3, 20), "made_on": MONDAY, "said_by": ""},
            **{"made_by": "U0PRIYA", "made_at": now, "judge_at": None},
        )
    await morning.at(MONDAY)
    [row] = await morning.news.outbox()
    assert CHANGE_JSON.read(row.facts).late == LateDebt(Decimal("400.00"), 31, Decimal(100), date(2026, 3, 20))


async def test_it_is_judged_at_eight_of_the_workspace_on_working_days_alone(morning):
    await begun(morning)
    await morning.owe(1, 31, on=MONDAY)
    for day, hour in ((MONDAY - timedelta(days=2), 9), (MONDAY - timedelta(days=1), 12), (MONDAY, 7)):
        await morning.at(day, hour, 59)
        assert await morning.heard() == []
    await morning.at(MONDAY)
    assert await morning.heard() == [("C1", "REF1", 30)]
    # Good Friday and Easter Monday; by then London is an hour ahead.
    await morning.owe(1, 50, on=date(2026, 4, 3))
    for day, hour in ((date(2026, 4, 3), 9), (date(2026, 4, 6), 9), (date(2026, 4, 7), 6)):
        await morning.at(day, hour, 59)
        assert (await morning.state()).aged_on == MONDAY
    await morning.at(date(2026, 4, 7), 7)
    assert (await morning.state()).aged_on == date(2026, 4, 7)


async def test_where_scotland_works_it_is_judged_on_easter_monday(morning):
    asker = morning.desk.asker("U0PRIYA")
    await mirrored_company.choose(morning.desk.services.database, asker, now=morning.desk.clock(), region="scotland")
    await begun(morning)
    await morning.at(date(2026, 4, 2), 9)
    await morning.at(date(2026, 4, 6), 9)
    assert (await morning.state()).aged_on == date(2026, 4, 6)


@pytest.mark.parametrize("amount", ["49.99", "50.00"])
async def test_below_the_least_that_matters_nothing_is_told(morning, amount):
    await begun(morning)
    await morning.owe(1, 31, amount, on=MONDAY)
    await morning.at(MONDAY)
    assert bool(await morning.heard()) is (amount == "50.00")


async def test_many_at_once_after_an_outage_are_one_message(morning):
    await begun(morning)
    for number in range(1, 13):
        await morning.owe(number, 29, on=MONDAY - timedelta(days=3))
    await morning.at(MONDAY - timedelta(days=3), 10)
    morning.desk.clock.now = datetime.combine(MONDAY + timedelta(days=4), time(8), tzinfo=UTC)
    await morning.look(fresh=False)
    assert await morning.heard() == [], "what was read before the outage may be paid"
    morning.desk.clock.forward(minutes=30)
    await morning.look()
    assert await morning.heard() == [("C1", "summary", 12)]


async def test_each_hears_of_the_days_asked_for(morning):
    await begun(morning)
    await morning.news.subscribe("C2", topics=["overdue"], days=[60])
    await morning.owe(1, 29, on=MONDAY)
    await morning.owe(2, 61, on=MONDAY)
    await morning.at(MONDAY)
    assert await morning.heard() == [("C1", "REF2", 60), ("C2", "REF2", 60)]
    await morning.at(MONDAY + timedelta(days=1))
    assert await morning.heard() == [("C1", "REF1", 30)]


async def test_days_that_are_newly_asked_for_begin_with_who_is_there_already(morning):
    await begun(morning)
    await morning.owe(1, 20, on=MONDAY)
    await morning.owe(2, 6, on=MONDAY)
    await morning.at(MONDAY)
    await morning.news.subscribe("C2", topics=["overdue"], days=[7])
    await morning.at(MONDAY + timedelta(days=1))
    assert await morning.heard() == [("C2", "REF2", 7)]
    assert await morning.disarmed() == {1: [7], 2: [7]}


async def test_a_debt_that_is_not_sure_is_no_news(morning):
    await begun(morning)
    now = morning.desk.clock()
    await morning.owe(1, 31, on=MONDAY, difference=Decimal(100), differs_since=now)
    await morning.owe(2, 31, on=MONDAY, difference=Decimal("0.50"), differs_since=now)
    await morning.at(MONDAY)
    assert await morning.heard() == [("C1", "REF2", 30)]


async def test_what_has_got_worse_since_an_earlier_month_is_noted_and_forgotten_when_it_is_better(morning):
    await begun(morning)

    async def in_month(day, days_to_pay, balance):
        async with morning.desk.services.database.transaction() as tx:
            details = {"average_days_to_pay": str(days_to_pay), "payment_terms_days": "30"}
            facts = {"details": details, "balance": Decimal(balance), "credit_limit": Decimal(1000)}
            await mirrored_customers.write(tx, [customer(1, morning.books, now=morning.desk.clock(), **facts)])
        await morning.at(day, 9)
        async with morning.desk.services.database.reading() as tx:
            row = (await open_items.debts_of(tx, **morning.books, ids=[1]))[1]
        return len(row["marks"]), [point[:3] for point in row["warnings"]]

    await morning.owe(1, 20)
    assert await in_month(date(2026, 4, 1), 35, 300) == (1, [])
    assert await in_month(date(2026, 4, 2), 45, 900) == (
        1,
        [["pays later", 45, 35], ["uses more of its limit", 90, 30]],
    )
    assert await in_month(date(2026, 5, 1), 36, 900) == (2, [["uses more of its limit", 90, 30]])
    assert await in_month(date(2026, 5, 5), 36, 400) == (2, [])


async def test_two_workers_at_once_tell_it_once(morning):
    await begun(morning)
    await morning.owe(1, 31, on=MONDAY)
    morning.desk.clock.now = datetime.combine(MONDAY, time(8), tzinfo=UTC)
    await morning.note(items_synced_at=morning.desk.clock())
    await asyncio.gather(*(morning.desk.services.ageing.judge(**morning.books) for _ in range(4)))
    await morning.look()
    assert await morning.heard() == [("C1", "REF1", 30)]


async def test_a_company_whose_debts_are_not_known_is_not_judged(morning):
    await morning.note(items_phase=REFUSED)
    await morning.owe(1, 31)
    await morning.look()
    assert (await morning.state()).aged_on is None


async def test_another_workspace_with_the_same_books_hears_nothing(morning):
    await begun(morning)
    await morning.news.subscribe("C9", team="T0OTHER", topics=["overdue"], days=[45])
    await morning.owe(1, 31, on=MONDAY)
    await morning.at(MONDAY)
    assert await morning.news.outbox(team="T0OTHER") == []
    assert (await morning.state()).aged_by == [30, 60, 90]


async def test_what_was_owed_each_day_is_kept_for_two_weeks(morning):
    await begun(morning)
    await morning.owe(1, 10, "100.00", on=MONDAY)
    for number in range(21):
        await morning.at(MONDAY + timedelta(days=number))
    async with morning.desk.services.database.reading() as tx:
        days = list(await tx.scalars(select(DebtDay.day).order_by(DebtDay.day)))
        last = await debt_days.day_to_compare(tx, **morning.books, up_to=MONDAY + timedelta(days=6))
    assert days[0] == date(2026, 3, 18)
    assert last == date(2026, 3, 20)
    assert days[-1] == date(2026, 4, 2), "Good Friday is no working day"


async def test_what_moved_in_a_week_has_the_age_of_the_oldest_debt(morning):
    await begun(morning)
    await morning.owe(1, 110, "1250.00", on=MONDAY)
    weeks = Weeks(EVERY_CUSTOMER, MONDAY, MONDAY - timedelta(days=7), Decimal(50))
    async with morning.desk.services.database.reading() as tx:
        for by_amount in (True, False):
            how = {"currencies": [("GBP", "£")], "most": 5, "by_amount": by_amount}
            [row] = await debt_days.movers(tx, **morning.books, weeks=weeks, **how)
            assert (row.kind, row.now, row.then) == (NEW, Decimal("1250.00"), 0)
            assert (MONDAY - row.oldest_due).days == 110


async def test_the_weekly_list_waits_for_its_time(morning):
    row = await morning.news.subscribe(
        topics=["debts"], schedule=schedule_column("mondays 08:00"), due_at=morning.desk.clock()
    )
    assert await morning.news.alerts.queue_digests(morning.desk.clock()) == 1
    assert [(each.kind, each.subscription_id) for each in await morning.news.outbox()] == [("debts", row.id)]
    async with morning.desk.services.database.reading() as tx:
        again = await subscriptions.by_id(tx, workspace_id=row.workspace_id, subscription_id=row.id)
    assert again.due_at == datetime(2026, 3, 9, 8, tzinfo=UTC)
