"""The totals of a ledger: sums worked out by hand, who may see them, and their message."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain.money import STERLING, Currency
from bot.errors import NotConnected
from bot.features.alerts.model.messages import SalesOutstanding
from bot.features.on_hold.model.list import Totals
from bot.features.overdue.model.ledger_totals import LedgerTotals
from bot.features.overdue.model.list import OverdueTotals
from bot.features.overdue.views.ledger_totals import ledger_answer
from storage.queries.connections import workspaces
from tests import mirrored_company as held

EURO = Currency("EUR", "€")


class Books:
    """A ledger with two currencies, credit, a hold, and an account that Sage hides."""

    def __init__(self, desk, company):
        self.desk, self.company = desk, company

    async def totals(self, words="", user="U0PRIYA"):
        session = await self.desk.session(self.desk.asker(user))
        return await self.desk.services.ledger.totals(session, words)

    async def keep(self, number, balance, **unlike):
        figures = {"balance": None if balance is None else Decimal(balance), "on_hold": False, **unlike}
        async with self.desk.services.database.transaction() as tx:
            await held.keep(tx, number, now=self.desk.clock(), **self.company, **figures)


@pytest.fixture
async def books(desk, connected):
    database = desk.services.database
    made = Books(desk, await held.company_of(database, desk.asker()))
    await held.keep_ledger(database, made.company, synced_at=desk.clock())
    await made.keep(1, "100.10")
    await made.keep(2, "900.00", on_hold=True, analysis={"2": "Anna"})
    await made.keep(3, "-50.00")
    await made.keep(4, "70.00", currency_iso="EUR", currency_symbol="€")
    await made.keep(5, "0.00")
    await made.keep(6, None)
    await made.keep(7, "5000.00", hidden=True)
    return made


async def test_each_currency_is_summed_and_credit_is_not_set_off(books):
    found = await books.totals()
    assert found.customers == 6
    assert found.owing == Totals(3, ((EURO, Decimal("70.00")), (STERLING, Decimal("1000.10"))))
    assert found.in_credit == Totals(1, ((STERLING, Decimal("-50.00")),))
    assert found.on_hold == Totals(1, ((STERLING, Decimal("900.00")),))
    assert found.overdue is None


async def test_words_narrow_it_and_reps_see_their_own(books):
    assert (await books.totals("min:500")).owing.count == 1
    nobody = await books.totals("nobody's name")
    assert (nobody.customers, nobody.owing, nobody.overdue) == (0, Totals(), None)
    database, named = books.desk.services.database, {"granted_by": "U0PRIYA", "now": books.desk.clock()}
    async with database.transaction() as tx:
        await workspaces.grant(tx, workspace_id=books.company["workspace_id"], user_id="U0SALES", role="sales", **named)
    await held.give_codes(database, books.company, "U0SALES", {2: ("Anna",)}, now=books.desk.clock())
    theirs = await books.totals(user="U0SALES")
    assert (theirs.customers, theirs.owing.sums, theirs.is_narrowed) == (1, ((STERLING, Decimal("900.00")),), True)
    with pytest.raises(NotConnected):
        await books.totals(user="U0NOBODY")


def test_a_line_for_each_sum():
    one = Totals(1, ((STERLING, Decimal("900.00")),))
    overdue = OverdueTotals(2, ((EURO, Decimal("70.00")), (STERLING, Decimal(20))))
    sales = (SalesOutstanding(STERLING, datetime(2026, 2, 1, tzinfo=UTC).date(), Decimal(43), 12),)
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    found = LedgerTotals("ABS & Co", now, 1_200, one, Totals(), one, overdue, sales)
    first, *lines, small = ledger_answer(found).text.split("\n")
    assert first == "*1,200 customers* in ABS &amp; Co"
    assert lines == [
        "Owed: £900.00, 1 account",
        "Overdue: €70.00 · £20.00, 2 accounts",
        "On hold: £900.00, 1 account",
        "Days sales outstanding at the end of February, by count-back: 43",
    ]
    assert small.startswith("Figures as at <!date^")
    unknown = ledger_answer(LedgerTotals("A", now, 1, one, Totals(), Totals(), None)).text
    assert "On hold: nothing" in unknown
    assert "Overdue:" not in unknown
    assert "What is overdue isn't known here." in unknown
