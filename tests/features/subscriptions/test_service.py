"""Subscribing: who may have which, for whom, where; and what would have been told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.changes import ChangeKind
from bot.domain.channel import Channel
from bot.errors import BadQuestion, NotAllowed, NotConnected, NotInChannel
from bot.features.access.model.authorization import Membership
from bot.features.alerts.model.topics import DeliveryMode, Topic
from bot.features.subscriptions.model.form import FILTER, KINDS, PLACE, SCHEDULE, THRESHOLDS, SubscriptionForm
from bot.features.subscriptions.model.subscription import BY_HAND
from storage import connections, settings, workspaces
from storage import subscriptions as rows
from tests.features.alerts.alert_fixtures import NewsDesk, held, snapshot
from tests.mirrored_company import give_codes

CHANNELS = {
    "C1": Channel("C1", is_member=True, is_private=False),
    "C2": Channel("C2", is_member=True),
    "COUT": Channel("COUT", is_private=False),
    "CPRIVATE": Channel("CPRIVATE"),
    "CARCHIVED": Channel("CARCHIVED", is_member=True, is_archived=True),
    "CSHARED": Channel("CSHARED", is_member=True, is_shared=True),
}
ROLES = {"U0ADMIN": "admin", "U0CONTROL": "controller", "U0SALES": "sales", "U0OTHERSALES": "sales"}


class Desktop:
    """The news desk with people of every role, all answered through the workspace's own connection."""

    def __init__(self, news: NewsDesk) -> None:
        self.news, self.desk = news, news.desk
        self.service = self.desk.services.subscriptions
        self.looked: list[str] = []

    async def look(self, channel_id: str) -> Channel:
        self.looked.append(channel_id)
        return CHANNELS.get(channel_id, Channel(channel_id))

    def asker(self, user_id: str = "U0ADMIN", **unlike):
        return self.desk.asker(user_id, **{"name": "George", **unlike})

    async def create(self, wish, user: str = "U0ADMIN", *, here: str = "C1", **unlike):
        asker = self.asker(user, **unlike)
        return await self.service.create(asker, wish, here=here, look=self.look, now=self.desk.clock())

    async def give_codes(self, user_id: str, codes: dict[int, tuple[str, ...]]) -> None:
        books = self.news.of("T0ACME")
        await give_codes(self.desk.services.database, books, user_id, codes, now=self.desk.clock())

    async def allow(self, figures: str, channel: str) -> None:
        where = {"workspace_id": self.asker().workspace_id, "channel_id": channel}
        async with self.desk.services.database.transaction() as tx:
            now = self.desk.clock()
            await settings.set_channel(tx, **where, figures_class=figures, set_by="U0ADMIN", now=now)

    async def numbers(self, user: str = "U0ADMIN") -> list[int]:
        return [kept.number for kept in await self.service.every(self.asker(user))]


@pytest.fixture
async def office(desk):
    founder = desk.asker("U0PRIYA")
    await desk.connect(founder)
    news = NewsDesk(desk)
    async with desk.services.database.transaction() as tx:
        for user_id, role in ROLES.items():
            await workspaces.grant(
                tx,
                workspace_id=founder.workspace_id,
                user_id=user_id,
                role=role,
                granted_by="U0PRIYA",
                now=desk.clock(),
            )
        own = await connections.of_user(tx, workspace_id=founder.workspace_id, user_id="U0PRIYA")
        assert own is not None
        assert own.company_pk is not None
        news.books["T0ACME"] = own.company_pk
    await news.mirror(snapshot(1), snapshot(2, analysis={2: "Aisha", 3: "Leeds"}))
    desktop = Desktop(news)
    for user_id in ("U0ADMIN", "U0SALES", "U0OTHERSALES"):
        await desktop.give_codes(user_id, {2: ("George",)})
    return desktop


TELLS_BAND, TELLS_BALANCE = ("over-limit", "utilisation 80", "holds,utilisation 37"), ("holds where min:500",)


@pytest.mark.parametrize(
    ("figures", "refused", "taken"),
    [
        ("", (*TELLS_BAND, *TELLS_BALANCE), ("holds,releases,paid,orders", "digest daily 9")),
        ("everything", (*TELLS_BAND, *TELLS_BALANCE), ("holds",)),
        ("band", ("utilisation 37", *TELLS_BALANCE), ("over-limit", "utilisation 80,90,120")),
        ("figures", (), (*TELLS_BAND, *TELLS_BALANCE)),
    ],
)
async def test_a_channel_is_not_subscribed_to_what_would_tell_more_than_its_class(office, figures, refused, taken):
    if figures:
        await office.allow(figures, "C1")
    for wish in refused:
        with pytest.raises(BadQuestion, match="would tell it"):
            await office.create(wish)
    for wish in taken:
        await office.create(wish)
    if refused:
        await office.create(f"{refused[0]} in me")
    assert len(await office.numbers()) == len(taken) + bool(refused)


async def test_what_is_typed_is_kept_and_listed(office):
    await office.allow("figures", "C2")
    made = await office.create("holds, releases in <#C2|sales> where region:durham not rep:aisha min:500 as thread")
    wanted = made.kept.subscription
    assert (made.kept.number, made.kept.owner, made.figures_class) == (1, "U0ADMIN", "figures")
    assert (wanted.topics, wanted.target.id) == ({Topic.HOLDS, Topic.RELEASES}, "C2")
    assert wanted.delivery is DeliveryMode.THREAD
    assert [codes.values for codes in wanted.filter.codes] == [("Durham",), ("Aisha",)]
    (listed,) = await office.service.every(office.asker())
    assert listed.subscription == wanted
    assert listed.labels[3] == "Region"


async def test_a_digest_is_due_by_its_schedule(office):
    made = await office.create("digest weekdays 08:30")
    assert made.kept.due_at == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    assert made.kept.subscription.schedule is not None


CHANNEL, OWN, MINE = "holds", "holds in me", "holds in me where mine"


@pytest.mark.parametrize(
    ("user", "wish", "allowed"),
    [
        ("U0ADMIN", CHANNEL, True),
        ("U0ADMIN", OWN, True),
        ("U0CONTROL", CHANNEL, True),
        ("U0CONTROL", OWN, True),
        ("U0SALES", CHANNEL, False),
        ("U0SALES", "holds where mine", False),
        ("U0SALES", OWN, False),
        ("U0SALES", MINE, True),
        ("U0SALES", "holds in me where rep:George", False),
        ("U0SALES", "holds in me where not rep:George", False),
        ("U0SALES", "holds in me where rep:George or region:Leeds", False),
        ("U0SALES", "holds in me where region:Durham", False),
        ("U0NOBODY", CHANNEL, False),
        ("U0NOBODY", MINE, False),
    ],
)
async def test_the_table_of_permissions(office, user, wish, allowed):
    if allowed:
        assert (await office.create(wish, user)).kept.owner == user
    else:
        with pytest.raises(NotAllowed):
            await office.create(wish, user)
        assert office.looked == []
    assert len(await office.numbers()) == allowed


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN])
async def test_only_full_members_whatever_their_role(office, membership):
    await office.create(OWN)
    asker, now = office.asker(membership=membership), office.desk.clock()
    for call in (
        office.service.create(asker, OWN, here="C1", look=office.look, now=now),
        office.service.edit(asker, 1, OWN, here="C1", look=office.look, now=now),
        office.service.every(asker),
        office.service.one(asker, 1),
        office.service.remove(asker, 1, now=office.desk.clock()),
        office.service.pause(asker, 1, now=now),
        office.service.resume(asker, 1, now=office.desk.clock()),
        office.service.mute(asker, 1, until=None, now=office.desk.clock()),
        office.service.may_begin(asker),
        office.service.hand_over(office.asker(), 1, to=asker, now=office.desk.clock()),
    ):
        with pytest.raises(NotAllowed):
            await call


async def test_without_a_sign_in_nobody_subscribes(office):
    await office.desk.services.connections.disconnect(office.desk.asker("U0PRIYA"), now=office.desk.clock())
    with pytest.raises(NotConnected):
        await office.create(OWN)


async def test_only_mine_is_what_an_admin_said_whatever_somebody_calls_themselves(office):
    made = await office.create(MINE, "U0SALES", name="Aisha Khan")
    assert [codes.values for codes in made.kept.subscription.filter.mine or ()] == [("George",)]
    await office.news.publish(held(1), held(2, analysis={2: "Aisha"}))
    assert [row.facts["after"]["reference"] for row in await office.news.outbox()] == ["CUS001"]


async def test_only_mine_follows_what_an_admin_says_later(office):
    await office.create(MINE, "U0SALES")
    await office.give_codes("U0SALES", {2: ("Aisha",)})
    await office.news.publish(held(1), held(2, analysis={2: "Aisha"}))
    assert [row.facts["after"]["reference"] for row in await office.news.outbox()] == ["CUS002"]


async def test_a_name_is_a_guess_only_for_those_whom_their_own_sign_in_answers(office):
    with pytest.raises(BadQuestion):
        await office.create(MINE, "U0CONTROL", name="Aisha")
    await office.desk.connect(office.asker("U0CONTROL"))
    made = await office.create(MINE, "U0CONTROL", name="Aisha")
    assert [codes.values for codes in made.kept.subscription.filter.mine or ()] == [("Aisha",)]


async def test_who_has_no_customers_is_told_how_to_type_the_filter(office):
    with pytest.raises(BadQuestion) as refused:
        await office.create(MINE, "U0CONTROL", name="Zoe")
    assert refused.value.offered == ("Aisha", "George")
    assert 'where "Sales rep":' in refused.value.hint


async def test_sales_people_whose_customers_nobody_knows_subscribe_to_nothing(office):
    await office.give_codes("U0SALES", {})
    with pytest.raises(NotAllowed, match="nobody has said yet which"):
        await office.create(MINE, "U0SALES")


async def test_a_nonsense_filter_names_the_valid_labels(office):
    with pytest.raises(BadQuestion) as refused:
        await office.create("holds where colour:red")
    assert set(refused.value.offered) >= {"Sales rep", "Region"}
    with pytest.raises(BadQuestion) as refused:
        await office.create("holds where region:Durhm")
    assert refused.value.offered == ("Durham",)


@pytest.mark.parametrize(("channel", "words"), [("CARCHIVED", "archived"), ("CSHARED", "another company")])
async def test_no_news_goes_to_channels_that_are_archived_or_shared(office, channel, words):
    with pytest.raises(BadQuestion, match=words):
        await office.create(f"holds in <#{channel}>")


@pytest.mark.parametrize(("channel", "may_join"), [("COUT", True), ("CPRIVATE", False), ("CUNKNOWN", False)])
async def test_where_the_app_is_not_it_says_how_to_let_it_in(office, channel, may_join):
    with pytest.raises(NotInChannel) as refused:
        await office.create(f"holds where region:Durham in <#{channel}>")
    assert refused.value.may_join is may_join
    assert refused.value.again == f"holds in <#{channel}> where Region:Durham"
    assert await office.numbers() == []


async def test_here_in_a_direct_conversation_is_the_askers_own(office):
    made = await office.create("holds", here="D0SOMEBODY")
    assert (made.kept.subscription.target.id, made.kept.subscription.target.personal) == ("U0ADMIN", True)
    assert office.looked == []


async def test_a_name_that_slack_left_as_typed_is_not_guessed_at(office):
    with pytest.raises(BadQuestion, match="which channel"):
        await office.create("holds in #sales")


async def test_the_preview_counts_what_thirty_days_would_have_told(office):
    await office.news.see(held(1), held(2, analysis={3: "Leeds"}), days=40)
    await office.news.see(*(held(number) for number in range(1, 8)), held(9, kind=ChangeKind.RELEASED), days=2)
    await office.news.see(held(8), by_user="U0ADMIN", days=1)
    now = office.desk.clock()
    told = await office.service.preview(office.asker(), "holds", here="C1", look=office.look, now=now)
    assert (told.count, [change.customer.reference for _, change in told.newest]) == (
        8,
        ["CUS008", "CUS007", "CUS006", "CUS005", "CUS004"],
    )
    assert told.newest[0][0] == now - timedelta(days=1)
    assert await office.numbers() == []
    assert (await office.create(OWN)).told.count == 7


async def test_everybody_sees_their_own_and_those_in_charge_see_all(office):
    await office.create(CHANNEL)
    await office.create(MINE, "U0SALES")
    await office.create(MINE, "U0OTHERSALES")
    assert [await office.numbers(user) for user in ("U0ADMIN", "U0CONTROL", "U0SALES", "U0NOBODY")] == [
        [1, 2, 3],
        [1, 2, 3],
        [2],
        [],
    ]


@pytest.mark.parametrize(
    ("user", "error"), [("U0CONTROL", NotAllowed), ("U0OTHERSALES", BadQuestion), ("U0NOBODY", BadQuestion)]
)
async def test_only_its_owner_or_an_admin_may_change_one(office, user, error):
    await office.create(MINE, "U0SALES")
    asker, now = office.asker(user), office.desk.clock()
    for call in (
        office.service.edit(asker, 1, OWN, here="C1", look=office.look, now=now),
        office.service.remove(asker, 1, now=office.desk.clock()),
        office.service.pause(asker, 1, now=now),
        office.service.mute(asker, 1, until=None, now=office.desk.clock()),
        office.service.hand_over(asker, 1, to=asker, now=office.desk.clock()),
    ):
        with pytest.raises(error):
            await call
    assert (await office.service.pause(office.asker("U0ADMIN"), 1, now=now)).subscription.paused == BY_HAND
    assert (await office.service.resume(office.asker("U0SALES"), 1, now=office.desk.clock())).subscription.paused == ""


async def test_a_number_is_not_given_twice_even_after_its_subscription_is_gone(office):
    await office.create(OWN)
    await office.create(CHANNEL)
    await office.service.remove(office.asker("U0ADMIN"), 2, now=office.desk.clock())
    assert (await office.create(CHANNEL)).kept.number == 3


async def test_a_number_of_another_workspace_is_no_number_here(office):
    await office.create(OWN)
    other = office.desk.asker("U0ADMIN", team_id="T0OTHER")
    async with office.desk.services.database.transaction() as tx:
        await workspaces.grant(
            tx,
            workspace_id=other.workspace_id,
            user_id="U0ADMIN",
            role="admin",
            granted_by="x",
            now=office.desk.clock(),
        )
    for call in (
        office.service.one(other, 1),
        office.service.remove(other, 1, now=office.desk.clock()),
        office.service.resume(other, 1, now=office.desk.clock()),
    ):
        with pytest.raises(BadQuestion, match="no subscription number 1"):
            await call
    async with office.desk.services.database.transaction() as tx:
        theirs = {"workspace_id": other.workspace_id, "number": 1}
        assert not await rows.remove(tx, **theirs)
        assert not await rows.pause(tx, **theirs, reason="x", now=office.desk.clock())
        assert not await rows.mute(tx, **theirs, until=None)
        assert await rows.by_id(tx, workspace_id=other.workspace_id, subscription_id=1) is None
    assert await office.numbers() == [1]


async def test_a_digest_that_another_took_is_not_taken_again(office):
    made = await office.create("digest weekdays 08:30")
    async with office.desk.services.database.transaction() as tx:
        row = await rows.by_number(tx, workspace_id=office.asker().workspace_id, number=1)
        assert row is not None
        named: dict[str, Any] = {"workspace_id": row.workspace_id, "subscription_id": row.id, "digested_at": None}
        later = made.kept.due_at + timedelta(days=1)
        took = [await rows.digest_taken(tx, **named, was_due=made.kept.due_at, due_at=later) for _ in range(2)]
    assert took == [True, False]


async def test_editing_keeps_number_owner_and_silence(office):
    await office.give_codes("U0SALES", {2: ("Aisha",)})
    await office.create(MINE, "U0SALES")
    await office.service.pause(office.asker("U0SALES"), 1, now=office.desk.clock())
    form = SubscriptionForm(topics=("holds", "digest"), place="me", filter="mine min:100", schedule="weekdays 09:00")
    edited = await office.service.edit(
        office.asker("U0ADMIN"), 1, form, here="C1", look=office.look, now=office.desk.clock()
    )
    wanted = edited.kept.subscription
    assert (edited.kept.number, edited.kept.owner, wanted.target.id) == (1, "U0SALES", "U0SALES")
    assert [codes.values for codes in wanted.filter.mine or ()] == [("Aisha",)], "mine stays its owner's"
    assert wanted.paused == BY_HAND
    assert edited.kept.due_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


async def test_another_place_is_another_chance_for_what_was_paused_for_its_place(office):
    await office.create(CHANNEL)
    async with office.desk.services.database.transaction() as tx:
        named = {"workspace_id": office.asker().workspace_id, "number": 1}
        await rows.pause(tx, **named, reason="the channel is archived", now=office.desk.clock())
    form = SubscriptionForm(topics=("holds",), place="C2")
    edited = await office.service.edit(office.asker(), 1, form, here="C1", look=office.look, now=office.desk.clock())
    assert edited.kept.subscription.paused == ""


async def test_every_mistake_of_a_form_is_beside_its_field(office):
    async def problems(form, user="U0ADMIN"):
        return await office.service.problems(office.asker(user), form, here="C1", look=office.look, number=None)

    wrong = SubscriptionForm(topics=(), filter="colour:red", thresholds="lots", schedule="whenever")
    assert set(await problems(wrong)) == {KINDS, FILTER, THRESHOLDS, SCHEDULE}
    assert "Region" in (await problems(wrong))[FILTER]
    assert set(await problems(SubscriptionForm(topics=("digest",)))) == {SCHEDULE}
    assert set(await problems(SubscriptionForm(topics=("holds",), schedule="daily 9"))) == {SCHEDULE}
    assert set(await problems(SubscriptionForm(topics=("holds",), place="CARCHIVED"))) == {PLACE}
    assert set(await problems(SubscriptionForm(topics=("holds",), place="CPRIVATE"))) == {PLACE}
    assert set(await problems(SubscriptionForm(topics=("holds",), place="C1"), "U0SALES")) == {PLACE}
    assert await problems(SubscriptionForm(topics=("holds",), place="COUT")) == {}
    limits = SubscriptionForm(topics=("holds", "utilisation"), thresholds="80 %, 95")
    assert set(await problems(limits)) == {PLACE}
    await office.allow("band", "C1")
    assert await problems(limits) == {}


async def test_it_is_handed_over_to_somebody_who_may_have_it(office):
    await office.create(CHANNEL)
    with pytest.raises(NotAllowed, match="They may not have it"):
        await office.service.hand_over(office.asker(), 1, to=office.asker("U0SALES"), now=office.desk.clock())
    assert (
        await office.service.hand_over(office.asker(), 1, to=office.asker("U0CONTROL"), now=office.desk.clock())
    ).owner == "U0CONTROL"
    await office.create(MINE)
    with pytest.raises(NotAllowed, match="own customers"):
        await office.service.hand_over(office.asker(), 2, to=office.asker("U0CONTROL"), now=office.desk.clock())
    await office.create(OWN)
    moved = await office.service.hand_over(office.asker(), 3, to=office.asker("U0CONTROL"), now=office.desk.clock())
    assert (moved.owner, moved.subscription.target.id) == ("U0CONTROL", "U0CONTROL")


async def test_what_was_removed_can_be_made_again_by_its_owner_alone(office):
    await office.allow("band", "C2")
    first = await office.create("holds,utilisation 80,90,digest in <#C2> where region:Durham at weekdays 08:30")
    removed = await office.service.remove(office.asker(), 1, now=office.desk.clock())
    assert await office.numbers() == []
    again = await office.create(removed.typed)
    assert again.kept.subscription == first.kept.subscription
    await office.create(MINE, "U0SALES")
    number = (await office.numbers())[-1]
    assert (await office.service.remove(office.asker(), number, now=office.desk.clock())).typed == ""


async def test_resuming_needs_the_role_again(office):
    await office.create(MINE, "U0SALES")
    await office.service.pause(office.asker("U0SALES"), 1, now=office.desk.clock())
    async with office.desk.services.database.transaction() as tx:
        await workspaces.grant(
            tx,
            workspace_id=office.asker().workspace_id,
            user_id="U0SALES",
            role="none",
            granted_by="x",
            now=office.desk.clock(),
        )
    with pytest.raises(NotAllowed):
        await office.service.resume(office.asker("U0SALES"), 1, now=office.desk.clock())
