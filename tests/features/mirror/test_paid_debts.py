"""Late debt that was paid: told once when a receipt comes, and never for a row that only went."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.changes import ChangeKind
from tests.features.mirror.synced_companies import mirror_desk
from tests.features.mirror.test_open_items import account, ago


@pytest.fixture
async def books(desk, mirrored):
    return await mirror_desk(desk)


def paid(books):
    """(what came in, what is overdue still, the days of its oldest) of each payment told."""
    changes = [each.change for batch in books.told.published for each in batch]
    return [
        (each.amount, each.late.overdue, each.late.oldest_days)
        for each in changes
        if each.kind is ChangeKind.OVERDUE_PAID
    ]


async def owing(books, *amounts):
    """A customer with invoices that are 40, 30, 20, … days late."""
    who = account(books, "NEW001")
    for number, amount in enumerate(amounts):
        books.world.post_invoice(who, amount, due=ago(books, 40 - 10 * number), dated=ago(books, 70))
    await books.sync()
    return who


async def test_a_receipt_for_late_debt_is_told_once(books):
    who = await owing(books, 300, 200)
    books.world.post_receipt(who, 350)
    await books.sync()
    assert paid(books) == [(Decimal(350), Decimal(150), 30)]
    for _ in range(2):
        await books.sync(after=45)
    assert await books.reconcile()
    assert len(paid(books)) == 1


async def test_a_receipt_that_leaves_nothing_overdue_says_so(books):
    who = await owing(books, 300)
    books.world.post_receipt(who, 500)
    await books.sync()
    assert paid(books) == [(Decimal(500), Decimal(0), 0)]


async def test_what_is_paid_before_it_is_due_is_no_news(books):
    who = account(books, "NEW001")
    books.world.post_invoice(who, 300, due=ago(books, -20))
    await books.sync()
    books.world.post_receipt(who, 300)
    await books.sync()
    assert paid(books) == []


@pytest.mark.parametrize(("amount", "told"), [("49.99", 0), ("50.00", 1)])
async def test_less_than_what_matters_is_no_news(books, amount, told):
    who = await owing(books, 300)
    books.world.post_receipt(who, Decimal(amount))
    await books.sync()
    assert len(paid(books)) == told


async def test_a_row_deleted_in_sage_lowers_the_debt_and_is_no_payment(books):
    who = account(books, "NEW001")
    number = books.world.post_invoice(who, 300, due=ago(books, 40), dated=ago(books, 70))
    await books.sync()
    books.world.delete_posting(number)
    assert await books.reconcile()
    assert paid(books) == []


async def test_a_credit_note_is_no_payment(books):
    who = await owing(books, 300)
    books.world.post_credit(who, 300)
    await books.sync()
    assert paid(books) == []


async def test_the_first_load_tells_of_no_payment(desk):
    made = await mirror_desk(desk)
    who = account(made, "NEW001")
    made.world.post_invoice(who, 300, due=ago(made, 40), dated=ago(made, 70))
    made.world.post_receipt(who, 200)
    assert await made.sync()
    await made.sync(after=45)
    assert await made.reconcile()
    assert paid(made) == []


async def test_after_an_outage_payments_are_part_of_its_report(books):
    who = await owing(books, 300)
    books.world.post_receipt(who, 300)
    await books.sync(after=6 * 3600)
    assert paid(books) == []
    [(_, seen, _)] = books.told.reports
    assert ChangeKind.OVERDUE_PAID in {each.change.kind for each in seen}
