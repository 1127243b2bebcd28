"""Sharing, watching, the menu while somebody types, and a message's customers: who, of which company, how much."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from bot.domain.channel import Channel, Readers
from bot.errors import BadQuestion, CopyTooOld, NotAllowed, NotConnected, SageForbidden, SageMissing
from bot.features.access.model.authorization import Membership, Shown
from bot.features.account_detail.service import DetailRequest
from bot.features.subscriptions.model.subscription import Created, SubscriptionView
from storage.queries.connections import workspaces
from storage.queries.mirror import mirrored_customers as mirror
from tests import mirrored_company as held
from tests.storage.test_mirrored_customers import customer

IN = Channel("C0SALES", is_member=True, is_private=False)


class Workspace:
    """Priya's sign-in answers for the workspace; Ben sells George's customers; the other workspace has its own."""

    def __init__(self, desk):
        self.desk, self.services = desk, desk.services

    def asker(self, user="U0PRIYA", **unlike):
        return self.desk.asker(user, **unlike)

    async def session(self, user="U0PRIYA", **unlike):
        return await self.desk.session(self.asker(user, **unlike))

    async def names(self, words, user="U0PRIYA", **unlike):
        async def session():
            return await self.session(user, **unlike)

        return [each.reference for each in await self.services.type_ahead.suggest(session, words)]

    async def mentions(self, text, user="U0PRIYA", **unlike):
        return await self.services.mentions.find(await self.session(user, **unlike), text)

    async def card(self, reference="ABS001", user="U0PRIYA"):
        return await self.services.customers.look_up(await self.session(user), reference)

    async def share(self, reference="ABS001", user="U0PRIYA", *, channel=IN, customer_id=None, **unlike):
        wanted = DetailRequest(customer_id or self.desk.world.customer("ABS001")["id"], reference)

        async def look(channel_id):
            return dataclasses.replace(channel, id=channel_id)

        session = await self.session(user, **unlike)
        return await self.services.sharing.ready(session, wanted, "C0SALES", look=look)


async def prepare(desk):
    """Both workspaces have a company, three customers in its mirror and two people in sales."""
    made = Workspace(desk)
    await desk.connect(made.asker())
    database = desk.services.database
    await desk.connect(made.asker(team_id="T0OTHER"))
    for team_id, first in (("T0ACME", 1), ("T0OTHER", 101)):
        books = await held.company_of(database, made.asker(team_id=team_id))
        await held.keep_ledger(database, books, synced_at=desk.clock())
        rows = (
            ("ABS001", "ABS Garages Ltd", "George", "NE4 7JB"),
            ("ABS002", "Hexham Garages", "Anna", ""),
            (f"ONLY{first}", "50% Off & <Sons>", "Anna", ""),
        )
        async with database.transaction() as tx:
            kept = [
                customer(
                    first + n, books, now=desk.clock(), reference=ref, name=name, postcode=code, analysis={"2": rep}
                )
                for n, (ref, name, rep, code) in enumerate(rows)
            ]
            await mirror.write(tx, kept)
            named = {"workspace_id": books["workspace_id"], "granted_by": "U0PRIYA", "now": desk.clock()}
            await workspaces.grant(tx, user_id="U0BEN", role="sales", **named)
            await workspaces.grant(tx, user_id="U0NEW", role="sales", **named)
        await held.give_codes(database, books, "U0BEN", {2: ("GEORGE",)}, now=desk.clock())


@pytest.fixture
def workspace(desk, prepared):
    return Workspace(desk)


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("abs", ["ABS001", "ABS002"]),
        ("ABS001", ["ABS001"]),
        ("gar", ["ABS001", "ABS002"]),
        ("garages hex", ["ABS002"]),
        ("ga", ["ABS001", "ABS002"]),
        ("ne47", ["ABS001"]),
        ("NE4 7J", ["ABS001"]),
        ("50%", ["ONLY1"]),
        ("%", []),
        ("_", []),
        ("garegas", ["ABS001", "ABS002"]),
        ("zzqq", []),
        ("'; drop table x", []),
    ],
)
async def test_what_is_typed_finds_the_customers_of_ones_own_company(workspace, words, references):
    assert sorted(await workspace.names(words)) == references


async def test_the_other_workspace_has_its_own(workspace):
    assert await workspace.names("only", team_id="T0OTHER") == ["ONLY101"]
    assert await workspace.names("only") == ["ONLY1"]


async def test_sales_people_are_offered_their_own_and_nobody_else_anybody(workspace):
    assert await workspace.names("garages", "U0BEN") == ["ABS001"]
    assert await workspace.names("garegas", "U0BEN") == ["ABS001"]
    assert await workspace.names("abs", "U0BEN") == ["ABS001"]
    for user in ("U0NEW", "U0NOBODY"):
        assert await workspace.names("abs", user) == []
    for membership in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN):
        assert await workspace.names("abs", membership=membership) == []


async def test_whoever_may_see_every_status_is_offered_everybody(workspace):
    await held.choose(
        workspace.services.database, workspace.asker(), now=workspace.desk.clock(), status_for_everyone=True
    )
    assert sorted(await workspace.names("abs", "U0BEN")) == ["ABS001", "ABS002"]
    assert sorted(await workspace.names("abs", "U0NOBODY")) == ["ABS001", "ABS002"]


async def test_whom_sage_refuses_is_offered_nobody(workspace):
    workspace.desk.sage.faults.next(403, times=9, contains="customer_views")
    assert await workspace.names("abs") == []
    with pytest.raises(SageForbidden):
        await workspace.mentions("ABS001")


async def test_a_slow_answer_is_an_empty_one(workspace):
    workspace.services.type_ahead._in_time = 0.05

    async def session():
        await asyncio.sleep(5)

    assert await workspace.services.type_ahead.suggest(session, "abs") == ()


async def test_the_customers_of_a_message(workspace):
    found = await workspace.mentions("hexham garages, then ABS001 and ONLY101")
    assert [(each.customer.reference, each.shown) for each in found.found] == [
        ("ABS002", Shown.FIGURES),
        ("ABS001", Shown.FIGURES),
    ]
    assert (found.more, found.as_of) == (0, workspace.desk.clock())
    assert [each.customer.reference for each in (await workspace.mentions("ABS001 ABS002", "U0BEN")).found] == [
        "ABS001"
    ]
    theirs = await workspace.mentions("ONLY101 ONLY1", team_id="T0OTHER")
    assert [each.customer.reference for each in theirs.found] == ["ONLY101"]


async def test_at_most_ten_and_how_many_more(workspace):
    books = await held.company_of(workspace.services.database, workspace.asker())
    async with workspace.services.database.transaction() as tx:
        rows = [customer(500 + n, books, now=workspace.desk.clock(), reference=f"M{n:02}") for n in range(13)]
        await mirror.write(tx, rows)
    found = await workspace.mentions(" ".join(f"M{n:02}" for n in range(13)))
    assert [each.customer.reference for each in found.found] == [f"M{n:02}" for n in range(10)]
    assert found.more == 3


async def test_nobody_else_is_told_what_a_message_names(workspace):
    for membership in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN):
        with pytest.raises(NotAllowed):
            await workspace.mentions("ABS001", membership=membership)
    with pytest.raises(NotConnected):
        await workspace.mentions("ABS001", "U0NOBODY")
    workspace.desk.clock.forward(hours=25)
    with pytest.raises(CopyTooOld):
        await workspace.mentions("ABS001")


async def test_without_a_copy_that_is_said(desk, connected):
    with pytest.raises(BadQuestion, match="haven't been read"):
        await Workspace(desk).mentions("ABS001")


async def test_watching_twice_is_one_and_another_persons_is_anothers(workspace):
    card = await workspace.card()
    assert card.watched is False
    watching = workspace.services.watching
    made = await watching.watch(await workspace.session(), card)
    assert isinstance(made, Created)
    again = await watching.watch(await workspace.session(), card)
    assert isinstance(again, SubscriptionView)
    assert again.number == made.kept.number
    assert (await workspace.card()).watched is True
    assert (await workspace.card(user="U0BEN")).watched is False
    assert (await watching.unwatch(await workspace.session("U0BEN"), card)).number is None
    theirs = await watching.watch(await workspace.session("U0BEN"), card)
    assert theirs.kept.subscription.filter.mine is not None
    assert (await watching.unwatch(await workspace.session(), card)).number == made.kept.number
    assert (await workspace.card()).watched is False
    assert (await workspace.card(user="U0BEN")).watched is True


async def test_only_those_with_a_role_watch(workspace):
    card = await workspace.card()
    for user, error in (("U0NOBODY", NotConnected), ("U0NEW", NotAllowed)):
        with pytest.raises(error):
            await workspace.services.watching.watch(await workspace.session(user), card)


async def test_a_subscription_to_more_than_this_customer_is_not_its_watch(workspace):
    look = None
    for wish in ("holds in me where customer:ABS001,ABS002", "holds in me"):
        await workspace.services.subscriptions.create(await workspace.session(), wish, here="", look=look)
    assert (await workspace.card()).watched is False


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (dataclasses.replace(IN, is_archived=True), "archived"),
        (dataclasses.replace(IN, readers=Readers.COMPANY), "another company"),
        (dataclasses.replace(IN, is_member=False, is_private=True), "isn't in that channel"),
    ],
)
async def test_a_channel_that_takes_nothing_is_refused(workspace, channel, words):
    with pytest.raises(BadQuestion, match=words):
        await workspace.share(channel=channel)


async def test_where_slack_cannot_say_who_reads_it_nothing_is_shared(workspace):
    """No Slack answers in these tests, so the product's own look at the channel fails closed."""
    with pytest.raises(NotAllowed, match="doesn't say who is in it"):
        await workspace.share()


async def test_only_who_may_see_the_figures_shares_and_only_their_own_companys(workspace):
    for user in ("U0NOBODY", "U0NEW"):
        with pytest.raises(NotAllowed):
            await workspace.share(user=user)
    await workspace.desk.connect(workspace.asker("U0NOBODY"))
    assert (await workspace.card(user="U0NOBODY")).shown is Shown.FIGURES
    with pytest.raises(NotAllowed, match="with a role"):
        await workspace.share(user="U0NOBODY")
    with pytest.raises(NotAllowed):
        await workspace.share(membership=Membership.GUEST)
    with pytest.raises(SageMissing):
        await workspace.share(customer_id=987_654)
    with pytest.raises(SageMissing):
        await workspace.share(reference="ABS002")


async def test_a_card_without_figures_is_not_shared(workspace):
    await held.choose(
        workspace.services.database, workspace.asker(), now=workspace.desk.clock(), status_for_everyone=True
    )
    others = workspace.desk.world.customer("NOR001")
    with pytest.raises(NotAllowed):
        await workspace.services.sharing.begin(await workspace.session("U0BEN"), DetailRequest(others["id"], "NOR001"))


async def test_a_menu_and_what_was_nearly_meant_name_to_sales_people_only_their_own(workspace):
    books = await held.company_of(workspace.services.database, workspace.asker())
    async with workspace.services.database.transaction() as tx:
        own = {"reference": "OWN001", "name": "Twin Garages", "analysis": {"2": "George"}}
        more = {"reference": "OWN002", "name": "Twin Garages North", "analysis": {"2": "George"}}
        await mirror.write(tx, [customer(600, books, now=workspace.desk.clock(), **own)])
        await mirror.write(tx, [customer(601, books, now=workspace.desk.clock(), **more)])
    everybody = await workspace.card("garages")
    assert len(everybody.names) > 2
    for away in (False, True):
        if away:
            workspace.desk.sage.faults.offline()
        found = await workspace.card("garages", "U0BEN")
        assert [name.reference for name in found.names] == ["ABS001", "OWN001", "OWN002"]
        nobody = await workspace.card("twin motors", "U0BEN")
        assert nobody.nearest == () if away else {each.reference for each in nobody.nearest} <= {"OWN001", "OWN002"}
    workspace.desk.sage.faults.clear()
    for words in ("north", "Twin Motors", "nortern"):
        found = await workspace.card(words, "U0BEN")
        named = [each.reference for each in getattr(found, "names", getattr(found, "nearest", ()))]
        assert set(named) <= {"ABS001", "OWN001", "OWN002"}
