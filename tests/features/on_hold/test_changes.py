"""Accounts put on hold, and released, in a period: who is told of which, and what is known."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.domain.changes import ACCOUNT_DELETED
from bot.domain.company import company_and_words
from bot.errors import BadQuestion, NotAllowed, SageAccessRemoved
from bot.features.access.model.authorization import Membership
from bot.features.customers.model.listing import Unknown
from bot.features.on_hold.model.list import Listing
from bot.features.on_hold.views.list import on_hold_answer
from storage.queries.access import roles
from storage.queries.connections import workspaces
from storage.queries.mirror import mirror_state
from storage.tables.alerts import HoldEpisodeRow
from tests import mirrored_company as held
from tests.slack.gate import passes

SALES = {"U0SALES": "sales"}


class Company:
    """Priya's sign-in answers; holds began and ended so many days ago. It is a Monday, 2 March 2026."""

    def __init__(self, desk):
        self.desk, self.database = desk, desk.services.database
        self.books = {}

    async def session(self, user="U0PRIYA", **unlike):
        return await self.desk.session(self.desk.asker(user, **{"name": "George Bell", **unlike}))

    async def ask(self, words, user="U0PRIYA", page=1, **unlike):
        return await self.desk.services.on_hold.ask(await self.session(user, **unlike), words, page=page)

    async def references(self, words, user="U0PRIYA", **unlike):
        found = await self.ask(words, user, **unlike)
        assert isinstance(found, Listing)
        assert found.totals.count == len(found.accounts)
        return [each.held.customer.reference for each in found.accounts]

    async def stay(self, number, begin, end=None, *, ending="", books=None, already=False, reason="Overdue", **unlike):
        now, books = self.desk.clock(), books or self.books
        async with self.database.transaction() as tx:
            await held.keep(tx, number, now=now, **books, **{"on_hold": end is None, **unlike})
            row = {"opened_at": now - timedelta(days=begin), "reason": reason, "ending": ending}
            closed = None if end is None else now - timedelta(days=end)
            tx.add(HoldEpisodeRow(**books, customer_id=number, already_held=already, closed_at=closed, **row))

    async def watched(self, days, books=None):
        async with self.database.transaction() as tx:
            loaded_at = self.desk.clock() - timedelta(days=days)
            await mirror_state.note(tx, **(books or self.books), loaded_at=loaded_at)


@pytest.fixture
async def company(desk, connected):
    made = Company(desk)
    made.books = await held.company_of(made.database, desk.asker("U0PRIYA"))
    async with made.database.transaction() as tx:
        for user_id, role in SALES.items():
            await workspaces.grant(
                tx,
                workspace_id=desk.asker().workspace_id,
                user_id=user_id,
                role=role,
                granted_by="U0PRIYA",
                now=desk.clock(),
            )
    await held.keep_ledger(made.database, made.books, synced_at=desk.clock())
    await made.watched(100)
    return made


async def several(company):
    await company.stay(1, 3)
    await company.stay(2, 10, 1, ending="Paid")
    await company.stay(3, 40, 9)
    await company.stay(4, 60, already=True)
    await company.stay(5, 2, 1, balance=Decimal("250.00"))


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("since 20 Feb", ["CUS005", "CUS001", "CUS002"]),
        ("since 27 Feb", ["CUS005", "CUS001"]),
        ("put on hold since 27 Feb", ["CUS005", "CUS001"]),
        ("PUT on  hold in January", ["CUS003"]),
        ("put on hold", ["CUS005", "CUS001", "CUS002", "CUS003"]),
        ("yesterday", []),
        ("on 27 February", ["CUS001"]),
        ("in January", ["CUS003"]),
        ("before 1 March", ["CUS005", "CUS001", "CUS002", "CUS003"]),
        ("released yesterday", ["CUS002", "CUS005"]),
        ("RELEASED in Feb", ["CUS003"]),
        ("released", ["CUS002", "CUS005", "CUS003"]),
        ("since 20 Feb region:Durham cus001", ["CUS001"]),
        ("released min:200 since 20 Feb", ["CUS005", "CUS003"][:1]),
        ("last week on hold", ["CUS001"]),
        ("last week not on hold", ["CUS005", "CUS002"][:1]),
    ],
)
async def test_the_latest_come_first_of_those_that_began_or_ended_then(company, words, references):
    await several(company)
    assert await company.references(words) == references
    assert await company.references((await company.ask(words)).words) == references


async def test_in_quotation_marks_it_is_a_name(company):
    await company.stay(1, 3, name="Released Motors")
    await company.stay(2, 3, name="Friday Foods")
    for words in ('"released"', '"Friday"'):
        found = await company.ask(words)
        assert (found.changes, found.totals.count) == (None, 1)


async def test_an_account_is_told_once_with_its_latest_hold(company):
    await company.stay(1, 6, 5, ending="Paid")
    await company.stay(1, 3, 1, ending="Promised")
    await company.stay(1, 0.1, on_hold=True)
    (put,) = (await company.ask("since 20 Feb")).accounts
    assert (put.since, put.released, put.times) == (date(2026, 3, 2), None, 3)
    found = await company.ask("released since 20 Feb")
    (released,) = found.accounts
    assert (released.released, released.ending, released.times) == (date(2026, 3, 1), "Promised", 2)
    assert (released.held.days, released.held.at_least) == (2, False)
    assert [amount for _, amount in found.totals.sums] == [Decimal("100.00")]
    text = on_hold_answer(found).text
    for fact in ("1 March 2026, the last of 2 times, on hold for 2 days, on hold again now", "Promised", "£100.00"):
        assert fact in text


async def test_totals_never_cross_currencies(company):
    await company.stay(1, 1)
    await company.stay(2, 1, currency_iso="EUR", currency_symbol="€")
    await company.stay(3, 1, balance=None)
    found = (await company.ask("since yesterday")).totals
    assert [(currency.iso, amount) for currency, amount in found.sums] == [
        ("EUR", Decimal(100)),
        ("GBP", Decimal(100)),
    ]
    assert (found.count, found.without_balance) == (3, 1)


async def test_an_account_that_was_deleted_was_not_released(company):
    await company.stay(1, 5, 2, ending=ACCOUNT_DELETED)
    assert await company.references("released") == []
    assert await company.references("since 20 Feb") == ["CUS001"]


@pytest.mark.parametrize(
    ("watched", "words", "said"),
    [
        (100, "since 20 Feb", ""),
        (5, "since 27 Feb", ""),
        (5, "since 20 Feb", "Known from 25 February 2026 on"),
        (5, "released", "Known from 25 February 2026 on"),
    ],
)
async def test_from_which_day_it_is_known_is_said(company, watched, words, said):
    await company.stay(1, 3, 1)
    await company.watched(watched)
    message = on_hold_answer(await company.ask(words))
    passes(message)
    assert said in message.text
    assert ("isn't recorded" in message.text) == bool(said)


async def test_where_nothing_is_recorded_yet_that_is_said(company):
    await held.keep_ledger(company.database, company.books, synced_at=company.desk.clock())
    message = on_hold_answer(await company.ask("released this week"))
    assert "No accounts were released since 2 March 2026" not in message.text
    assert "No accounts were released from 2 March 2026 to 8 March 2026" in message.text
    assert "Holds aren't recorded for this company yet." in message.text


@pytest.mark.parametrize("words", ["since whenever", "released since 31 Feb", "7 Feb to 1 Feb", "released colour:red"])
async def test_what_cannot_be_read_is_said(company, words):
    with pytest.raises(BadQuestion):
        await company.ask(words)


@pytest.mark.parametrize("words", ["since", "released since", "region:Durham since "])
async def test_a_day_that_is_missing_is_asked_for(company, words):
    with pytest.raises(BadQuestion) as caught:
        await company.ask(words)
    assert caught.value.message == "Say since which day."
    assert "/onhold since Monday" in caught.value.hint


@pytest.mark.parametrize("words", ["released", "since 1 Feb", "released mine", "released rep:Aisha", "since 1 Feb cus"])
async def test_sales_people_see_their_own_whatever_they_type(company, words):
    await company.stay(1, 3, 1)
    await company.stay(2, 3, 1, analysis={"2": "Aisha", "3": "Leeds"})
    with pytest.raises(NotAllowed):
        await company.ask(words, "U0SALES")
    async with company.database.transaction() as tx:
        given = {"codes": {"U0SALES": {2: ("George",)}}, "set_by": "U0PRIYA", "now": company.desk.clock()}
        await roles.set_codes(tx, **company.books, **given)
    assert "CUS002" not in await company.references(words, "U0SALES")
    assert (await company.ask(words, "U0SALES")).is_narrowed


async def test_sages_refusal_and_guests_see_none(company):
    await company.stay(1, 3, 1)
    with pytest.raises(NotAllowed):
        await company.ask("released", membership=Membership.GUEST)
    company.desk.sage_id.people["george@example.test"].companies.clear()
    company.desk.sage_id.people["priya@example.test"].companies.clear()
    with pytest.raises(SageAccessRemoved):
        await company.ask("released")


async def test_a_copy_that_is_too_old_tells_none(company):
    await company.stay(1, 3, 1)
    company.desk.clock.forward(hours=25)
    assert (await company.ask("released")).why is Unknown.OLD


async def test_two_workspaces_never_mix(company):
    other = company.desk.asker("U0OSCAR", team_id="T0OTHER", membership=Membership.ADMIN)
    await company.desk.connect(other)
    theirs = await held.company_of(company.database, other)
    await held.keep_ledger(company.database, theirs, synced_at=company.desk.clock())
    await company.stay(1, 3, 1)
    await company.stay(1, 5, 2, books=theirs, reference="THEIRS")
    assert await company.references("released") == ["CUS001"]
    assert await company.references("released", "U0OSCAR", team_id="T0OTHER") == ["THEIRS"]
    # A row of another company under the same number is another customer.
    async with company.database.transaction() as tx:
        await tx.execute(
            update(HoldEpisodeRow).where(HoldEpisodeRow.company_pk == theirs["company_pk"]).values(customer_id=2)
        )
    assert await company.references("released", "U0OSCAR", team_id="T0OTHER") == []


async def test_what_was_read_is_recorded_by_what_it_was(company):
    await company.stay(1, 3, 1)
    session = await company.session()
    await company.desk.services.on_hold.ask(session, "released since 20 Feb")
    assert "accounts released" in repr(session.reads)
    assert company_and_words((await company.ask("since 20 Feb")).alerts)[1] == "holds,releases in me"
