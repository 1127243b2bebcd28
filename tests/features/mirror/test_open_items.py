"""What customers owe, as the mirror finds it in the simulated Sage: by stamps, by balances, and at night."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from prometheus_client import REGISTRY, generate_latest

from bot.features.mirror.service.open_items.apply_items import count_again
from sandbox.sage200.books.demo_world import demo_world
from storage.queries.mirror import mirror_state, mirrored_customers, open_items
from storage.queries.mirror.customer_condition import CustomerCondition
from tests.connected_app import desk as open_desk
from tests.features.mirror.synced_companies import Told, mirror_desk, mirror_of

ITEMS = "sales_transaction_views"


@pytest.fixture
async def books(desk, mirrored):
    return await mirror_desk(desk)


def today(books):
    return books.desk.clock().date()


def ago(books, days):
    return today(books) - timedelta(days=days)


async def owed(books, reference):
    """(outstanding by id, uncovered by id, the row of the debt) of a customer."""
    customer = books.world.customer(reference)["id"]
    async with books.desk.services.database.reading() as tx:
        items = (await open_items.items_of(tx, **books.books.named, ids=[customer])).get(customer, [])
        debt = (await open_items.debts_of(tx, **books.books.named, ids=[customer])).get(customer)
    left = {row["transaction_id"]: row["outstanding"] for row in items}
    return left, {row["transaction_id"]: row["uncovered"] for row in items if row["uncovered"]}, debt


async def state_of(books):
    async with books.desk.services.database.reading() as tx:
        return await mirror_state.of_company(tx, **books.books.named)


async def everything(books):
    async with books.desk.services.database.reading() as tx:
        items = await open_items.between(tx, **books.books.named, beyond=0, up_to=None)
        owners = {row["customer_id"] for row in items.values()}
        return items, await open_items.debts_of(tx, **books.books.named, ids=owners)


def account(books, reference, **fields):
    """A new account with nothing posted to it."""
    books.world.add(reference=reference, name=f"{reference} Ltd", payment_terms_days=30, **fields)
    return reference


def outstanding(books, company=0):
    """What the simulated Sage has open: id to amount."""
    rows = books.world.companies[company].transactions
    return {number: row["gross"] - row["allocated"] for number, row in rows.items() if row["gross"] != row["allocated"]}


async def test_the_first_load_has_every_open_item_and_sums_to_the_balances(books):
    items, debts = await everything(books)
    assert {number: row["outstanding"] for number, row in items.items()} == outstanding(books)
    async with books.desk.services.database.reading() as tx:
        accounts = await mirrored_customers.balances(tx, **books.books.named, ids=debts)
    assert {number: debt["outstanding"] for number, debt in debts.items()} == {
        number: balance for number, (balance, *_) in accounts.items()
    }
    assert {debt["difference"] for debt in debts.values()} == {Decimal(0)}
    state = await state_of(books)
    assert (state.items_phase, state.items_synced_at) == ("live", books.desk.clock())
    assert state.credits_unsigned is False
    assert books.told.published == books.told.reports == []


async def test_credit_is_set_off_against_the_oldest_and_nothing_is_written_twice(books):
    who = account(books, "NEW001")
    old = books.world.post_invoice(who, 300, due=ago(books, 90), dated=ago(books, 120))
    young = books.world.post_invoice(who, 200, due=ago(books, 10), dated=ago(books, 40))
    credit = books.world.post_credit(who, 350)
    await books.sync()
    left, uncovered, debt = await owed(books, who)
    assert (left, uncovered) == ({old: 300, young: 200, credit: -350}, {young: 150})
    assert (debt["outstanding"], debt["oldest_due"], debt["pool_left"]) == (150, ago(books, 10), 0)
    before = await everything(books)
    for _ in range(3):
        assert await books.sync(after=45)
    assert await books.reconcile()
    assert await everything(books) == before


async def test_what_the_database_sums_at_first_is_what_each_customer_comes_to(books):
    plain, mixed, flagged, foreign, credited, refunded, settled = (account(books, f"NEW00{each}") for each in range(7))
    for amount, due in ((100, 40), (40, 1), (30, 0), (7, -20)):
        books.world.post_invoice(plain, amount, due=ago(books, due))
    undated = books.world.post_invoice(mixed, 12)
    books.world.amend(undated, due_date=None)
    books.world.amend(books.world.post_invoice(mixed, 19, due=ago(books, 9)), query="B")
    books.world.amend(books.world.post_invoice(flagged, 23, due=ago(books, 50)), query="D")
    books.world.post_invoice(flagged, 5, due=ago(books, 3))
    books.world.amend(books.world.post_invoice(foreign, 31, due=ago(books, 8)), symbol="$")
    books.world.post_invoice(credited, 60, due=ago(books, 8))
    books.world.post_credit(credited, 25)
    books.world.post_refund(refunded, 14)
    books.world.allocate(books.world.post_credit(settled, 3))
    books.world.post_invoice(settled, 3)
    database, named = books.desk.services.database, books.books.named
    async with database.transaction() as tx:
        await mirror_state.note(tx, **named, items_phase=None)
    assert await books.sync()
    items, debts = await everything(books)
    assert {debts[books.world.customer(each)["id"]]["outstanding"] for each in (plain, mixed, flagged, foreign)} == {
        Decimal(177), Decimal(31), Decimal(28), Decimal(0)
    }  # fmt: skip
    async with database.transaction() as tx:
        await open_items.write(tx, **named, items=[], cleared=list(debts))
        await count_again(tx, books.books, list(debts), now=books.desk.clock())
    assert await everything(books) == (items, debts)


async def late_by_day(books, reference, days):
    """What the list says is late on each day from today on; None where it doesn't list the customer."""
    customer = books.world.customer(reference)["id"]
    found = []
    async with books.desk.services.database.reading() as tx:
        for day in (today(books) + timedelta(days=number) for number in range(days)):
            wanted = open_items.WantedDebt(CustomerCondition(named=(reference.casefold(),)), day)
            asked = {**books.books.named, "wanted": wanted}
            rows = await open_items.overdue(tx, **asked, offset=0, limit=9)
            totals = await open_items.overdue_totals(tx, **asked)
            of_items = await open_items.overdue_of(tx, **books.books.named, ids=[customer], today=day)
            late = [(row.overdue, row.oldest_due) for row in rows]
            assert late == list(of_items.values())
            assert [(row.total, row.accounts) for row in totals] == [(amount, 1) for amount, _ in late]
            found.append(late[0][0] if late else None)
    return found


async def test_days_pass_and_what_is_late_is_summed_without_its_items(books):
    who = account(books, "NEW001")
    for amount, due in ((100, -1), (40, 0), (30, 1), (7, 2), (2, 20)):
        books.world.post_invoice(who, amount, dated=ago(books, 30), due=ago(books, -due))
    await books.sync()
    _, _, before = await owed(books, who)
    assert (before["late"], before["next_due"]) == (0, ago(books, 1))
    assert await late_by_day(books, who, 23) == [100, 140, 170, *[177] * 18, *[179] * 2]
    books.desk.clock.forward(days=3)
    assert await books.reconcile()
    _, _, after = await owed(books, who)
    assert (after["late"], after["next_due"]) == (170, ago(books, 1))
    assert await late_by_day(books, who, 20) == [*[177] * 18, *[179] * 2]
    books.desk.clock.forward(days=40)
    assert await books.reconcile()
    _, _, after = await owed(books, who)
    assert (after["late"], after["next_due"]) == (179, None)
    assert await late_by_day(books, who, 1) == [179]


async def test_a_flag_takes_an_item_out_of_what_is_chased(books):
    who = account(books, "NEW001")
    flagged = books.world.post_invoice(who, 400, due=ago(books, 45), dated=ago(books, 50))
    other = books.world.post_invoice(who, 100, due=ago(books, 5), dated=ago(books, 10))
    charge = books.world.post_invoice(who, 25, due=ago(books, 40), dated=ago(books, 41))
    await books.sync()
    books.world.amend(flagged, query="D")
    books.world.amend(charge, query="F")
    await books.sync()
    _, uncovered, debt = await owed(books, who)
    assert (uncovered, debt["disputed"]) == ({other: 100, charge: 25}, 400)


async def test_a_document_in_another_currency_is_in_no_sum(books):
    who = account(books, "NEW001")
    number = books.world.post_invoice(who, 80, due=ago(books, 5), dated=ago(books, 10))
    books.world.amend(number, symbol="$")
    books.world.update(who, balance=None)
    books.world.companies[0].row(who)["balance"] = Decimal("0.00")
    await books.sync()
    async with books.desk.services.database.reading() as tx:
        items = await open_items.items_of(tx, **books.books.named, ids=[books.world.customer(who)["id"]])
    assert [(row["is_foreign"], row["uncovered"]) for rows in items.values() for row in rows] == [(True, 0)]
    assert (await owed(books, who))[2]["outstanding"] == 0


async def test_a_refund_paid_lowers_the_credit_and_is_no_debt(books):
    who = account(books, "NEW001")
    books.world.post_credit(who, 100)
    refund = books.world.post_refund(who, 100)
    await books.sync()
    left, uncovered, debt = await owed(books, who)
    assert (left[refund], uncovered, debt["outstanding"], debt["refund"]) == (100, {}, 0, 0)


async def test_credits_without_their_minus_are_noticed_at_the_first_load(desk, connected):
    books = await mirror_desk(desk)
    desk.world.companies[0].has_unsigned_credits = True
    for number in range(5):
        who = account(books, f"NEW00{number}")
        desk.world.post_invoice(who, 150, due=ago(books, 5), dated=ago(books, 10))
        desk.world.post_credit(who, 50)
    await books.sync()
    assert (await state_of(books)).credits_unsigned is True
    left, uncovered, debt = await owed(books, "NEW003")
    assert sorted(left.values()) == [-50, 150]
    assert (list(uncovered.values()), debt["outstanding"], debt["difference"]) == ([100], 100, 0)
    before = await everything(books)
    await books.sync()
    assert await books.reconcile()
    assert await everything(books) == before
    desk.world.post_credit("NEW003", 25)
    await books.sync()
    _, uncovered, debt = await owed(books, "NEW003")
    assert (list(uncovered.values()), debt["outstanding"]) == ([75], 75)


async def test_a_receipt_that_stamps_no_invoice_closes_it_in_the_same_cycle(books):
    who = account(books, "NEW001")
    number = books.world.post_invoice(who, 300, due=ago(books, 40), dated=ago(books, 70))
    await books.sync()
    books.world.companies[0].stamps_allocations = False
    receipt = books.world.post_receipt(who, 300)
    assert books.world.companies[0].transactions[number]["allocated"] == 300
    books.asked()
    await books.sync()
    assert books.asked().count(ITEMS) == 2
    assert (await owed(books, who)) == ({}, {}, None)
    async with books.desk.services.database.reading() as tx:
        since = books.desk.clock() - timedelta(seconds=1)
        (met,) = await open_items.receipts_since(tx, **books.books.named, since=since, limit=9)
    assert (met.transaction_id, met.amount) == (receipt, 300)
    books.asked()
    await books.sync(after=45)
    assert books.asked().count(ITEMS) == 1


async def test_a_receipt_of_before_is_no_news_when_it_is_allocated_later(desk, connected):
    books = await mirror_desk(desk)
    who = account(books, "NEW001")
    receipt = desk.world.post_receipt(who, 60)
    await books.sync()
    loaded = desk.clock()
    desk.clock.forward(days=1)
    desk.world.post_invoice(who, 60)
    desk.world.allocate(receipt)
    await books.sync()
    async with desk.services.database.reading() as tx:
        assert await open_items.receipts_since(tx, **books.books.named, since=loaded, limit=9) == []


async def test_an_unstamped_allocation_and_an_unstamped_due_date_are_found_at_night(books):
    who = account(books, "NEW001")
    number = books.world.post_invoice(who, 300, due=ago(books, 40), dated=ago(books, 70))
    other = books.world.post_invoice(who, 50, due=ago(books, 40), dated=ago(books, 70))
    credit = books.world.post_credit(who, 50)
    await books.sync()
    await books.sync()
    books.world.companies[0].stamps_allocations = False
    books.world.allocate(credit)
    later = books.desk.clock() + timedelta(days=20)
    due = later.replace(hour=0, minute=0, second=0, microsecond=0)
    books.world.amend(other, due_date=due, is_stamped=False)
    await books.sync()
    assert set((await owed(books, who))[0]) == {number, other, credit}
    assert await books.reconcile()
    left, uncovered, debt = await owed(books, who)
    assert (left, uncovered) == ({number: 250, other: 50}, {number: 250, other: 50})
    assert debt["oldest_due"] == ago(books, 40)


async def test_a_deleted_document_is_gone_at_night_and_is_no_payment(books):
    who = account(books, "NEW001")
    number = books.world.post_invoice(who, 300, due=ago(books, 40), dated=ago(books, 70))
    await books.sync()
    books.world.delete_posting(number)
    assert await books.reconcile()
    assert (await owed(books, who)) == ({}, {}, None)
    async with books.desk.services.database.reading() as tx:
        assert (
            await open_items.receipts_since(
                tx, **books.books.named, since=books.desk.clock() - timedelta(days=1), limit=9
            )
            == []
        )


async def test_a_night_on_which_most_documents_are_missing_is_not_believed(books):
    who = account(books, "NEW001")
    for _ in range(120):
        books.world.post_invoice(who, 1)
    await books.sync()
    before = await everything(books)
    for number in sorted(outstanding(books))[20:]:
        books.world.delete_posting(number, keep_balance=True)
    assert not await books.reconcile()
    assert await everything(books) == before
    state = await books.mirror.state(**books.books.named)
    assert state is not None
    assert state.trouble


async def test_many_documents_that_are_paid_are_believed(books):
    who = account(books, "NEW001")
    for _ in range(120):
        books.world.post_invoice(who, 1)
    await books.sync()
    books.world.companies[0].stamps_allocations = False
    for row in books.world.companies[0].transactions.values():
        row["allocated"] = row["gross"]
    for row in books.world.companies[0].customers.values():
        row["balance"] = Decimal("0.00")
    assert await books.reconcile()
    assert await everything(books) == ({}, {})


async def test_a_difference_counts_when_a_second_reading_finds_it_again(books):
    who = account(books, "NEW001")
    number = books.world.post_invoice(who, 100)
    await books.sync()
    books.world.companies[0].row(who)["balance"] = Decimal("120.00")
    books.world.amend(number, due_date=books.desk.clock())
    await books.sync()
    debt = (await owed(books, who))[2]
    assert (debt["difference"], debt["differs_since"]) == (20, None)
    books.asked()
    await books.sync()
    debt = (await owed(books, who))[2]
    assert (debt["difference"], debt["differs_since"]) == (20, books.desk.clock())
    seen = books.desk.clock()
    books.asked()
    await books.sync()
    assert books.asked().count(ITEMS) == 1
    assert (await owed(books, who))[2]["differs_since"] == seen
    await books.desk.product.finders.differences()
    counted = generate_latest(REGISTRY).decode()
    assert "sage200_balances_differing_from_open_items 1.0" in counted
    assert who not in counted
    books.world.companies[0].row(who)["balance"] = Decimal("100.00")
    await books.reconcile()
    assert (await owed(books, who))[2]["difference"] == 0


async def test_a_sage_or_role_without_transactions_is_done_without_and_asked_again_at_night(desk, connected):
    books = await mirror_desk(desk)
    for _ in range(20):
        desk.sage.faults.next(status=403, contains=ITEMS)
    assert await books.sync()
    assert (await state_of(books)).items_phase == "refused"
    books.asked()
    desk.world.put_on_hold("ABS001")
    assert await books.sync()
    assert books.told.news
    desk.sage.faults.clear()
    assert await books.reconcile()
    assert await books.sync()
    assert (await state_of(books)).items_phase == "live"
    assert (await everything(books))[0]


async def test_a_right_that_is_taken_away_is_noticed_at_night_and_figures_grow_old(books):
    for _ in range(50):
        books.desk.sage.faults.next(status=403, contains=ITEMS)
    loaded = (await state_of(books)).items_synced_at
    assert await books.sync()
    assert (await state_of(books)).items_synced_at == loaded
    assert await books.reconcile()
    assert (await state_of(books)).items_phase == "refused"


async def test_a_sage_without_brackets_is_read_all_the_same(books):
    books.world.companies[0].takes_brackets = False
    who = [account(books, f"NEW00{number}") for number in range(4)]
    numbers = [books.world.post_invoice(each, 300) for each in who]
    await books.sync()
    for each in who:
        books.world.post_receipt(each, 300)
    await books.sync()
    assert not set(numbers) & (await everything(books))[0].keys()
    assert (await owed(books, who[0])) == ({}, {}, None)


async def test_a_site_that_stamps_nothing_is_as_of_last_night(desk, connected):
    desk.world.companies[0].old_site = True
    books = await mirror_desk(desk)
    await books.sync()
    loaded = (await state_of(books)).items_synced_at
    assert loaded is not None
    await books.sync()
    assert (await state_of(books)).items_synced_at == loaded
    who = account(books, "NEW001")
    desk.world.post_invoice(who, 10)
    await books.reconcile()
    assert (await owed(books, who))[2]["outstanding"] == 10
    assert (await state_of(books)).items_synced_at == desk.clock()


async def test_a_customer_that_goes_takes_their_items_along(books):
    who = account(books, "NEW001")
    number = books.world.post_invoice(who, 300)
    await books.sync()
    assert number in (await everything(books))[0]
    books.world.remove(who)
    assert await books.reconcile()
    assert number not in (await everything(books))[0]


async def test_a_first_load_that_was_killed_goes_on_behind_the_last_page(database_url):
    async with open_desk(database_url, world=demo_world(3000)) as desk:
        books = await mirror_desk(desk)
        for _ in range(9):
            desk.sage.faults.next(status=503, contains="posted_customer_transaction_id gt 52")
        await books.sync()
        state = await state_of(books)
        assert (state.items_phase, state.items_read_count) == ("initial_load", 2000)
        desk.sage.faults.clear()
        who = next(iter(desk.world.companies[0].customers.values()))["reference"]
        desk.world.post_invoice(who, 77)
        books.asked()
        again = mirror_of(desk, Told())
        desk.clock.forward(seconds=900)
        assert await again.sync(**books.books.named)
        assert (await state_of(books)).items_phase == "live"
        assert {number: row["outstanding"] for number, row in (await everything(books))[0].items()} == outstanding(
            books
        )


@pytest.mark.parametrize("customers", [50, 1000])
async def test_a_cycle_costs_its_changes_and_not_the_size_of_the_ledger(database_url, customers):
    async with open_desk(database_url, world=demo_world(customers)) as desk:
        books = await mirror_desk(desk)
        await books.sync()
        await books.sync()
        books.asked()
        await books.sync()
        assert len(books.asked()) == 3
        references = [row["reference"] for row in desk.world.companies[0].customers.values() if row.get("balance")]
        for reference in references[:10]:
            desk.world.post_receipt(reference, 1)
        await books.sync()
        assert books.asked().count(ITEMS) == 2
        for reference in references[:10]:
            desk.world.post_invoice(reference, 1)
        await books.sync()
        assert books.asked().count(ITEMS) == 1


async def test_thousands_of_new_invoices_cost_no_reading_of_items(database_url):
    async with open_desk(database_url, world=demo_world(1000)) as desk:
        books = await mirror_desk(desk)
        await books.sync()
        references = [row["reference"] for row in desk.world.companies[0].customers.values()]
        for number in range(2500):
            desk.world.post_invoice(references[number % 1000], 1)
        books.asked()
        await books.sync()
        # Pages of what moved alone: 2,000 and 500, and the empty end.
        assert books.asked().count(ITEMS) <= 3
        items, debts = await everything(books)
        assert {number: row["outstanding"] for number, row in items.items()} == outstanding(books)
        assert {debt["difference"] for debt in debts.values()} == {Decimal(0)}


async def test_hundreds_of_payments_cost_no_more_than_reading_all(database_url):
    async with open_desk(database_url, world=demo_world(1000)) as desk:
        books = await mirror_desk(desk)
        await books.sync()
        for row in list(desk.world.companies[0].customers.values()):
            if row.get("balance", 0) > 2:
                desk.world.post_receipt(row["reference"], 2)
        books.asked()
        await books.sync()
        assert books.asked().count(ITEMS) <= 4  # in groups of twenty customers they would be dozens
        items, debts = await everything(books)
        assert {number: row["outstanding"] for number, row in items.items()} == outstanding(books)
        assert {debt["difference"] for debt in debts.values()} == {Decimal(0)}


async def test_a_bulk_hold_reads_no_items(database_url):
    async with open_desk(database_url, world=demo_world(500)) as desk:
        books = await mirror_desk(desk)
        await books.sync()
        desk.world.bulk_hold(300, "Year end")
        books.asked()
        await books.sync()
        assert books.asked().count(ITEMS) == 1
