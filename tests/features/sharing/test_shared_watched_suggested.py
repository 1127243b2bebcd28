"""Sharing, watching, the menu while somebody types, and a message's customers: who, of which company, how much."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from bot.domain.channel import Channel
from bot.errors import BadQuestion, CopyTooOld, NotAllowed, NotConnected, SageForbidden, SageMissing
from bot.features.access.model.authorization import Membership, Shown
from bot.features.account_detail.service import DetailRequest
from bot.features.subscriptions.model.subscription import Created, SubscriptionView
from storage import mirrored_customers as mirror
from storage import workspaces
from tests import mirrored_company as held
from tests.storage.test_mirrored_customers import customer

IN = Channel("C0SALES", is_member=True, is_private=False)


class Room:
    """Priya's sign-in answers for the workspace; Ben sells George's customers; the other workspace has its own."""

    def __init__(self, desk):
        self.desk, self.services = desk, desk.services

    def asker(self, user="U0PRIYA", **unlike):
        return self.desk.asker(user, **unlike)

    async def names(self, words, user="U0PRIYA", **unlike):
        async def introduce():
            return self.asker(user, **unlike)

        return [each.reference for each in await self.services.type_ahead.suggest(introduce, words)]

    async def mentions(self, text, user="U0PRIYA", **unlike):
        return await self.services.mentions.find(self.asker(user, **unlike), text, now=self.desk.clock())

    async def card(self, reference="ABS001", user="U0PRIYA"):
        return await self.services.customers.look_up(self.asker(user), reference, now=self.desk.clock())

    async def share(self, reference="ABS001", user="U0PRIYA", *, channel=IN, customer_id=None, **unlike):
        wanted = DetailRequest(customer_id or self.desk.world.customer("ABS001")["id"], reference)

        async def look(channel_id):
            return dataclasses.replace(channel, id=channel_id)

        asker = self.asker(user, **unlike)
        return await self.services.sharing.ready(asker, wanted, "C0SALES", look=look, now=self.desk.clock())


@pytest.fixture
async def room(desk):
    made = Room(desk)
    database = desk.services.database
    for team_id, first in (("T0ACME", 1), ("T0OTHER", 101)):
        await desk.connect(made.asker(team_id=team_id))
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
    return made


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("abs", ["ABS001", "ABS002"]),
        ("ABS001", ["ABS001"]),
        ("gar", ["ABS001", "ABS002"]),
        ("garages hex", ["ABS002"]),
        ("ga", ["ABS001", "ABS002"]),
        ("ne47", []),
        ("NE4 7J", ["ABS001"]),
        ("50%", ["ONLY1"]),
        ("%", []),
        ("_", []),
        ("garegas", ["ABS001", "ABS002"]),
        ("zzqq", []),
        ("'; drop table x", []),
    ],
)
async def test_what_is_typed_finds_the_customers_of_ones_own_company(room, words, references):
    assert sorted(await room.names(words)) == references


async def test_the_other_workspace_has_its_own(room):
    assert await room.names("only", team_id="T0OTHER") == ["ONLY101"]
    assert await room.names("only") == ["ONLY1"]


async def test_sales_people_are_offered_their_own_and_nobody_else_anybody(room):
    assert await room.names("garages", "U0BEN") == ["ABS001"]
    assert await room.names("garegas", "U0BEN") == ["ABS001"]
    assert await room.names("abs", "U0BEN") == ["ABS001"]
    for user in ("U0NEW", "U0NOBODY"):
        assert await room.names("abs", user) == []
    for membership in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN):
        assert await room.names("abs", membership=membership) == []


async def test_whoever_may_see_every_status_is_offered_everybody(room):
    await held.choose(room.services.database, room.asker(), now=room.desk.clock(), status_for_everyone=True)
    assert sorted(await room.names("abs", "U0BEN")) == ["ABS001", "ABS002"]
    assert sorted(await room.names("abs", "U0NOBODY")) == ["ABS001", "ABS002"]


async def test_whom_sage_refuses_is_offered_nobody(room):
    room.desk.sage.faults.next(403, times=9, contains="customer_views")
    assert await room.names("abs") == []
    with pytest.raises(SageForbidden):
        await room.mentions("ABS001")


async def test_a_slow_answer_is_an_empty_one(room):
    room.services.type_ahead._in_time = 0.05

    async def introduce():
        await asyncio.sleep(5)

    assert await room.services.type_ahead.suggest(introduce, "abs") == ()


async def test_the_customers_of_a_message(room):
    found = await room.mentions("hexham garages, then ABS001 and ONLY101")
    assert [(each.customer.reference, each.shown) for each in found.found] == [
        ("ABS002", Shown.FIGURES),
        ("ABS001", Shown.FIGURES),
    ]
    assert (found.more, found.as_of) == (0, room.desk.clock())
    assert [each.customer.reference for each in (await room.mentions("ABS001 ABS002", "U0BEN")).found] == ["ABS001"]
    theirs = await room.mentions("ONLY101 ONLY1", team_id="T0OTHER")
    assert [each.customer.reference for each in theirs.found] == ["ONLY101"]


async def test_at_most_ten_and_how_many_more(room):
    books = await held.company_of(room.services.database, room.asker())
    async with room.services.database.transaction() as tx:
        rows = [customer(500 + n, books, now=room.desk.clock(), reference=f"M{n:02}") for n in range(13)]
        await mirror.write(tx, rows)
    found = await room.mentions(" ".join(f"M{n:02}" for n in range(13)))
    assert [each.customer.reference for each in found.found] == [f"M{n:02}" for n in range(10)]
    assert found.more == 3


async def test_nobody_else_is_told_what_a_message_names(room):
    for membership in (Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN):
        with pytest.raises(NotAllowed):
            await room.mentions("ABS001", membership=membership)
    with pytest.raises(NotConnected):
        await room.mentions("ABS001", "U0NOBODY")
    room.desk.clock.forward(hours=25)
    with pytest.raises(CopyTooOld):
        await room.mentions("ABS001")


async def test_without_a_copy_that_is_said(desk):
    await desk.connect(desk.asker())
    with pytest.raises(BadQuestion, match="haven't read"):
        await Room(desk).mentions("ABS001")


async def test_watching_twice_is_one_and_another_persons_is_anothers(room):
    card, now = await room.card(), room.desk.clock()
    assert card.watched is False
    watching = room.services.watching
    made = await watching.watch(room.asker(), card, now=now)
    assert isinstance(made, Created)
    again = await watching.watch(room.asker(), card, now=now)
    assert isinstance(again, SubscriptionView)
    assert again.number == made.kept.number
    assert (await room.card()).watched is True
    assert (await room.card(user="U0BEN")).watched is False
    assert (await watching.unwatch(room.asker("U0BEN"), card, now=room.desk.clock())).number is None
    theirs = await watching.watch(room.asker("U0BEN"), card, now=now)
    assert theirs.kept.subscription.filter.mine is not None
    assert (await watching.unwatch(room.asker(), card, now=room.desk.clock())).number == made.kept.number
    assert (await room.card()).watched is False
    assert (await room.card(user="U0BEN")).watched is True


async def test_only_those_with_a_role_watch(room):
    card = await room.card()
    for user, error in (("U0NOBODY", NotConnected), ("U0NEW", NotAllowed)):
        with pytest.raises(error):
            await room.services.watching.watch(room.asker(user), card, now=room.desk.clock())


async def test_a_subscription_to_more_than_this_customer_is_not_its_watch(room):
    look = None
    for wish in ("holds in me where customer:ABS001,ABS002", "holds in me"):
        await room.services.subscriptions.create(room.asker(), wish, here="", look=look, now=room.desk.clock())
    assert (await room.card()).watched is False


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (dataclasses.replace(IN, is_archived=True), "archived"),
        (dataclasses.replace(IN, is_shared=True), "another company"),
        (dataclasses.replace(IN, is_member=False), "not in that channel"),
    ],
)
async def test_a_channel_that_takes_nothing_is_refused(room, channel, words):
    with pytest.raises(BadQuestion, match=words):
        await room.share(channel=channel)


async def test_where_slack_cannot_say_who_reads_it_nothing_is_shared(room):
    """No Slack answers in these tests, so the product's own look at the channel fails closed."""
    with pytest.raises(NotAllowed, match="can't tell who is in it"):
        await room.share()


async def test_only_who_may_see_the_figures_shares_and_only_their_own_companys(room):
    for user in ("U0NOBODY", "U0NEW"):
        with pytest.raises(NotAllowed):
            await room.share(user=user)
    await room.desk.connect(room.asker("U0NOBODY"))
    assert (await room.card(user="U0NOBODY")).shown is Shown.FIGURES
    with pytest.raises(NotAllowed, match="gave a role"):
        await room.share(user="U0NOBODY")
    with pytest.raises(NotAllowed):
        await room.share(membership=Membership.GUEST)
    with pytest.raises(SageMissing):
        await room.share(customer_id=987_654)
    with pytest.raises(SageMissing):
        await room.share(reference="ABS002")


async def test_a_card_without_figures_is_not_shared(room):
    await held.choose(room.services.database, room.asker(), now=room.desk.clock(), status_for_everyone=True)
    others = room.desk.world.customer("NOR001")
    with pytest.raises(NotAllowed):
        await room.services.sharing.begin(
            room.asker("U0BEN"), DetailRequest(others["id"], "NOR001"), now=room.desk.clock()
        )


async def test_a_menu_and_what_was_nearly_meant_name_to_sales_people_only_their_own(room):
    books = await held.company_of(room.services.database, room.asker())
    async with room.services.database.transaction() as tx:
        own = {"reference": "OWN001", "name": "Twin Garages", "analysis": {"2": "George"}}
        more = {"reference": "OWN002", "name": "Twin Garages North", "analysis": {"2": "George"}}
        await mirror.write(tx, [customer(600, books, now=room.desk.clock(), **own)])
        await mirror.write(tx, [customer(601, books, now=room.desk.clock(), **more)])
    everybody = await room.card("garages")
    assert len(everybody.names) > 2
    for away in (False, True):
        if away:
            room.desk.sage.faults.offline()
        found = await room.card("garages", "U0BEN")
        assert [name.reference for name in found.names] == ["ABS001", "OWN001", "OWN002"]
        nobody = await room.card("twin motors", "U0BEN")
        assert nobody.nearest == () if away else {each.reference for each in nobody.nearest} <= {"OWN001", "OWN002"}
    room.desk.sage.faults.clear()
    for words in ("north", "Twin Motors", "nortern"):
        found = await room.card(words, "U0BEN")
        named = [each.reference for each in getattr(found, "names", getattr(found, "nearest", ()))]
        assert set(named) <= {"ABS001", "OWN001", "OWN002"}
