"""What is behind a card's figures, from the simulated Sage."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.errors import NotConnected, SageForbidden, SageMissing, SageUnavailable, SageUnreadable
from bot.features.account_detail.model import AgeBy
from bot.features.account_detail.service import DetailRequest
from bot.features.account_detail.views import aged_debt, documents
from sandbox.sage200.books.company import midnight
from tests.slack.gate import passes


@pytest.fixture
async def workspace(desk, connected):
    return desk


def wanted(desk, reference="ABS001"):
    return DetailRequest(desk.world.customer(reference)["id"], reference)


async def asked(desk, question, reference="ABS001", asker=None, **more):
    ask = getattr(desk.services.account_detail, question)
    return await ask(await desk.session(asker or desk.asker()), wanted(desk, reference), **more)


@pytest.mark.parametrize("by", [None, *AgeBy])
async def test_debt_by_age_adds_up_to_the_balance_in_the_companys_periods(workspace, by):
    workspace.world.companies[0].ageing_periods = (14, 45)
    found = await asked(workspace, "aged_debt", by=by)
    assert found.total == found.customer.balance == Decimal("2464.16")
    assert not found.differs_from_balance
    assert found.by is (by or AgeBy.TRANSACTION_DATE)
    assert len(found.buckets) >= 3
    if by is AgeBy.DUE_DATE:
        assert [bucket.label for bucket in found.buckets][-2:] == ["15 to 45 days", "Over 45 days"]


async def test_another_answer_of_sages_than_the_balance_is_noticed(workspace):
    workspace.world.customer("ABS001")
    workspace.world.companies[0].row("ABS001")["balance"] = Decimal("1.00")
    assert (await asked(workspace, "aged_debt")).differs_from_balance


async def test_an_old_site_says_that_it_has_no_aged_debt(workspace):
    workspace.world.companies[0].old_site = True
    with pytest.raises(SageMissing, match="September 2020"):
        await asked(workspace, "aged_debt")


async def test_open_invoices_are_what_is_left_the_longest_overdue_first(workspace):
    late = workspace.world.post_invoice("NOR001", 10, dated=date(2020, 1, 1), due=date(2020, 2, 1))
    soon = workspace.world.post_invoice("NOR001", 20, dated=date(2026, 3, 1), due=date(2026, 3, 31))
    workspace.world.post_credit("NOR001", 3)
    found = await asked(workspace, "open_invoices", "NOR001")
    ids = [item.id for item in found.items]
    assert (ids[0], ids[-1]) == (late, soon)
    assert found.items[0].days_late(found.today) == (date(2026, 3, 2) - date(2020, 2, 1)).days
    assert found.credits == Decimal("-3.00")
    assert found.total + found.credits == found.customer.balance
    workspace.world.post_receipt("NOR001", 10)
    assert late not in [item.id for item in (await asked(workspace, "open_invoices", "NOR001")).items]


async def test_open_orders_leave_out_what_is_over_and_mark_what_is_held(workspace):
    done, gone = workspace.world.place_order("NOR001", 5), workspace.world.place_order("NOR001", 6)
    workspace.world.despatch_order(done)
    workspace.world.cancel_order(gone)
    workspace.world.set_limit("NOR001", 1_000_000)
    good = workspace.world.place_order("NOR001", 7, promised=date(2026, 4, 1))
    workspace.world.set_limit("NOR001", 1)
    heldback = workspace.world.place_order("NOR001", 8)
    found = await asked(workspace, "open_orders", "NOR001")
    mine = [order for order in found.orders if order.id in {done, gone, good, heldback}]
    assert [(order.id, order.is_on_hold, order.gross) for order in mine] == [
        (heldback, True, Decimal("8.00")),
        (good, False, Decimal("7.00")),
    ]
    assert mine[1].promised == date(2026, 4, 1)


async def test_average_days_late_is_by_value_of_what_was_settled_within_a_year(workspace):
    today = workspace.clock().date()
    world = workspace.world
    world.add(reference="SLO001", name="Slow Payers Ltd")
    for amount, days in ((1000, 10), (2000, -2), (1000, -2)):
        number = world.post_invoice("SLO001", amount, dated=today - timedelta(days=70), due=today - timedelta(days=40))
        world.post_receipt("SLO001", amount)
        settled = midnight(workspace.clock()) - timedelta(days=40 - days)
        world.companies[0].transactions[number]["settled"] = settled
    found = await asked(workspace, "payment_record", "SLO001")
    assert (found.habit.days_late, found.habit.invoices) == (Decimal("1.0"), 3)
    said = documents.payment_record(found)
    passes(said)
    assert "pays 1.0 day late on average, by value of the 3 invoices paid in the last 12 months" in said.text
    assert "1.0 day late on average" in aged_debt.aged_debt(await asked(workspace, "aged_debt", "SLO001")).text


async def test_without_settlement_dates_average_days_late_is_not_known_and_aged_debt_is_shown(workspace):
    found = await asked(workspace, "payment_record")
    assert (found.habit.days_late, found.habit.invoices) == (None, 0)
    assert "no invoice was paid" in documents.payment_record(found).text
    workspace.sage.faults.next(403, contains="sales_posted_transactions", times=9)
    refused = await asked(workspace, "payment_record")
    assert "aren't known: Sage 200 doesn't say when" in documents.payment_record(refused).text
    assert (await asked(workspace, "aged_debt")).total == Decimal("2464.16")


async def test_the_contact_has_the_address(workspace):
    found = await asked(workspace, "contact")
    assert found.customer.contact_telephone
    assert any("NE" in line for line in found.address)
    workspace.sage.faults.next(503, contains="customer_location_county", times=9)
    assert (await asked(workspace, "contact")).address == ()


QUESTIONS = ["aged_debt", "open_invoices", "open_orders", "payment_record", "contact"]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_each_is_refused_to_whom_the_card_is_refused(workspace, question):
    with pytest.raises(NotConnected):
        await asked(workspace, question, asker=workspace.asker("U0GEORGE"))
    workspace.sage.faults.next(403, times=9, contains="customer_views")
    with pytest.raises(SageForbidden):
        await asked(workspace, question)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_forged_or_stale_id_finds_nothing(workspace, question):
    ask = getattr(workspace.services.account_detail, question)
    for forged in (DetailRequest(999_999_999), DetailRequest(workspace.world.customer("ABS001")["id"], "OTHER")):
        with pytest.raises(SageMissing):
            await ask(await workspace.session(), forged)


@pytest.mark.parametrize("question", QUESTIONS[:4])
async def test_without_sage_there_is_no_answer(workspace, question):
    workspace.sage.faults.offline()
    with pytest.raises(SageUnavailable):
        await asked(workspace, question)


@pytest.mark.parametrize(
    ("question", "resource", "body"),
    [
        ("aged_debt", "sales_aged", '[{"customer_id": 1, "doc_current": 5.00}]'),
        (
            "open_invoices",
            "sales_transaction",
            '[{"posted_customer_transaction_id": 9, "customer_id": 1, "document_outstanding_value": 5}]',
        ),
        ("open_orders", "sop_orders", '[{"id": 9, "customer_id": 1, "document_status": "EnumDocumentStatusLive"}]'),
    ],
)
async def test_another_customers_row_is_never_shown(workspace, question, resource, body):
    workspace.sage.faults.next(200, body=body, contains=resource)
    with pytest.raises(SageUnreadable):
        await asked(workspace, question)


@pytest.mark.parametrize(
    ("question", "resource", "body"),
    [
        (
            "open_invoices",
            "sales_transaction",
            '[{"posted_customer_transaction_id": 9, "customer_id": %s, "document_outstanding_value": 5},'
            ' {"posted_customer_transaction_id": 10, "customer_id": %s}]',
        ),
        (
            "open_orders",
            "sop_orders",
            '[{"id": 9, "customer_id": %s, "document_status": "EnumDocumentStatusLive"},'
            ' {"id": 10, "customer_id": %s, "document_status": 7}]',
        ),
    ],
)
async def test_a_list_keeps_the_rows_that_can_be_read_and_counts_the_others(workspace, question, resource, body):
    customer_id = workspace.world.customer("ABS001")["id"]
    workspace.sage.faults.next(200, body=body % (customer_id, customer_id), contains=resource)
    found = await asked(workspace, question)
    assert (len(found.items if question == "open_invoices" else found.orders), found.unread) == (1, 1)
