"""Who somebody is just now, where things would be read, and two admins at once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from bot.domain.filters.customer_filter import Codes
from bot.domain.json_column import CHANGE_JSON
from bot.errors import BotError, NotAllowed, NotConnected
from bot.features.access.model.authorization import Action, Asker, Membership, Role, Shown, Visibility
from bot.features.access.service.visibility import ChannelVisibility
from storage.queries.access import roles
from storage.queries.connections import connections, workspaces
from storage.tables.core import CompanyRow, Workspace
from tests import mirrored_company as held
from tests.counting import database_cost
from tests.features.delivery.slack_workspace import C_SALES, change


@pytest.fixture
def of(room):
    """Reads sessions as the product does, but asking the simulated Slack."""
    sessions = room.sessions()

    async def session(who, **more):
        return await sessions.of(who, now=room.clock(), **more)

    return session


def asker(room, user="U0ANNA", team="T0ACME", **unlike):
    given = {"name": user, "membership": Membership.MEMBER, **unlike}
    return Asker(room.workspaces[team], "Acme", team, user, **given)


async def give_group(room, group="S0CREDIT", role="controller", team="T0ACME"):
    async with room.services.database.transaction() as tx:
        where = {"workspace_id": room.workspaces[team], "group_id": group, "team_id": team}
        await roles.grant_group(tx, **where, role=role, granted_by="U0PRIYA", now=room.clock())


@pytest.mark.parametrize(
    ("personal", "group", "role"),
    [
        (None, None, None),
        ("sales", None, Role.SALES),
        (None, "controller", Role.CONTROLLER),
        ("sales", "controller", Role.CONTROLLER),
        ("controller", "sales", Role.CONTROLLER),
        ("viewer", "sales", Role.VIEWER),
        ("sales", "viewer", Role.SALES),
        ("viewer", "controller", Role.CONTROLLER),
        (None, "viewer", Role.VIEWER),
        ("boss", "boss", None),
    ],
)
async def test_the_highest_of_a_persons_own_role_and_their_groups(room, of, personal, group, role):
    if personal:
        await room.give_role("U0ANNA", personal)
    if group:
        await give_group(room, role=group)
        await give_group(room, "S0REPS", "admin")
    assert (await of(asker(room))).role is role
    assert (await of(asker(room, team="T0OTHER"))).role is None


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN])
async def test_nothing_is_asked_for_those_who_are_no_members(room, of, membership):
    await give_group(room)
    await room.give_role("U0ANNA", "admin")
    assert (await of(asker(room, membership=membership))).role is None
    assert room.calls("usergroups.users.list") == 0


async def test_many_sessions_at_one_time_are_read_together_and_nobody_gets_anothers(room, of):
    users = {f"U0PERSON{number}": role for number, role in enumerate(("sales", "controller", "admin", None))}
    for user, role in users.items():
        if role:
            await room.give_role(user, role)
    asked = [(user, team) for user in users for team in ("T0ACME", "T0OTHER")]
    with database_cost(room.services.database) as cost:
        found = await asyncio.gather(*(of(asker(room, user, team)) for user, team in asked))
    for (user, team), session in zip(asked, found, strict=True):
        assert session.asker.user_id == user
        assert session.asker.workspace_id == room.workspaces[team]
        assert session.role == (users[user] if team == "T0ACME" else None)
    # In the calling thread of SQLite a statement costs no journey.
    assert cost.statements == (len(asked) if room.services.database.dialect == "sqlite" else 1)


async def test_who_asks_for_no_workspace_takes_nothing_from_those_who_ask_beside_them(room, of):
    stranger = Asker("gone", "Gone", "T0GONE", "U0ANNA", "Anna", Membership.MEMBER)
    await room.give_role("U0ANNA", "sales")
    found = await asyncio.gather(of(stranger), of(asker(room)), return_exceptions=True)
    assert isinstance(found[0], NotAllowed)
    assert found[1].role is Role.SALES


async def test_slack_is_asked_once_in_fifteen_seconds_and_not_for_what_it_could_not_change(room, of):
    await give_group(room)
    for _ in range(3):
        await of(asker(room))
    assert room.calls("usergroups.users.list") == 1
    room.clock.forward(seconds=16)
    await of(asker(room))
    assert room.calls("usergroups.users.list") == 2
    room.clock.forward(seconds=16)
    await room.give_role("U0ANNA", "admin")
    await of(asker(room))
    assert room.calls("usergroups.users.list") == 2


@pytest.mark.parametrize("error", ["missing_scope", "internal_error", "ratelimited", "token_revoked"])
async def test_where_slack_cannot_say_a_group_gives_nothing(room, of, error):
    await give_group(room)
    await room.give_role("U0ANNA", "sales")
    room.slack.refuse_next(error, method="usergroups.users.list")
    assert (await of(asker(room))).role is Role.SALES
    assert (await of(asker(room))).role is Role.CONTROLLER
    room.slack.workspaces["T0ACME"].usergroups["S0CREDIT"].is_disabled = True
    room.clock.forward(seconds=16)
    assert (await of(asker(room))).role is Role.SALES


async def test_a_persons_customers_are_those_of_the_company_and_workspace(room, of):
    await room.give_codes("U0ANNA", {3: ("Durham", "Leeds"), 2: ("Anna",)})
    company = room.companies["T0ACME"]
    mine = (await of(asker(room), company_pk=company)).own_customers
    assert mine == (Codes(2, ("Anna",)), Codes(3, ("Durham", "Leeds")))
    assert (await of(asker(room))).own_customers == mine, "the company of the workspace connection answers them"
    assert (await of(asker(room, "U0GEORGE"), company_pk=company)).own_customers == ()
    assert (await of(asker(room, team="T0OTHER"), company_pk=company)).own_customers == ()
    async with room.services.database.transaction() as tx:
        whose = {"workspace_id": room.workspace_id, "reason": "", "now": room.clock()}
        await connections.disconnect_all(tx, **whose)
        await tx.execute(update(Workspace).values(workspace_connection_id=None))
    assert (await of(asker(room))).own_customers == (), "no company answers them any more"


async def test_a_place_is_what_slack_says_it_is_now(room):
    await room.allow("figures")
    channels = room.slack.workspaces["T0ACME"].channels
    where, services = room.workspace_id, room.services
    given = {"database": services.database, "installations": services.installations}
    place = ChannelVisibility(**given, slack_directory=room.delivery)
    ours = room.companies["T0ACME"]
    assert await place.of(where, C_SALES, company_pk=ours) is Visibility.FIGURES
    assert (
        await place.of(room.workspaces["T0OTHER"], C_SALES, company_pk=room.companies["T0OTHER"]) is Visibility.STATUS
    )
    assert await place.of(where, C_SALES, company_pk=ours + 1_000) is Visibility.STATUS
    assert await place.of(where, C_SALES, company_pk=None) is Visibility.STATUS
    assert await place.of(where, "C0GENERAL", company_pk=ours) is Visibility.STATUS
    assert await place.of(where, "D0ANNA", company_pk=ours) is Visibility.PRIVATE
    assert await place.of(where, "C0NONE", company_pk=ours) is Visibility.CLOSED
    assert await place.of("nowhere", C_SALES, company_pk=ours) is Visibility.CLOSED
    channels[C_SALES].is_ext_shared = True
    assert await place.of(where, C_SALES, company_pk=ours) is Visibility.CLOSED
    channels[C_SALES].is_ext_shared = False
    room.slack.refuse_next("internal_error", method="conversations.info")
    assert await place.of(where, C_SALES, company_pk=ours) is Visibility.CLOSED


async def test_what_is_required_is_refused_with_words(room, of):
    with pytest.raises(NotConnected) as unconnected:
        (await of(asker(room))).require(Action.STATUS)
    assert "/sage connect" in unconnected.value.hint
    with pytest.raises(NotAllowed, match="Only an admin"):
        (await of(asker(room))).require(Action.SETTINGS)
    await room.give_role("U0ANNA", "controller")
    with pytest.raises(NotConnected, match="under your name"):
        (await of(asker(room))).require(Action.HOLD)
    with pytest.raises(NotAllowed, match="your own request"):
        (await of(asker(room))).require(Action.DECIDE_RELEASE, requested_by="U0ANNA")
    assert (await of(asker(room))).require(Action.SHARE, place=Visibility.BAND).shown is Shown.BAND


@pytest.mark.parametrize("others", [(), ("U0PRIYA",)])
async def test_two_admins_who_remove_each_other_do_not_both_succeed(room, of, others):
    services = room.services
    anna, george = asker(room), asker(room, "U0GEORGE")
    for user in ("U0ANNA", "U0GEORGE", *others):
        await room.give_role(user, "admin")
    both = [(await of(anna), george), (await of(george), anna)]
    done = await asyncio.gather(
        *(services.roles.give(session, other, None) for session, other in both), return_exceptions=True
    )
    assert len([each for each in done if isinstance(each, BotError)]) == 1
    async with services.database.reading() as tx:
        assert len(await workspaces.with_role(tx, workspace_id=room.workspace_id, role="admin")) == 1 + len(others)


async def test_a_list_and_a_summary_name_to_sales_people_only_their_own(room):
    await room.give_role("U0GEORGE", "sales")
    await room.give_codes("U0GEORGE", {3: ("Durham",)})
    books = {"workspace_id": room.workspace_id, "company_pk": room.companies["T0ACME"]}
    async with room.services.database.transaction() as tx:
        for number, region in ((1, "Durham"), (2, "Leeds")):
            analysis = {"3": region}
            await held.keep(tx, number, now=room.clock(), **books, analysis=analysis)
    gathered = [
        CHANGE_JSON.write(change(reference=name, analysis={3: region}))
        for name, region in (("NEW1", "durham"), ("NEW2", "x"))
    ]
    due = {"due_at": room.clock().isoformat(), "since": None, "late": False, "list": True}
    await room.row("digest", {**due, "counts": {"put_on_hold": 2}, "changes": gathered}, target="U0GEORGE")
    named = [{"customer_id": number, "reference": f"CUS00{number}", "name": "Ltd"} for number in (1, 2)]
    summary = {"kind": "put_on_hold", "count": 2, "customers": named, "seen_at": room.clock().isoformat()}
    await room.row("summary", summary, target="U0GEORGE")
    await room.run(seconds=10)
    posted = [message.text for message in room.posted("D0GEORGE")]
    assert len(posted) == 2
    for text in posted:
        assert "CUS001" in text
        assert "CUS002" not in text
        assert "NEW2" not in text
    assert "NEW1" in posted[0]


async def test_a_sign_in_counts_for_the_company_it_was_pointed_at_alone(desk):
    who = desk.asker()
    await desk.connect(who)
    pk = (await held.company_of(desk.services.database, who))["company_pk"]
    assert (await desk.session(who)).has_own_sign_in
    assert (await desk.session(who, company_pk=pk)).has_own_sign_in
    async with desk.services.database.transaction() as tx:
        books = {"edition": "professional", "site_id": "s9", "company_id": 9, "company_name": "B", "site_name": "B"}
        tx.add(another := CompanyRow(**books, workspace_id=who.workspace_id))
    for elsewhere in (another.id, another.id + 1):
        session = await desk.session(who, company_pk=elsewhere)
        assert not session.has_own_sign_in
        assert not session.member.has_own
    unchosen = desk.asker("U0TWO")
    code = (await desk.sign_in(unchosen, "priya@example.test")).code
    await desk.services.verification.verify(await desk.session(unchosen), code)
    assert not (await desk.session(unchosen)).has_own_sign_in
