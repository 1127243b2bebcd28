"""Who is told which accounts are on hold, in what order, and when nobody is told anything."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.company import company_and_words
from bot.errors import (
    BadQuestion,
    NoCompany,
    NotAllowed,
    NotConnected,
    ReconnectNeeded,
    SageAccessRemoved,
    SageForbidden,
    WorkspaceSignInEnded,
)
from bot.features.access.model.authorization import Membership, Shown
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.on_hold.model.list import Listing
from bot.features.on_hold.views.list import on_hold_answer
from storage.queries.connections import connections, workspaces
from storage.tables.alerts import INITIAL_LOAD, HoldEpisodeRow
from tests import mirrored_company as held

ROLES = {"U0ADMIN": "admin", "U0CONTROL": "controller", "U0SALES": "sales"}


class Workspace:
    """Priya's sign-in answers for the workspace; others have roles, or nothing."""

    def __init__(self, desk):
        self.desk, self.database = desk, desk.services.database
        self.books = {}

    def asker(self, user="U0PRIYA", **unlike):
        return self.desk.asker(user, **{"name": "George Bell", **unlike})

    async def session(self, user="U0PRIYA", **unlike):
        return await self.desk.session(self.asker(user, **unlike))

    async def ask(self, words="", user="U0PRIYA", **unlike):
        return await self.desk.services.on_hold.ask(await self.session(user, **unlike), words)

    async def references(self, words="", user="U0PRIYA", **unlike):
        found = await self.ask(words, user, **unlike)
        assert isinstance(found, Listing)
        return [account.held.customer.reference for account in found.accounts]

    async def hold(self, number, *, books=None, **unlike):
        await held.hold(self.database, books or self.books, number, now=self.desk.clock(), **unlike)

    async def synced(self, books=None, **ledger):
        given = {"synced_at": self.desk.clock(), **ledger}
        await held.keep_ledger(self.database, books or self.books, **given)

    async def give_codes(self, user, codes):
        await held.give_codes(self.database, self.books, user, codes, now=self.desk.clock())

    async def change(self, change, **values):
        async with self.database.transaction() as tx:
            return await change(tx, workspace_id=self.asker().workspace_id, **values)

    async def end_sign_in(self, user):
        async with self.database.reading() as tx:
            own = await connections.of_user(tx, workspace_id=self.asker().workspace_id, user_id=user)
        noted = {"expected_version": own.token_version, "reason": "refused", "now": self.desk.clock()}
        await self.change(connections.mark_reconnect_needed, connection_id=own.id, **noted)


@pytest.fixture
async def workspace(desk, connected):
    made = Workspace(desk)
    made.books = await held.company_of(made.database, made.asker())
    for user_id, role in ROLES.items():
        await made.change(workspaces.grant, user_id=user_id, role=role, granted_by="U0PRIYA", now=desk.clock())
    await made.synced()
    return made


async def test_the_longest_come_first_and_then_those_who_owe_most(workspace):
    await workspace.hold(1, days=3)
    await workspace.hold(2, days=40, already=True, reason="Cheque returned")
    await workspace.hold(3, days=3, balance=Decimal("900.00"))
    await workspace.hold(4, days=None, status_reason="See notes")
    await workspace.hold(5, days=90, on_hold=False)
    found = await workspace.ask()
    first, *_, last = found.accounts
    assert await workspace.references() == ["CUS002", "CUS003", "CUS001", "CUS004"]
    assert (first.held.days, first.held.at_least, first.reason) == (40, True, "Cheque returned")
    assert first.since == date(2026, 1, 21)
    assert (last.held.days, last.since, last.reason) == (None, None, "See notes")
    assert found.as_of == workspace.desk.clock()


async def test_the_first_of_them_are_listed_and_said_to_be(workspace):
    await workspace.hold(1, days=3)
    await workspace.hold(2, days=40)
    await workspace.hold(3, days=9, name="Top 10 Tyres")
    assert await workspace.references("top 2") == ["CUS002", "CUS003"]
    assert await workspace.references("latest top 1") == ["CUS001"]
    assert await workspace.references('"top 10 tyres"') == ["CUS003"]
    message = on_hold_answer(await workspace.ask("top 2"))
    assert ": the first 2, the longest on hold first, page 1 of 2" in message.text
    assert ": the first 1, the latest first, page 1 of 3" in on_hold_answer(await workspace.ask("latest top 1")).text


async def test_a_stay_that_ended_is_not_this_one(workspace):
    async with workspace.database.transaction() as tx:
        now, stay = workspace.desk.clock(), {"reason": "Old", "ending": "", "already_held": False}
        old = {"opened_at": now - timedelta(days=400), "closed_at": now - timedelta(days=300)}
        tx.add(HoldEpisodeRow(**workspace.books, customer_id=1, **old, **stay))
    await workspace.hold(1, days=2)
    (account,) = (await workspace.ask()).accounts
    assert (account.held.days, account.reason) == (2, "Overdue")


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("", ["CUS001", "CUS002", "CUS003"]),
        ("region:durham", ["CUS001", "CUS002"]),
        ("not region:Durham", ["CUS003"]),
        ("region: Durham, Leeds", ["CUS001", "CUS002", "CUS003"]),
        ("garages", ["CUS001"]),
        ("GARAGES abs", ["CUS001"]),
        ("garages tyres", []),
        ("cus002", ["CUS002"]),
        ("region:Durham tyres", ["CUS002"]),
        ("tyres and region:Leeds", []),
        ("min:500", ["CUS003"]),
        ("currency:EUR", ["CUS003"]),
        ("mine", ["CUS001"]),
        ("mine tyres", []),
        ('"mine"', ["CUS003"]),
        ('region:"Tees & Wear"', []),
        ("rep:George or region:Leeds", ["CUS001", "CUS003"]),
        ("not tyres", ["CUS001", "CUS003"]),
        ('region:Durham not "abs garages"', ["CUS002"]),
        ("not tyres not cus003", ["CUS001"]),
        ("garages or tyres", ["CUS001", "CUS002"]),
        ("garages or tyres or miners", ["CUS001", "CUS002", "CUS003"]),
        ("region:Durham garages or miners", ["CUS001"]),
        ("max:499.99", ["CUS001", "CUS002"]),
        ("max:500 min:500", ["CUS003"]),
        ("max:1,000", ["CUS001", "CUS002", "CUS003"]),
        # In the reason: Sage's own, else that which was given here.
        ("bounced", ["CUS002"]),
        ("bounced cheque", ["CUS002"]),
        ("insolvency", ["CUS003"]),
        ("secret", []),
        ("not bounced", ["CUS001", "CUS002", "CUS003"]),
    ],
)
async def test_words_are_filters_or_part_of_a_name_or_reference_or_reason(workspace, words, references):
    await workspace.hold(1, days=9, name="ABS Garages Ltd", reason="Secret", status_reason="Overdue since May")
    await workspace.hold(
        2, days=8, name="Tyres & More", analysis={"2": "Aisha", "3": "Durham"}, reason="Cheque BOUNCED"
    )
    await workspace.hold(4, on_hold=False, analysis={"3": "Tees & Wear"})
    euros = {"balance": Decimal("500.00"), "currency_iso": "EUR", "currency_symbol": "€"}
    euros["status_reason"] = "Insolvency"
    await workspace.hold(3, days=7, name="Miners", analysis={"2": "Aisha", "3": "Leeds"}, **euros)
    found = await workspace.ask(words)
    assert [each.held.customer.reference for each in found.accounts] == references
    assert (await workspace.references(found.words)) == references


@pytest.mark.parametrize(
    "words",
    ["colour:red", "region:Durhm", "min:lots", "max:lots", '"half', "garages not", "not mine", "x" * 501, ": x"],
)
async def test_what_cannot_be_read_is_said(workspace, words):
    await workspace.hold(1)
    with pytest.raises(BadQuestion):
        await workspace.ask(words)


async def test_a_value_that_is_nobodys_name_is_offered_as_a_filter(workspace):
    await workspace.hold(1)
    assert (await workspace.ask("durham")).meant == ("Region:Durham",)
    assert (await workspace.ask("customer")).meant == ()


async def test_totals_never_cross_currencies(workspace):
    await workspace.hold(1)
    await workspace.hold(2, balance=Decimal("-40.50"))
    await workspace.hold(3, currency_iso="EUR", currency_symbol="€")
    await workspace.hold(4, balance=None)
    found = (await workspace.ask()).totals
    assert [(currency.iso, amount) for currency, amount in found.sums] == [
        ("EUR", Decimal(100)),
        ("GBP", Decimal("59.50")),
    ]
    assert (found.count, found.without_balance) == (4, 1)


@pytest.mark.parametrize("user", ["U0PRIYA", "U0ADMIN", "U0CONTROL"])
async def test_who_is_in_charge_sees_everybody(workspace, user):
    await workspace.hold(1)
    await workspace.hold(2, analysis={"2": "Aisha", "3": "Leeds"})
    assert len(await workspace.references(user=user)) == 2


@pytest.mark.parametrize("words", ["", "mine", "rep:Aisha", "not rep:George", "region:Leeds", "customer:CUS002", "cus"])
async def test_sales_people_without_a_sign_in_see_their_own_whatever_they_type(workspace, words):
    await workspace.hold(1)
    await workspace.hold(2, analysis={"2": "Aisha", "3": "Leeds"})
    await workspace.give_codes("U0SALES", {2: ("George",)})
    # Anybody can call themselves in Slack as they like: it makes nothing theirs.
    for name in ("George Bell", "Aisha"):
        assert "CUS002" not in await workspace.references(words, "U0SALES", name=name)
    assert (await workspace.ask(words, "U0SALES")).is_narrowed
    await workspace.give_codes("U0SALES", {2: ("Aisha",), 3: ("York",)})
    assert await workspace.references(words, "U0SALES") in ([], ["CUS002"])


@pytest.mark.parametrize("name", ["George Bell", "Aisha"])
async def test_sales_people_may_be_let_see_all(workspace, name):
    await workspace.hold(1)
    await workspace.hold(2, analysis={"2": "Aisha", "3": "Leeds"})
    await held.choose(workspace.database, workspace.asker(), now=workspace.desk.clock(), sales_only_theirs=False)
    assert len(await workspace.references(user="U0SALES", name=name)) == 2
    assert not (await workspace.ask(user="U0SALES")).is_narrowed


async def test_sales_people_whose_customers_nobody_knows_see_none(workspace):
    await workspace.hold(1)
    for words in ("", "rep:George", "mine"):
        with pytest.raises(NotAllowed):
            await workspace.ask(words, "U0SALES")


async def test_a_sign_in_of_their_own_shows_sales_people_no_more_of_the_copy(workspace):
    await workspace.hold(1)
    await workspace.hold(2, analysis={"2": "Aisha", "3": "Leeds"})
    await workspace.desk.connect(workspace.asker("U0SALES"))
    assert await held.company_of(workspace.database, workspace.asker("U0SALES")) == workspace.books
    with pytest.raises(NotAllowed, match="none have been assigned to you yet"):
        await workspace.ask(user="U0SALES")
    await workspace.give_codes("U0SALES", {2: ("Aisha",)})
    assert await workspace.references(user="U0SALES") == ["CUS002"]
    assert (await workspace.ask(user="U0SALES")).is_narrowed
    card = await workspace.desk.services.customers.look_up(await workspace.session("U0SALES"), "ABS001")
    assert card.shown is Shown.FIGURES, "Sage's own answer is as Sage gives it to them"
    await held.choose(workspace.database, workspace.asker(), now=workspace.desk.clock(), sales_only_theirs=False)
    assert len(await workspace.references(user="U0SALES")) == 2


async def test_whom_the_copy_shows_status_alone_is_told_no_list_of_figures(workspace):
    await workspace.hold(1)
    await workspace.desk.connect(workspace.asker("U0SALES"))
    await held.choose(workspace.database, workspace.asker(), now=workspace.desk.clock(), status_for_everyone=True)
    with pytest.raises(NotAllowed):
        await workspace.ask(user="U0SALES")


async def test_mine_of_somebody_without_customers_says_how_to_ask(workspace):
    await workspace.hold(1)
    with pytest.raises(BadQuestion, match="No customers are assigned to you") as refused:
        await workspace.ask("mine", name="Zoe")
    assert refused.value.typed == ""  # nobody typed their own name


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN])
async def test_only_full_members_are_told_whatever_their_role(workspace, membership):
    for user in ("U0PRIYA", "U0ADMIN"):
        with pytest.raises(NotAllowed):
            await workspace.ask(user=user, membership=membership)


async def test_who_has_neither_role_nor_sign_in_is_told_to_connect(workspace):
    with pytest.raises(NotConnected):
        await workspace.ask(user="U0NOBODY")


async def test_a_sign_in_that_ended_answers_nobody(workspace):
    await workspace.end_sign_in("U0PRIYA")
    with pytest.raises(ReconnectNeeded):
        await workspace.ask()
    with pytest.raises(WorkspaceSignInEnded):
        await workspace.ask(user="U0ADMIN")


@pytest.mark.parametrize("user", ["U0NOBODY", "U0SALES", "U0CONTROL"])
async def test_whose_own_sign_in_ended_is_told_so_whatever_their_role(workspace, user):
    await workspace.desk.connect(workspace.asker(user))
    await workspace.end_sign_in(user)
    with pytest.raises(ReconnectNeeded):
        await workspace.ask(user=user)


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "headers": {"Retry-After": "30"}}, {"status": 404}])
async def test_where_sage_is_not_reached_the_copy_answers(workspace, fault):
    await workspace.hold(1)
    workspace.desk.sage.faults.next(times=9, contains="customer_views", **fault)
    assert await workspace.references() == ["CUS001"]


async def test_whom_sage_would_show_no_figures_is_shown_none_of_the_copy(workspace):
    await workspace.hold(1)
    workspace.desk.sage.faults.next(times=9, contains="customer_views", status=403)
    with pytest.raises(SageForbidden):
        await workspace.ask()


async def test_who_lost_the_company_in_sage_is_shown_none_of_the_copy(workspace):
    await workspace.hold(1)
    workspace.desk.sage_id.people["george@example.test"].companies.clear()
    with pytest.raises(SageAccessRemoved):
        await workspace.ask()


@pytest.mark.parametrize("user", ["U0TWO", "U0SALES", "U0CONTROL"])
async def test_without_a_company_there_is_none_to_tell_of(workspace, user):
    code = (await workspace.desk.sign_in(workspace.asker(user), "priya@example.test")).code
    await workspace.desk.services.verification.verify(await workspace.session(user), code)
    with pytest.raises(NoCompany):
        await workspace.ask(user=user)


@pytest.mark.parametrize(
    ("ledger", "why"),
    [
        ({"synced_at": None, "phase": INITIAL_LOAD}, Unknown.READING),
        ({"phase": INITIAL_LOAD}, Unknown.READING),
        ({"synced_at": None}, Unknown.READING),
    ],
)
async def test_before_the_first_reading_is_complete_nothing_is_told(workspace, ledger, why):
    await workspace.hold(1)
    await workspace.synced(**ledger)
    assert await workspace.ask() == NotKnown(why, (await workspace.ask()).company_name, customers=70)


async def test_a_copy_older_than_a_day_is_not_told_from(workspace):
    await workspace.hold(1)
    workspace.desk.clock.forward(hours=24)
    assert await workspace.references() == ["CUS001"]
    workspace.desk.clock.forward(seconds=1)
    found = await workspace.ask()
    assert (found.why, found.as_of) == (Unknown.OLD, workspace.desk.clock() - timedelta(hours=24, seconds=1))


async def test_a_company_without_a_mirror_is_said_to_have_none(workspace):
    other = workspace.asker("U0OSCAR", team_id="T0OTHER", membership=Membership.ADMIN)
    await workspace.desk.connect(other)
    found = await workspace.desk.services.on_hold.ask(await workspace.desk.session(other), "")
    assert found.why is Unknown.NOT_KEPT


async def test_two_workspaces_never_mix(workspace):
    other = workspace.asker("U0OSCAR", team_id="T0OTHER", membership=Membership.ADMIN)
    await workspace.desk.connect(other)
    theirs = await held.company_of(workspace.database, other)
    assert theirs["company_pk"] != workspace.books["company_pk"]
    await workspace.synced(theirs)
    await workspace.hold(1, analysis={"3": "Durham"})
    await workspace.hold(1, books=theirs, reference="THEIRS", days=5, analysis={"3": "York"})
    assert await workspace.references() == ["CUS001"]
    assert await workspace.references(user="U0OSCAR", team_id="T0OTHER") == ["THEIRS"]
    with pytest.raises(BadQuestion, match="has that value"):
        await workspace.ask("region:York")


async def test_the_list_offers_news_of_it_to_those_who_may_subscribe_and_of_what_they_see(workspace):
    await workspace.desk.connect(workspace.asker("U0GEORGE"), "george@example.test")  # no role
    await workspace.give_codes("U0SALES", {3: ("Durham",)})
    await workspace.hold(1)
    alerts = {
        user: company_and_words((await workspace.ask(user=user)).alerts)[1]
        for user in ("U0PRIYA", "U0SALES", "U0GEORGE")
    }
    assert alerts == {
        "U0PRIYA": "holds,releases in me",
        "U0SALES": "holds,releases in me where mine",
        "U0GEORGE": "",
    }
