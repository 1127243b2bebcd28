"""Invoices, receipts and orders in the simulated Sage 200, and what they do to a customer."""

from datetime import date
from decimal import Decimal

import pytest

from sandbox.sage200 import demo_world
from sandbox.sage200.books.company import money
from sandbox.sage200.books.world import AccountOnHold
from tests.sandbox.sage.fixtures import Sandbox


@pytest.fixture
def sandbox():
    return Sandbox()


async def postings(sandbox, reference="ABS001", **parameters):
    answer = await sandbox.asked("sales_transaction_views", filter=f"customer_reference eq '{reference}'", **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_balance_is_the_sum_of_what_is_outstanding(sandbox):
    sandbox.world.post_invoice("ABS001", 100)
    sandbox.world.post_receipt("NOR001", 99999)
    sandbox.world.update("ZER001", balance=1)
    sandbox.world.add(reference="NEW001", name="New", balance=7)
    rows = (await sandbox.asked("sales_transaction_views", top="5000")).json()
    for customer in sandbox.world.companies[0].customers.values():
        mine = [row["document_outstanding_value"] for row in rows if row["customer_id"] == customer["id"]]
        assert money(sum(mine)) == (customer["balance"] or 0), customer["reference"]


async def test_an_invoice_raises_the_balance_and_is_due_by_the_customers_terms(sandbox):
    number = sandbox.world.post_invoice("ABS001", "120.00")
    assert sandbox.world.customer("ABS001")["balance"] == Decimal("2584.16")
    [row] = (await sandbox.asked("sales_transaction_views", filter=f"urn eq {number}")).json()
    assert (row["transaction_type"], row["due_date"]) == ("Invoice", "2025-04-02T00:00:00")
    assert (row["document_goods_value"], row["document_tax_value"], row["document_gross_value"]) == (100, 20, 120)
    assert row["transaction_date_time_updated"] == "2025-03-03T09:00:00.123"


async def test_an_invoice_may_be_due_when_it_is_told(sandbox):
    number = sandbox.world.post_invoice("ABS001", 5, due=date(2025, 1, 1))
    [row] = (await sandbox.asked("sales_transaction_views", filter=f"urn eq {number}")).json()
    assert row["due_date"] == "2025-01-01T00:00:00"


async def test_a_receipt_settles_the_oldest_debt_first(sandbox):
    before = {row["urn"]: row["document_outstanding_value"] for row in await postings(sandbox)}
    number = sandbox.world.post_receipt("ABS001", 600)
    rows = {row["urn"]: row for row in await postings(sandbox)}
    oldest, middle, newest = sorted(before, key=lambda urn: rows[urn]["transaction_date"])
    assert rows[number]["document_gross_value"] == rows[number]["document_allocated_value"] == -600
    assert rows[oldest]["document_outstanding_value"] == 0
    assert rows[middle]["document_outstanding_value"] == pytest.approx(before[oldest] + before[middle] - 600)
    assert rows[newest]["document_outstanding_value"] == before[newest]
    assert sandbox.world.customer("ABS001")["balance"] == Decimal("1864.16")


async def test_an_invoice_entered_late_is_settled_by_its_date(sandbox):
    late = sandbox.world.post_invoice("ABS001", 10, dated=date(2020, 1, 1))
    sandbox.world.post_invoice("ABS001", 10, dated=date(2021, 1, 1))
    sandbox.world.post_receipt("ABS001", 10)
    [row] = (await sandbox.asked("sales_transaction_views", filter=f"urn eq {late}")).json()
    assert row["document_outstanding_value"] == 0


async def test_money_beyond_the_debts_stays_on_the_receipt(sandbox):
    number = sandbox.world.post_receipt("PEN001", 3)
    [row] = (await sandbox.asked("sales_transaction_views", filter=f"urn eq {number}")).json()
    assert row["document_outstanding_value"] == -2.99
    assert sandbox.world.customer("PEN001")["balance"] == Decimal("-2.99")


async def test_what_changed_since_can_be_asked_and_paged(sandbox):
    sandbox.clock.advance(60)
    numbers = [sandbox.world.post_invoice("ABS001", amount) for amount in (1, 2, 3)]
    rows = (
        await sandbox.asked(
            "sales_transaction_views",
            filter="transaction_date_time_updated gt 2025-03-03T09:00:30Z"
            f" and posted_customer_transaction_id gt {numbers[0]}",
            orderby="posted_customer_transaction_id asc",
            select="posted_customer_transaction_id",
        )
    ).json()
    assert [row["posted_customer_transaction_id"] for row in rows] == numbers[1:]


async def test_a_foreign_posting_is_worth_its_pounds(sandbox):
    number = sandbox.world.post_invoice("EUR001", 117)
    [row] = (await sandbox.asked("sales_transaction_views", filter=f"urn eq {number}")).json()
    assert (row["base_gross_value"], row["currency_symbol"], row["exchange_rate"]) == (100, "€", 1.17)


@pytest.mark.parametrize("bumps", [False, True])
async def test_whether_a_posting_touches_the_customers_own_time_is_a_switch(sandbox, bumps):
    sandbox.world.balance_bumps_customer = bumps
    before = sandbox.world.customer("ABS001")["date_time_updated"]
    sandbox.world.post_receipt("ABS001", 1)
    assert (sandbox.world.customer("ABS001")["date_time_updated"] != before) is bumps


@pytest.mark.parametrize("amount", [0, -1, "0.001"])
def test_an_amount_is_more_than_nothing(sandbox, amount):
    with pytest.raises(ValueError, match="more than nothing"):
        sandbox.world.post_invoice("ABS001", amount)


async def test_an_order_raises_the_value_of_orders_alone(sandbox):
    number = sandbox.world.place_order("ABS001", 120, promised=date(2025, 3, 10))
    customer = sandbox.world.customer("ABS001")
    assert (customer["balance"], customer["value_of_current_orders_in_sop"]) == (Decimal("2464.16"), 84)
    [row] = (await sandbox.asked("sop_orders", filter=f"id eq {number}")).json()
    assert (row["document_status"], row["is_credit_limit_exceeded"]) == ("EnumDocumentStatusLive", False)
    assert (row["total_net_value"], row["total_gross_value"]) == (100, 120)
    assert row["promised_delivery_date"] == "2025-03-10T00:00:00"


async def test_an_order_over_the_limit_is_on_hold_and_the_account_is_not(sandbox):
    sandbox.world.place_order("ABS001", 5000)
    [row] = (await sandbox.asked("sop_orders", filter="document_status eq 'EnumDocumentStatusOnHold'")).json()
    assert row["is_credit_limit_exceeded"] is True
    assert sandbox.world.customer("ABS001")["on_hold"] is False


def test_an_account_on_hold_takes_an_order_from_somebody_who_may_override(sandbox):
    with pytest.raises(AccountOnHold):
        sandbox.world.place_order("HOL001", 5)
    assert sandbox.world.place_order("HOL001", 5, override=True)


@pytest.mark.parametrize(("invoice", "balance"), [(False, "2464.16"), (True, "2584.16")])
def test_a_despatched_order_is_over(sandbox, invoice, balance):
    number = sandbox.world.place_order("ABS001", 120)
    sandbox.world.despatch_order(number, invoice=invoice)
    customer = sandbox.world.customer("ABS001")
    assert (customer["balance"], customer["value_of_current_orders_in_sop"]) == (Decimal(balance), -36)
    with pytest.raises(KeyError, match="Complete"):
        sandbox.world.cancel_order(number)


@pytest.mark.parametrize("bumps", [False, True])
async def test_whether_an_order_touches_the_customers_own_time_is_a_switch(sandbox, bumps):
    sandbox.world.orders_bump_customer = bumps
    before = sandbox.world.customer("ABS001")["date_time_updated"]
    sandbox.world.place_order("ABS001", 1)
    assert (sandbox.world.customer("ABS001")["date_time_updated"] != before) is bumps


async def test_companies_keep_their_postings_apart(sandbox):
    fleet = sandbox.world.companies[1]
    sandbox.world.post_invoice("ABS001", 10, company=fleet)
    sandbox.world.place_order("ABS001", 10, company=fleet)
    assert sandbox.world.customer("ABS001")["balance"] == Decimal("2464.16")
    assert sandbox.world.customer("ABS001", company=fleet)["balance"] == Decimal("87.70")
    assert (await sandbox.asked("sop_orders")).json() == []


async def test_a_settled_invoice_says_when_it_was(sandbox):
    invoice = sandbox.world.post_invoice("ABS002", 100, dated=date(2026, 1, 5), due=date(2026, 2, 4))
    rows = {each["id"]: each for each in (await sandbox.asked("sales_posted_transactions")).json()}
    assert rows[invoice].get("full_settlement_date") is None
    receipt = sandbox.world.post_receipt("ABS002", 1000, dated=date(2026, 2, 14))
    rows = {each["id"]: each for each in (await sandbox.asked("sales_posted_transactions")).json()}
    assert rows[invoice]["full_settlement_date"].startswith("2026-02-14")
    assert rows[invoice]["due_date"].startswith("2026-02-04")
    assert rows[invoice]["trader_transaction_type"] == "TradingAccountEntryTypeInvoice"
    assert rows[receipt]["document_gross_value"] == -1000
    assert rows[receipt]["trader_transaction_type"] == "TradingAccountEntryTypePurchasePaymentSalesReceipt"


def test_the_demos_values_of_orders_have_orders_behind_them():
    world = demo_world(400)
    ledger = world.companies[0]
    before = {number: row.get("value_of_current_orders_in_sop") or 0 for number, row in ledger.customers.items()}
    for _ in range(2):
        world.open_books()
    placed = dict.fromkeys(before, Decimal(0))
    for order in ledger.orders.values():
        placed[order["customer_id"]] += order["total_gross_value"]
    assert placed == {number: max(value, Decimal(0)) for number, value in before.items()}
    assert before == {
        number: row.get("value_of_current_orders_in_sop") or 0 for number, row in ledger.customers.items()
    }
    assert {order["document_status"] for order in ledger.orders.values()} == {
        "EnumDocumentStatusLive",
        "EnumDocumentStatusOnHold",
    }
    assert not world.companies[1].orders


def test_the_demos_customers_have_paid_as_late_as_they_usually_do_and_some_dispute():
    world = demo_world(60)
    ledger = world.companies[0]
    world.open_books()
    count = len(ledger.transactions)
    world.open_books()
    assert len(ledger.transactions) == count
    owed = dict.fromkeys(ledger.customers, Decimal(0))
    late: dict[int, list[int]] = {}
    for row in ledger.transactions.values():
        owed[row["customer_id"]] += row["gross"] - row["allocated"]
        if row.get("settled") and row["gross"] > 0:
            late.setdefault(row["customer_id"], []).append((row["settled"] - row["due_date"]).days)
    assert owed == {number: row.get("balance") or Decimal(0) for number, row in ledger.customers.items()}
    usual = sorted(sum(days) / len(days) for days in late.values())
    assert min(map(len, late.values())) >= 3
    assert usual[0] < 0
    assert usual[-1] > 30
    assert any(row.get("query") == "D" for row in ledger.transactions.values())


def test_many_accounts_go_on_hold_at_one_moment():
    world = demo_world(400)
    held = world.bulk_hold(150, "Month end")
    assert len(held) == 150
    assert {world.customer(reference)["status_reason"] for reference in held} == {"Month end"}
    assert world.bulk_hold(["ABS001"], "Again") == ["ABS001"]


async def test_a_removed_account_takes_its_postings_and_orders_with_it(sandbox):
    sandbox.world.place_order("ABS001", 1)
    sandbox.world.remove("ABS001")
    assert await postings(sandbox) == []
    assert (await sandbox.asked("sop_orders")).json() == []
