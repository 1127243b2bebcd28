"""Subscribing: who may have which, for whom, where; and what would have been told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.coordination.limits import SUBSCRIPTIONS_OF_MEMBER
from bot.domain.changes import ChangeKind
from bot.domain.channel import Channel, Readers
from bot.domain.company import company_and_words
from bot.errors import BadQuestion, NotAllowed, NotInChannel, WorkspaceSignInEnded
from bot.features.access.model.authorization import Membership, Role
from bot.features.alerts.model.topics import DeliveryMode, Topic
from bot.features.subscriptions.model.form import FILTER, KINDS, PLACE, SCHEDULE, THRESHOLDS, SubscriptionForm
from bot.features.subscriptions.model.subscription import BY_HAND
from storage.queries import settings
from storage.queries.alerts import subscriptions as rows
from storage.queries.connections import connections, workspaces
from tests.features.alerts.alert_fixtures import NewsDesk, held, snapshot
from tests.mirrored_company import give_codes

CHANNELS = {
    "C1": Channel("C1", is_member=True, is_private=False),
    "C2": Channel("C2", is_member=True),
    "COUT": Channel("COUT", is_private=False),
    "CPRIVATE": Channel("CPRIVATE"),
    "CARCHIVED": Channel("CARCHIVED", is_member=True, is_archived=True),
    "CSHARED": Channel("CSHARED", is_member=True, readers=Readers.COMPANY),
}
ROLES = {"U0ADMIN": "admin", "U0CONTROL": "controller", "U0SALES": "sales", "U0OTHERSALES": "sales"}


class Workspace:
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

    async def session(self, user_id: str = "U0ADMIN", **unlike):
        return await self.desk.session(self.asker(user_id, **unlike))

    async def create(self, wish, user: str = "U0ADMIN", *, here: str = "C1", **unlike):
        session = await self.session(user, **unlike)
        return await self.service.create(session, wish, here=here, look=self.look)

    async def give_codes(self, user_id: str, codes: dict[int, tuple[str, ...]]) -> None:
        books = self.news.of("T0ACME")
        await give_codes(self.desk.services.database, books, user_id, codes, now=self.desk.clock())

    async def allow(self, figures: str, channel: str) -> None:
        where = {**self.news.of("T0ACME"), "channel_id": channel}
        async with self.desk.services.database.transaction() as tx:
            now = self.desk.clock()
            await settings.set_channel(tx, **where, figures_class=figures, set_by="U0ADMIN", now=now)

    async def numbers(self, user: str = "U0ADMIN") -> list[int]:
        return [kept.number for kept in await self.service.every(await self.session(user))]


@pytest.fixture
async def workspace(desk, connected):
    founder = desk.asker("U0PRIYA")
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
    made = Workspace(news)
    for user_id in ("U0ADMIN", "U0SALES", "U0OTHERSALES"):
        await made.give_codes(user_id, {2: ("George",)})
    return made


TELLS_LATE = ("overdue 30,60,90", "overdue-paid", "promise-broken", "debts mondays 08:00")
TELLS_BAND, TELLS_BALANCE = ("over-limit", "utilisation 80", "holds,utilisation 37"), ("holds where min:500",)


@pytest.mark.parametrize(
    ("figures", "refused", "taken"),
    [
        ("", TELLS_LATE, ("holds",)),
        ("band", TELLS_BALANCE, TELLS_LATE),
        ("figures", (), TELLS_LATE),
        ("", (*TELLS_BAND, *TELLS_BALANCE), ("holds,releases,paid,orders", "digest daily 9")),
        ("everything", (*TELLS_BAND, *TELLS_BALANCE), ("holds",)),
        ("band", ("utilisation 37", *TELLS_BALANCE), ("over-limit", "utilisation 80,90,120")),
        ("figures", (), (*TELLS_BAND, *TELLS_BALANCE)),
    ],
)
async def test_a_channel_is_not_subscribed_to_what_would_tell_more_than_its_class(workspace, figures, refused, taken):
    if figures:
        await workspace.allow(figures, "C1")
    for wish in refused:
        with pytest.raises(BadQuestion, match=r"would (say|tell)"):
            await workspace.create(wish)
    for wish in taken:
        await workspace.create(wish)
    if refused:
        await workspace.create(f"{refused[0]} in me")
    assert len(await workspace.numbers()) == len(taken) + bool(refused)


async def test_what_is_typed_is_kept_and_listed(workspace):
    await workspace.allow("figures", "C2")
    made = await workspace.create("holds, releases in <#C2|sales> where region:durham not rep:aisha min:500 as thread")
    wanted = made.kept.subscription
    assert (made.kept.number, made.kept.owner, made.figures_class) == (1, "U0ADMIN", "figures")
    assert (wanted.topics, wanted.target.id) == ({Topic.HOLDS, Topic.RELEASES}, "C2")
    assert wanted.delivery is DeliveryMode.THREAD
    assert [codes.values for codes in wanted.filter.codes] == [("Durham",), ("Aisha",)]
    (listed,) = await workspace.service.every(await workspace.session())
    assert listed.subscription == wanted
    assert listed.labels[3] == "Region"


async def test_a_digest_is_due_by_its_schedule(workspace):
    made = await workspace.create("digest weekdays 08:30")
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
async def test_the_table_of_permissions(workspace, user, wish, allowed):
    if allowed:
        assert (await workspace.create(wish, user)).kept.owner == user
    else:
        with pytest.raises(NotAllowed):
            await workspace.create(wish, user)
        assert workspace.looked == []
    assert len(await workspace.numbers()) == allowed


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN])
async def test_only_full_members_whatever_their_role(workspace, membership):
    await workspace.create(OWN)
    session, guest = await workspace.session(membership=membership), workspace.asker(membership=membership)
    for call in (
        workspace.service.create(session, OWN, here="C1", look=workspace.look),
        workspace.service.edit(session, 1, OWN, here="C1", look=workspace.look),
        workspace.service.every(session),
        workspace.service.one(session, 1),
        workspace.service.remove(session, 1),
        workspace.service.pause(session, 1),
        workspace.service.resume(session, 1),
        workspace.service.mute(session, 1, until=None),
        workspace.service.may_begin(session),
        workspace.service.hand_over(await workspace.session(), 1, to=guest),
    ):
        with pytest.raises(NotAllowed):
            await call


async def test_without_a_sign_in_nobody_subscribes(workspace):
    await workspace.desk.services.connections.disconnect(await workspace.desk.session("U0PRIYA"))
    with pytest.raises(WorkspaceSignInEnded):
        await workspace.create(OWN)


async def test_only_mine_is_what_an_admin_said_whatever_somebody_calls_themselves(workspace):
    made = await workspace.create(MINE, "U0SALES", name="Aisha Khan")
    assert [codes.values for codes in made.kept.subscription.filter.mine or ()] == [("George",)]
    await workspace.news.publish(held(1), held(2, analysis={2: "Aisha"}))
    assert [row.facts["after"]["reference"] for row in await workspace.news.outbox()] == ["CUS001"]


async def test_only_mine_follows_what_an_admin_says_later(workspace):
    await workspace.create(MINE, "U0SALES")
    await workspace.give_codes("U0SALES", {2: ("Aisha",)})
    await workspace.news.publish(held(1), held(2, analysis={2: "Aisha"}))
    assert [row.facts["after"]["reference"] for row in await workspace.news.outbox()] == ["CUS002"]


async def test_a_name_is_a_guess_only_for_those_whom_their_own_sign_in_answers(workspace):
    with pytest.raises(BadQuestion):
        await workspace.create(MINE, "U0CONTROL", name="Aisha")
    await workspace.desk.connect(workspace.asker("U0CONTROL"))
    made = await workspace.create(MINE, "U0CONTROL", name="Aisha")
    assert [codes.values for codes in made.kept.subscription.filter.mine or ()] == [("Aisha",)]


async def test_who_has_no_customers_is_told_how_to_type_the_filter(workspace):
    with pytest.raises(BadQuestion) as refused:
        await workspace.create(MINE, "U0CONTROL", name="Zoe")
    assert refused.value.offered == ("Aisha", "George")
    assert 'where "Sales rep":' in refused.value.hint


async def test_sales_people_whose_customers_nobody_knows_subscribe_to_nothing(workspace):
    await workspace.give_codes("U0SALES", {})
    with pytest.raises(NotAllowed, match="none have been assigned to you yet"):
        await workspace.create(MINE, "U0SALES")


async def test_a_nonsense_filter_names_the_valid_labels(workspace):
    with pytest.raises(BadQuestion) as refused:
        await workspace.create("holds where colour:red")
    assert set(refused.value.offered) >= {"Sales rep", "Region"}
    with pytest.raises(BadQuestion) as refused:
        await workspace.create("holds where region:Durhm")
    assert refused.value.offered == ("Region:Durham",)


@pytest.mark.parametrize(("channel", "words"), [("CARCHIVED", "archived"), ("CSHARED", "another company")])
async def test_no_news_goes_to_channels_that_are_archived_or_shared(workspace, channel, words):
    with pytest.raises(BadQuestion, match=words):
        await workspace.create(f"holds in <#{channel}>")


@pytest.mark.parametrize(("channel", "may_join"), [("COUT", True), ("CPRIVATE", False), ("CUNKNOWN", False)])
async def test_where_the_app_is_not_it_says_how_to_let_it_in(workspace, channel, may_join):
    with pytest.raises(NotInChannel) as refused:
        await workspace.create(f"holds where region:Durham in <#{channel}>")
    assert refused.value.may_join is may_join
    company_key, again = company_and_words(refused.value.again)
    assert (len(company_key), again) == (16, f"holds in <#{channel}> where Region:Durham")
    assert await workspace.numbers() == []


async def test_here_in_a_direct_conversation_is_the_askers_own(workspace):
    made = await workspace.create("holds", here="D0SOMEBODY")
    assert (made.kept.subscription.target.id, made.kept.subscription.target.personal) == ("U0ADMIN", True)
    assert workspace.looked == []


async def test_a_name_that_slack_left_as_typed_is_not_guessed_at(workspace):
    with pytest.raises(BadQuestion, match="isn't a channel"):
        await workspace.create("holds in #sales")


async def test_the_preview_counts_what_thirty_days_would_have_told(workspace):
    await workspace.news.see(held(1), held(2, analysis={3: "Leeds"}), days=40)
    await workspace.news.see(*(held(number) for number in range(1, 8)), held(9, kind=ChangeKind.RELEASED), days=2)
    await workspace.news.see(held(8), by_user="U0ADMIN", days=1)
    told = await workspace.service.preview(await workspace.session(), "holds", here="C1", look=workspace.look)
    assert (told.count, [change.customer.reference for _, change in told.newest]) == (
        8,
        ["CUS008", "CUS007", "CUS006", "CUS005", "CUS004"],
    )
    assert told.newest[0][0] == workspace.desk.clock() - timedelta(days=1)
    assert await workspace.numbers() == []
    assert (await workspace.create(OWN)).told.count == 7


async def test_everybody_sees_their_own_and_those_in_charge_see_all(workspace):
    await workspace.create(CHANNEL)
    await workspace.create(MINE, "U0SALES")
    await workspace.create(MINE, "U0OTHERSALES")
    assert [await workspace.numbers(user) for user in ("U0ADMIN", "U0CONTROL", "U0SALES", "U0NOBODY")] == [
        [1, 2, 3],
        [1, 2, 3],
        [2],
        [],
    ]


@pytest.mark.parametrize(
    ("user", "error"), [("U0CONTROL", NotAllowed), ("U0OTHERSALES", BadQuestion), ("U0NOBODY", BadQuestion)]
)
async def test_only_its_owner_or_an_admin_may_change_one(workspace, user, error):
    await workspace.create(MINE, "U0SALES")
    session = await workspace.session(user)
    for call in (
        workspace.service.edit(session, 1, OWN, here="C1", look=workspace.look),
        workspace.service.remove(session, 1),
        workspace.service.pause(session, 1),
        workspace.service.mute(session, 1, until=None),
        workspace.service.hand_over(session, 1, to=workspace.asker(user)),
    ):
        with pytest.raises(error):
            await call
    assert (await workspace.service.pause(await workspace.session("U0ADMIN"), 1)).subscription.paused == BY_HAND
    assert (await workspace.service.resume(await workspace.session("U0SALES"), 1)).subscription.paused == ""


async def test_a_number_is_not_given_twice_even_after_its_subscription_is_gone(workspace):
    await workspace.create(OWN)
    await workspace.create(CHANNEL)
    await workspace.service.remove(await workspace.session("U0ADMIN"), 2)
    assert (await workspace.create(CHANNEL)).kept.number == 3


async def test_a_number_of_another_workspace_is_no_number_here(workspace):
    await workspace.create(OWN)
    other = workspace.desk.asker("U0ADMIN", team_id="T0OTHER")
    async with workspace.desk.services.database.transaction() as tx:
        await workspaces.grant(
            tx,
            workspace_id=other.workspace_id,
            user_id="U0ADMIN",
            role="admin",
            granted_by="x",
            now=workspace.desk.clock(),
        )
    theirs = await workspace.desk.session(other)
    assert theirs.role is Role.ADMIN
    for call in (
        workspace.service.one(theirs, 1),
        workspace.service.remove(theirs, 1),
        workspace.service.resume(theirs, 1),
    ):
        with pytest.raises(BadQuestion, match="no subscription number 1"):
            await call
    async with workspace.desk.services.database.transaction() as tx:
        named = {"workspace_id": other.workspace_id, "number": 1}
        assert not await rows.remove(tx, **named)
        assert not await rows.pause(tx, **named, reason="x", now=workspace.desk.clock())
        assert not await rows.mute(tx, **named, until=None)
        assert await rows.by_id(tx, workspace_id=other.workspace_id, subscription_id=1) is None
    assert await workspace.numbers() == [1]


async def test_a_digest_that_another_took_is_not_taken_again(workspace):
    made = await workspace.create("digest weekdays 08:30")
    async with workspace.desk.services.database.transaction() as tx:
        row = await rows.by_number(tx, workspace_id=workspace.asker().workspace_id, number=1)
        assert row is not None
        named: dict[str, Any] = {"workspace_id": row.workspace_id, "subscription_id": row.id, "digested_at": None}
        later = made.kept.due_at + timedelta(days=1)
        took = [await rows.digest_taken(tx, **named, was_due=made.kept.due_at, due_at=later) for _ in range(2)]
    assert took == [True, False]


async def test_editing_keeps_number_owner_and_silence(workspace):
    await workspace.give_codes("U0SALES", {2: ("Aisha",)})
    await workspace.create(MINE, "U0SALES")
    await workspace.service.pause(await workspace.session("U0SALES"), 1)
    form = SubscriptionForm(topics=("holds", "digest"), place="me", filter="mine min:100", schedule="weekdays 09:00")
    edited = await workspace.service.edit(await workspace.session("U0ADMIN"), 1, form, here="C1", look=workspace.look)
    wanted = edited.kept.subscription
    assert (edited.kept.number, edited.kept.owner, wanted.target.id) == (1, "U0SALES", "U0SALES")
    assert [codes.values for codes in wanted.filter.mine or ()] == [("Aisha",)], "mine stays its owner's"
    assert wanted.paused == BY_HAND
    assert edited.kept.due_at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


async def test_another_place_is_another_chance_for_what_was_paused_for_its_place(workspace):
    await workspace.create(CHANNEL)
    async with workspace.desk.services.database.transaction() as tx:
        named = {"workspace_id": workspace.asker().workspace_id, "number": 1}
        await rows.pause(tx, **named, reason="the channel is archived", now=workspace.desk.clock())
    form = SubscriptionForm(topics=("holds",), place="C2")
    edited = await workspace.service.edit(await workspace.session(), 1, form, here="C1", look=workspace.look)
    assert edited.kept.subscription.paused == ""


async def test_every_mistake_of_a_form_is_beside_its_field(workspace):
    async def problems(form, user="U0ADMIN"):
        return await workspace.service.problems(
            await workspace.session(user), form, here="C1", look=workspace.look, number=None
        )

    wrong = SubscriptionForm(topics=(), filter="colour:red", thresholds="lots", schedule="whenever")
    assert set(await problems(wrong)) == {KINDS, FILTER, THRESHOLDS, SCHEDULE}
    assert "Region" in (await problems(wrong))[FILTER]
    assert set(await problems(SubscriptionForm(topics=("digest",)))) == {SCHEDULE}
    assert set(await problems(SubscriptionForm(topics=("holds",), schedule="daily 9"))) == {SCHEDULE}
    assert set(await problems(SubscriptionForm(topics=("holds",), place="CARCHIVED"))) == {PLACE}
    assert set(await problems(SubscriptionForm(topics=("holds",), place="CPRIVATE"))) == {PLACE}
    assert set(await problems(SubscriptionForm(topics=("holds",), place="C1"), "U0SALES")) == {PLACE}
    assert await problems(SubscriptionForm(topics=("holds",), place="COUT")) == {}
    limits = SubscriptionForm(topics=("holds", "utilisation"), thresholds="80%, 95")
    assert set(await problems(limits)) == {PLACE}
    await workspace.allow("band", "C1")
    assert await problems(limits) == {}


async def test_it_is_handed_over_to_somebody_who_may_have_it(workspace):
    await workspace.create(CHANNEL)
    with pytest.raises(NotAllowed, match="They may not have it"):
        await workspace.service.hand_over(await workspace.session(), 1, to=workspace.asker("U0SALES"))
    assert (
        await workspace.service.hand_over(await workspace.session(), 1, to=workspace.asker("U0CONTROL"))
    ).owner == "U0CONTROL"
    await workspace.create(MINE)
    with pytest.raises(NotAllowed, match="own customers"):
        await workspace.service.hand_over(await workspace.session(), 2, to=workspace.asker("U0CONTROL"))
    await workspace.create(OWN)
    with pytest.raises(NotAllowed, match="nobody is sent messages they did not ask for"):
        await workspace.service.hand_over(await workspace.session(), 3, to=workspace.asker("U0CONTROL"))
    assert (await workspace.service.one(await workspace.session(), 3)).owner == "U0ADMIN"


async def test_a_member_has_only_so_many_subscriptions_whatever_a_colleague_has(workspace):
    for number in range(SUBSCRIPTIONS_OF_MEMBER):
        await workspace.create(f"{OWN} where min:{number + 1}")
    with pytest.raises(BadQuestion, match="One person may have 50 subscriptions"):
        await workspace.create(OWN)
    assert await workspace.create(OWN, "U0CONTROL")
    await workspace.service.remove(await workspace.session(), 1)
    assert await workspace.create(OWN)


async def test_what_was_removed_can_be_made_again_by_its_owner_alone(workspace):
    await workspace.allow("band", "C2")
    first = await workspace.create("holds,utilisation 80,90,digest in <#C2> where region:Durham at weekdays 08:30")
    removed = await workspace.service.remove(await workspace.session(), 1)
    assert await workspace.numbers() == []
    company_key, typed = company_and_words(removed.typed)
    assert len(company_key) == 16
    again = await workspace.create(typed)
    assert again.kept.subscription == first.kept.subscription
    await workspace.create(MINE, "U0SALES")
    number = (await workspace.numbers())[-1]
    assert (await workspace.service.remove(await workspace.session(), number)).typed == ""


async def test_resuming_needs_the_role_again(workspace):
    await workspace.create(MINE, "U0SALES")
    await workspace.service.pause(await workspace.session("U0SALES"), 1)
    async with workspace.desk.services.database.transaction() as tx:
        await workspaces.grant(
            tx,
            workspace_id=workspace.asker().workspace_id,
            user_id="U0SALES",
            role="none",
            granted_by="x",
            now=workspace.desk.clock(),
        )
    with pytest.raises(NotAllowed):
        await workspace.service.resume(await workspace.session("U0SALES"), 1)


async def test_an_equal_subscription_is_there_once_however_often_it_is_asked_for(workspace):
    first = await workspace.create("holds,releases where rep:George,Aisha in <#C1>")
    again = await workspace.create('in <#C1> releases and holds where "Sales rep":Aisha,george', "U0CONTROL")
    assert (first.was_there, again.was_there, again.kept.number) == (False, True, first.kept.number)
    assert await workspace.numbers() == [first.kept.number]
    others = ("holds where rep:George,Aisha in <#C1>", "holds,releases where rep:George in <#C1>", "holds in me")
    made = [await workspace.create(wish) for wish in others]
    assert [each.was_there for each in made] == [False, False, False]
    assert [each.overlapping for each in made] == [(1,), (1, 2), ()]


async def test_two_that_ask_at_once_have_one(workspace):
    made = await asyncio.gather(*(workspace.create("holds,releases in <#C1>") for _ in range(4)))
    assert sorted(each.was_there for each in made) == [False, True, True, True]
    assert len(await workspace.numbers()) == 1
