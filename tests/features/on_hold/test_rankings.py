"""Who is over their limit and who owes the most: in which order, told to whom, and of which workspace."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.errors import NotAllowed, NotConnected, SageForbidden
from bot.features.access.model.authorization import Membership
from bot.features.assistant.model.questions import Largest, NearLimit, OverLimit
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.on_hold.model.ranking import Ranking, RankingTyped, as_typed, ranking_typed
from storage.queries.connections import workspaces
from tests import mirrored_company as held


class Workspace:
    """Priya's sign-in answers for the workspace; the other workspace has the same books."""

    def __init__(self, desk):
        self.desk, self.database = desk, desk.services.database
        self.books = {}

    def asker(self, user="U0PRIYA", **unlike):
        return self.desk.asker(user, **{"name": "George Bell", **unlike})

    async def session(self, user="U0PRIYA", **unlike):
        return await self.desk.session(self.asker(user, **unlike))

    async def ask(self, question, words="", user="U0PRIYA", **unlike):
        return await self.desk.services.rankings.ask(await self.session(user, **unlike), question, words)

    async def references(self, question, words="", user="U0PRIYA", **unlike):
        found = await self.ask(question, words, user, **unlike)
        assert isinstance(found, Ranking)
        return [customer.reference for customer in found.customers]

    async def keep(self, number, balance, limit=0, *, books=None, **unlike):
        figures = {"balance": Decimal(balance), "credit_limit": Decimal(limit), "on_hold": False}
        async with self.database.transaction() as tx:
            await held.keep(tx, number, now=self.desk.clock(), **(books or self.books), **{**figures, **unlike})


@pytest.fixture
async def workspace(desk, connected):
    made = Workspace(desk)
    await desk.connect(made.asker(team_id="T0OTHER"))
    made.books = await held.company_of(made.database, made.asker())
    theirs = await held.company_of(made.database, made.asker(team_id="T0OTHER"))
    for books in (made.books, theirs):
        await held.keep_ledger(made.database, books, synced_at=desk.clock())
    async with made.database.transaction() as tx:
        named = {"workspace_id": made.asker().workspace_id, "granted_by": "U0PRIYA", "now": desk.clock()}
        for rep in ("U0SALES", "U0UNNAMED"):
            await workspaces.grant(tx, user_id=rep, role="sales", **named)
        await workspaces.grant(tx, user_id="U0CONTROL", role="controller", **named)
    await held.give_codes(made.database, made.books, "U0SALES", {2: ("George",)}, now=desk.clock())
    await made.keep(1, 150, 100)
    await made.keep(2, 900, 100, analysis={"2": "Anna", "3": "Leeds"})
    await made.keep(3, 5_000)
    await made.keep(4, 100, 100)
    await made.keep(5, -50, 100)
    await made.keep(6, 9_999, 1, books=theirs)
    return made


async def test_over_the_limit_the_most_first_and_without_a_limit_never(workspace):
    assert await workspace.references(OverLimit()) == ["CUS002", "CUS001"]


async def test_near_the_limit_by_the_share_that_is_used(workspace):
    await workspace.keep(7, "79.99", 100)
    await workspace.keep(8, 8_000, 10_000)
    assert await workspace.references(NearLimit()) == ["CUS002", "CUS001", "CUS004", "CUS008"]
    assert await workspace.references(NearLimit(percent=150)) == ["CUS002", "CUS001"]
    file = await workspace.desk.services.rankings.file(await workspace.session(), NearLimit(percent=79), "")
    assert [line.split(",")[0] for line in file.content.decode("utf-8-sig").splitlines()][-2:] == ["CUS008", "CUS007"]


async def test_the_largest(workspace):
    assert await workspace.references(Largest(count=3)) == ["CUS003", "CUS002", "CUS001"]
    assert await workspace.references(Largest(count=50)) == ["CUS003", "CUS002", "CUS001", "CUS004"]


async def test_pages_and_the_file_are_of_all_of_them(workspace):
    for number in range(10, 35):
        await workspace.keep(number, 10 + number, 10)
    first, second = [
        await workspace.desk.services.rankings.ask(await workspace.session(), OverLimit(), "", page=page)
        for page in (1, 2)
    ]
    assert (first.count, first.pages, len(first.customers), len(second.customers)) == (27, 2, 20, 7)
    assert first.customers[0].reference == "CUS002"
    assert {each.id for each in first.customers}.isdisjoint(each.id for each in second.customers)
    session = await workspace.session()
    beyond = await workspace.desk.services.rankings.ask(session, Largest(count=5), "min:36", page=99)
    assert (beyond.count, beyond.page, beyond.pages) == (13, 3, 3)
    file = await workspace.desk.services.rankings.file(session, OverLimit(), "not on hold")
    lines = file.content.decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0].split(",")[:3]) == (28, ["Reference", "Name", "Balance"])
    assert lines[1].split(",")[0] == "CUS002"
    assert isinstance(await workspace.desk.services.rankings.file(session, OverLimit(), "min:99999"), Ranking)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("balances", RankingTyped(Largest(), "")),
        ("balances page 2 top 5 min:500", RankingTyped(Largest(count=5), "min:500", 2)),
        ("balances csv not on hold", RankingTyped(Largest(), "not on hold", 1, True)),
        ("over-limit region:Leeds page 3", RankingTyped(OverLimit(), "region:Leeds", 3)),
        ("over-limit region:Leeds 90% csv", RankingTyped(NearLimit(percent=90), "region:Leeds", 1, True)),
        ("over-limit top 5 90% page 2", RankingTyped(NearLimit(percent=90, count=5), "", 2)),
        ("over-limit 100%", RankingTyped(OverLimit(), "")),
    ],
)
def test_a_ranking_is_typed_as_its_buttons_repeat_it(text, meant):
    assert ranking_typed(text) == meant
    assert ranking_typed(as_typed(meant.question, meant.words)) == RankingTyped(meant.question, meant.words)


async def test_other_currencies_are_compared_in_the_companys_own(workspace):
    await workspace.keep(7, 6_000, base_balance=Decimal("40.00"), currency_iso="JPY", currency_symbol="¥")
    assert (await workspace.references(Largest()))[-1] == "CUS007"


async def test_the_words_of_a_list(workspace):
    assert await workspace.references(OverLimit(), "region:Leeds") == ["CUS002"]
    assert await workspace.references(OverLimit(), "mine") == ["CUS001"]
    found = await workspace.ask(OverLimit(), "Leeds")
    assert isinstance(found, Ranking)
    assert (found.customers, found.meant) == ((), ("Region:Leeds",))


async def test_sales_people_see_their_own_and_controllers_all(workspace):
    assert await workspace.references(Largest(), user="U0SALES") == ["CUS003", "CUS001", "CUS004"]
    assert await workspace.references(OverLimit(), user="U0CONTROL") == ["CUS002", "CUS001"]
    with pytest.raises(NotAllowed):
        await workspace.ask(Largest(), user="U0UNNAMED")


async def test_nobody_else_is_told_anything(workspace):
    with pytest.raises(NotConnected):
        await workspace.ask(Largest(), user="U0BEN")
    for membership in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN):
        with pytest.raises(NotAllowed):
            await workspace.ask(Largest(), membership=membership)


async def test_whom_sage_would_show_no_figures_is_shown_none_of_the_copy(workspace):
    workspace.desk.sage.faults.next(times=9, contains="customer_views", status=403)
    with pytest.raises(SageForbidden):
        await workspace.ask(Largest())


async def test_an_old_copy_is_not_shown(workspace):
    workspace.desk.clock.forward(hours=24, seconds=1)
    found = await workspace.ask(Largest())
    assert isinstance(found, NotKnown)
    assert found.why is Unknown.OLD
    await held.keep_ledger(workspace.database, workspace.books, synced_at=workspace.desk.clock() - timedelta(hours=24))
    assert isinstance(await workspace.ask(Largest()), Ranking)
