"""News of late debt as it is posted: with figures where these are shown, for bands without, else not at all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.domain.changes import ChangeKind, LateDebt
from bot.domain.json_column import CHANGE_JSON
from storage.queries import promises
from storage.queries.mirror import debt_days, mirrored_customers, month_sales, open_items
from storage.queries.mirror.customer_condition import EVERY_CUSTOMER
from storage.queries.mirror.debt_days import FELL, NEW, ROSE, Weeks
from storage.tables.alerts import LIVE, REFUSED, MirrorStateRow
from tests import mirrored_company
from tests.builders import filter_column
from tests.features.delivery.slack_workspace import change
from tests.storage.builders import customer, debt, item

LATE = LateDebt(Decimal("1250.00"), 61, Decimal("500.00"), date(2026, 3, 20))
FIGURE = re.compile(r"£|\d+ day|20 March|1,250|\b500\b|\b60\b|\b61\b")


async def aged(room, subscription=None, *, crossed=(30, 60), kind="overdue", late=LATE, **unlike):
    """A change of late debt, written to be posted."""
    made = change("order_while_held", crossed=crossed)
    facts = CHANGE_JSON.write(replace(made, kind=ChangeKind(kind), late=late))
    more = {"change_id": 1, "episode_id": None, "by_user": None, "seen_at": room.clock().isoformat()}
    return await room.row("change", {**facts, **more}, subscription_id=subscription, **unlike)


async def wanting(room, topic="overdue", days=(30, 60, 90), **unlike):
    return await room.subscribe(topics=[topic], days=list(days), **unlike)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "overdue",
            ("has been overdue for 60 days or more", "Overdue £1,250.00, oldest 61 days", "promised £500.00 by"),
        ),
        ("overdue_paid", ("£500.00 came in for", "is overdue", "Overdue £1,250.00, oldest 61 days")),
        ("promise_broken", ("has not paid the £500.00 promised by", "Overdue £1,250.00")),
    ],
)
async def test_where_figures_are_shown_the_alert_has_them(room, kind, said):
    await room.allow("figures")
    await aged(room, await wanting(room), kind=kind)
    await room.run(seconds=3)
    [message] = room.posted()
    for fact in (*said, "ABS001", "Balance £3,464.16"):
        assert fact in message.text


@pytest.mark.parametrize("kind", ["overdue", "overdue_paid", "promise_broken"])
async def test_a_place_for_bands_reads_neither_days_nor_amounts(room, kind):
    await room.allow("band")
    await aged(room, await wanting(room), kind=kind)
    await room.run(seconds=3)
    [message] = room.posted()
    assert "ABS001" in message.text
    words = message.text.split("<!date")[0]
    assert not FIGURE.search(words)
    assert "credit limit" not in words


async def test_a_place_for_bands_is_told_once_and_so_counts_no_days(room):
    await room.allow("band")
    wanted = await wanting(room)
    again = await aged(room, wanted, crossed=(60,))
    await aged(room, wanted, crossed=(30, 60, 90))
    await room.run(seconds=3)
    assert len(room.posted()) == 1
    assert (await room.read(again)).failure == "it says more than the channel may show"


@pytest.mark.parametrize("kind", ["overdue", "overdue_paid", "promise_broken"])
async def test_a_channel_lowered_to_status_is_told_nothing_any_more(room, kind):
    await room.allow("status")
    row = await aged(room, await wanting(room), kind=kind)
    await room.run(seconds=3)
    assert room.posted() == []
    assert (await room.read(row)).failure == "it says more than the channel may show"


async def test_in_private_sales_hear_of_their_own_alone(room):
    await room.give_role("U0GEORGE", "sales")
    await room.give_codes("U0GEORGE", {2: ("George",)})
    wanted = await wanting(room, target="U0GEORGE", filter=filter_column("mine"))
    row = await aged(room, wanted, target="U0GEORGE")
    await room.run(seconds=3)
    assert room.posted() == []
    assert (await room.read(row)).failure == "not one of their customers"


class Debts:
    """A company's debt today, and that of a week ago."""

    def __init__(self, room):
        self.room = room
        self.books = {"workspace_id": room.workspace_id, "company_pk": room.companies["T0ACME"]}
        self.today = room.clock().date()

    async def fill(self, now, then, **unlike):
        clock = self.room.clock()
        await mirrored_company.keep_ledger(self.room.services.database, self.books, synced_at=clock)
        async with self.room.services.database.transaction() as tx:
            whose = MirrorStateRow.company_pk == self.books["company_pk"]
            given = {"items_phase": LIVE, "items_synced_at": clock, **unlike}
            await tx.execute(update(MirrorStateRow).where(whose).values(**given))
            euro = {"currency_iso": "EUR", "currency_symbol": "€"}
            people = [
                customer(number, self.books, now=clock, analysis={"2": name}, **(euro if number == 5 else {}))
                for number, name in enumerate(("George", "George", "Anna", "Anna", "Anna", "Anna", "Anna"), 1)
            ]
            await mirrored_customers.write(tx, people)
            due = self.today - timedelta(days=20)
            items = [item(number, number, amount, due) for number, amount in now.items()]
            debts = [
                debt(number, amount, due, now=clock, **(euro if number == 5 else {})) for number, amount in now.items()
            ]
            await open_items.write(tx, **self.books, items=items, debts=debts)
            if then:
                before = {number: Decimal(amount) for number, amount in then.items()}
                day = self.today - timedelta(days=7)
                await debt_days.keep_day(tx, **self.books, day=day, overdue=before, until=day)

    async def message(self, **unlike):
        wanted = await self.room.subscribe(topics=["debts"], **unlike)
        facts = {"due_at": self.room.clock().isoformat(), "late": False}
        target = {"target": unlike["target"]} if "target" in unlike else {}
        self.row = await self.room.row("debts", facts, subscription_id=wanted, **target)
        await self.room.run(seconds=3)
        return [message.text for message in self.room.posted()]


NOW = {1: "900.00", 2: "400.00", 3: "120.00", 5: "70.00"}
THEN = {1: "300.00", 2: "500.00", 4: "80.00", 5: "70.00"}


@pytest.fixture
def debts(room):
    return Debts(room)


async def test_the_weekly_list_compares_with_last_week_by_currency(room, debts):
    await room.allow("figures")
    await debts.fill(NOW, THEN)
    [text] = await debts.message()
    for fact in (
        "4 accounts are overdue",
        "£1,420.00 on 3 accounts: up £540.00, it was £880.00",
        "€70.00 on 1 account: the same as then",
        "Newly overdue: 1: REF3 Name £120.00",
        "Cleared: 1: REF4 Name £80.00",
        "Rose most: REF1 Name by £600.00 to £900.00",
        "Fell most: REF2 Name by £100.00 to £400.00",
    ):
        assert fact in text
    assert "1,490" not in text, "pounds and euros are never one sum"


async def test_so_many_of_each_currency_and_kind_are_named(room, debts):
    now = {1: "900.00", 2: "400.00", 3: "120.00", 4: "900.00", 5: "70.00"}
    await debts.fill(now, {1: "300.00", 2: "900.00", 4: "100.00", 5: "600.00"})
    weeks = Weeks(EVERY_CUSTOMER, debts.today, debts.today - timedelta(days=7), Decimal(50))

    async def named(*currencies, most=1, by_amount=True, week=weeks):
        async with room.services.database.reading() as tx:
            how = {"weeks": week, "currencies": currencies, "most": most, "by_amount": by_amount}
            rows = await debt_days.movers(tx, **debts.books, **how)
        return [(row.kind, row.reference, row.now - row.then) for row in rows]

    pounds, euros = ("GBP", "£"), ("EUR", "€")
    first = [(ROSE, "REF4", 800), (FELL, "REF2", -500), (NEW, "REF3", 120)]
    assert await named(pounds) == first
    assert await named(pounds, most=2) == [first[0], (ROSE, "REF1", 600), *first[1:]]
    assert await named(pounds, euros) == [(FELL, "REF5", -530), *first]
    # Who owes more or less isn't told without figures.
    assert await named(pounds, most=2, by_amount=False) == [(NEW, "REF3", 120)]
    assert await named() == await named(pounds, week=replace(weeks, since=None)) == []


async def test_five_large_falls_hide_no_rise(room, debts):
    await room.allow("figures")
    fallen = (1, 2, 3, 4, 6)
    await debts.fill(
        {**dict.fromkeys(fallen, "100.00"), 7: "160.00"}, {**dict.fromkeys(fallen, "9000.00"), 7: "100.00"}
    )
    [text] = await debts.message()
    assert "Rose most: REF7 Name by £60.00 to £160.00" in text
    assert text.count("by £8,900.00 to £100.00") == 5


async def test_the_weekly_list_counts_promises_due_and_broken(room, debts):
    await room.allow("figures")
    await debts.fill(NOW, THEN)
    now, day = room.clock(), timedelta(days=1)
    for state, due, closed in (
        ("open", 3, None),
        ("open", 12, None),
        ("broken", -5, now - day),
        ("broken", -20, now - 9 * day),
        ("kept", -3, now - day),
    ):
        async with room.services.database.transaction() as tx:
            row = await promises.add_promise(
                tx,
                **debts.books,
                **{
                    "customer_id": 1,
                    "reference": "REF1",
                    "name": "Name",
                    "currency_iso": "GBP",
                    "currency_symbol": "£",
                },
                **{"amount": Decimal(100), "due": debts.today + due * day, "made_on": debts.today, "said_by": ""},
                **{"made_by": "U0PRIYA", "made_at": now, "judge_at": None},
            )
            row.state, row.closed_at = state, closed
    [text] = await debts.message()
    assert "Promises: 1 due in the next week, 1 broken in the last" in text


async def test_the_weekly_list_has_the_days_of_sales_outstanding_of_everybody_alone(room, debts):
    await room.allow("figures")
    await debts.fill(NOW, THEN)
    february = date(2026, 2, 1)
    rows = [
        {
            "month": month,
            "currency_iso": "GBP",
            "currency_symbol": "£",
            "invoiced": Decimal(invoiced),
            "outstanding": owed,
        }
        for month, invoiced, owed in (
            (february, 80_000, Decimal(150_000)),
            (date(2026, 1, 1), 70_000, None),
        )
    ]
    async with room.services.database.transaction() as tx:
        await month_sales.keep(tx, **debts.books, rows=rows, forget_before=date(2025, 1, 1))
    [text] = await debts.message()
    assert "Days sales outstanding at the end of February, by count-back: 59" in text


async def test_in_a_place_for_bands_the_list_has_names_and_no_amounts(room, debts):
    await room.allow("band")
    await debts.fill(NOW, THEN)
    [text] = await debts.message()
    assert "4 accounts are overdue" in text
    assert "Newly overdue: 1: REF3 Name" in text
    assert not re.search(r"[£€]|Rose|Fell", text)


async def test_a_channel_that_is_shown_who_is_on_hold_gets_no_list(room, debts):
    await debts.fill(NOW, THEN)
    assert await debts.message() == []
    assert (await room.read(debts.row)).failure == "it says more than the channel may show"


async def test_a_filter_is_compared_with_itself_and_sales_with_their_own(room, debts):
    await room.give_role("U0GEORGE", "sales")
    await room.give_codes("U0GEORGE", {2: ("George",)})
    await debts.fill(NOW, THEN)
    [text] = await debts.message(target="U0GEORGE", owner="U0GEORGE", filter=filter_column("mine"))
    assert "£1,300.00 on 2 accounts: up £500.00, it was £800.00" in text
    assert not re.search("REF3|REF4|€", text)


async def test_changes_below_what_matters_name_nobody(room, debts):
    await room.allow("figures")
    await debts.fill({1: "300.00", 3: "20.00"}, {1: "290.00", 4: "20.00"})
    [text] = await debts.message()
    assert "£320.00 on 2 accounts: up £10.00" in text
    assert "Newly overdue: 0" in text
    assert "REF" not in text


async def test_without_a_week_to_compare_with_it_says_so(room, debts):
    await room.allow("figures")
    await debts.fill(NOW, {})
    [text] = await debts.message()
    assert "nothing to compare with yet" in text
    assert "£1,420.00 on 3 accounts" in text
    assert "Newly" not in text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"items_phase": REFUSED}, "gives no transactions"),
        ({"items_phase": None}, "for the first time"),
        ({"items_synced_at": None}, "for the first time"),
    ],
)
async def test_what_is_not_known_is_never_nothing(room, debts, state, said):
    await room.allow("figures")
    await debts.fill({}, {}, **state)
    [text] = await debts.message()
    assert said in text
    assert "Nobody" not in text
