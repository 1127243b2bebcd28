"""Asking for a release: decided once, by somebody else, by two where much is owed, and told to whoever asked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.coordination.limits import REQUESTS_AN_HOUR
from bot.errors import BadQuestion, NotAllowed, NotConnected, SageForbidden, SageUnavailable, SlackPosting, TooMany
from bot.features.access.model.authorization import Membership
from bot.features.access.service.deciders import Deciders
from bot.features.access.service.sessions import Sessions
from bot.features.access.service.user_groups import UserGroups
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.customers.service.elsewhere import Elsewhere
from bot.features.customers.service.own_access import OwnAccess
from bot.features.delivery.service.outbox import Outbox
from bot.features.delivery.service.placement import PostedAt
from bot.features.holds.model import HoldAction, Outcome
from bot.features.holds.service.change_hold import HoldChange
from bot.features.holds.service.later import ActingLater
from bot.features.release_requests.model import GONE, ReleaseRequest, State, Wanted
from bot.features.release_requests.service.requests import ReleaseRequests
from bot.features.temporary_releases.service.releases import TemporaryReleases
from storage.queries.access import roles
from storage.queries.alerts import outbox as outbox_rows
from storage.queries.holds import release_requests as requests
from storage.tables.alerts import HoldEpisodeRow, MirroredCustomer, MirrorStateRow
from storage.tables.core import CompanyRow, Connection
from storage.tables.holds import AuditEntry, ReleaseRequestRow
from storage.tables.holds import ChangeIntent as DeedRow
from tests.features.connections.test_workspace_connection import grant
from tests.features.holds.test_change_hold import GEORGE, PRIYA, abs_id, held, puts, sync
from tests.notices import notices_in
from tests.welcomes import welcomes_of

REP, FIRST, SECOND = "U0ANNA", "U0GEORGE", "U0PRIYA"


class FullMembers:
    """Slack, as far as it is asked here: everybody is a full member but for the guests; and what people are told."""

    def __init__(self):
        self.guests, self.told = {"U0GARY"}, []
        self.groups, self.away, self.silent_groups, self.left = {}, False, False, set()
        self.asked_meanwhile, self.told_meanwhile = [], []

    async def group_members(self, bot, group_id, *, team_id):
        if self.away or self.silent_groups:
            raise SlackPosting("unreachable")
        return frozenset(self.groups[group_id])

    async def post(self, bot, post):
        await self._tell(post.content)
        return PostedAt(f"D{post.recipient}", str(len(self.told)))

    async def edit(self, bot, *, channel, ts, post):
        assert channel == f"D{post.recipient}"
        await self._tell(post.content)
        return True

    async def _tell(self, notice):
        if self.told_meanwhile:
            await self.told_meanwhile.pop()()
        self.told.append((notice.user_id, notice.kind, dict(notice.facts)))

    def stands(self, user):
        """How the request reads that was put before somebody last."""
        return [
            ReleaseRequest.of(facts) for who, kind, facts in self.told if who == user and kind != "release_answered"
        ][-1]

    async def membership(self, bot, user_id):
        if self.asked_meanwhile:
            await self.asked_meanwhile.pop()()
        if self.away:
            raise SlackPosting("unreachable")
        if user_id in self.left:
            raise SlackPosting("user_not_found", permanent=True, trouble=ChannelTrouble.LEFT)
        return Membership.GUEST if user_id in self.guests else Membership.MEMBER


async def prepare(desk):
    """ABS001 is on hold; Priya is an admin, George a controller, each with their own Sage ID, and Anna a rep."""
    await desk.connect(desk.asker(SECOND), PRIYA)
    await desk.services.connections.choose(await desk.session(SECOND), number=2)
    await desk.connect(desk.asker(FIRST), GEORGE)
    for user, role in ((FIRST, "controller"), (REP, "sales"), ("U0GARY", "controller")):
        await grant(desk, user, role)
    desk.world.put_on_hold("ABS001", "Overdue")
    await sync(desk)
    await desk.services.settings.change(await desk.session(), "sales-see all")


@pytest.fixture
def acme(desk, prepared):
    services, desk.slack = desk.services, FullMembers()
    database, installations = {"database": services.database}, {"installations": services.installations}
    clock, asking = {"clock": desk.clock}, {"slack_directory": desk.slack}
    user_groups = UserGroups(**installations, **asking, **clock)
    desk.sessions = Sessions(**database, user_groups=user_groups, **asking, **clock)
    named = {
        **database,
        **installations,
        **clock,
        "deciders": Deciders(**database, **installations, user_groups=user_groups, **asking),
        "sessions": desk.sessions,
        "elsewhere": Elsewhere(**database, connections=services.connections, sessions=desk.sessions),
        "own_access": OwnAccess(connections=services.connections, permission=services.permission),
        "connections": services.connections,
        "limit_changes": services.limit_changes,
        "audit": services.audit,
    }
    timed = {name: named[name] for name in ("database", "connections", "audit", "clock")}
    timed["acting_later"] = ActingLater(sessions=desk.sessions, **installations)
    desk.requests_with = lambda hold_changes: ReleaseRequests(
        hold_changes=hold_changes,
        temporary_releases=TemporaryReleases(hold_changes=hold_changes, **timed),
        **named,
    )
    desk.requests = desk.requests_with(services.hold_changes)
    desk.outbox = Outbox(
        sessions=desk.sessions,
        own_access=named["own_access"],
        posting=desk.slack,
        welcomes=welcomes_of(services, desk.slack),
        **database,
        **installations,
        **clock,
    )
    return desk


async def of(desk, user, **changes):
    """A session as a request of that person has it just now, with what Slack says here."""
    return await desk.sessions.of(desk.asker(user, **changes), now=desk.clock())


async def ask(desk, by=REP, reason="Cheque arrived", **more):
    return await desk.requests.ask(await of(desk, by), abs_id(desk), Wanted(reason), **more)


async def approve(desk, by=FIRST, number=1, reason=""):
    return await desk.requests.approve(await of(desk, by), number, reason)


async def rows(desk, table):
    async with desk.services.database.reading() as tx:
        return list(await tx.scalars(select(table).order_by(table.number if table is AuditEntry else table.id)))


async def told(desk):
    return [(row.recipient, row.kind) for row in await notices_in(desk.services.database)]


async def tell(desk):
    """Send what is due; what was told by it."""
    count = len(desk.slack.told)
    desk.clock.forward(seconds=1)
    for workspace_id, target_id in await desk.outbox.due(most=99):
        await desk.outbox.post_target(workspace_id=workspace_id, target_id=target_id)
    return [(user, kind) for user, kind, _ in desk.slack.told[count:]]


async def take_role(desk, user):
    async with desk.services.database.transaction() as tx:
        await roles.withdraw(tx, workspace_id=desk.workspaces["T0ACME"], user_id=user)


async def controllers_by_group(desk, *users):
    desk.slack.groups["S1"] = set(users)
    async with desk.services.database.transaction() as tx:
        given = {"group_id": "S1", "team_id": "T0ACME", "role": "controller", "granted_by": SECOND}
        await roles.grant_group(tx, workspace_id=desk.workspaces["T0ACME"], now=desk.clock(), **given)


async def test_those_who_may_decide_are_told_once_and_guests_never(acme):
    assert (await ask(acme)).is_news
    again = await ask(acme, by=FIRST)
    assert (again.is_news, again.request.number, again.request.asked_by) == (False, 1, REP)
    assert await told(acme) == [(FIRST, "release_asked"), (SECOND, "release_asked")]


async def test_approved_it_is_released_as_the_approver_and_whoever_asked_is_told(acme):
    await ask(acme)
    answer = await approve(acme, reason="Seen")
    assert (answer.is_news, answer.request.state, answer.done.outcome) == (True, State.APPROVED, Outcome.DONE)
    assert held(acme) == (False, "Seen (U0GEORGE, Slack)")
    assert (await told(acme))[-1] == (REP, "release_answered")
    late = await approve(acme, by=SECOND)
    assert (late.is_news, late.request.decided_by, len(puts(acme))) == (False, FIRST, 1)
    assert [row.action for row in await rows(acme, AuditEntry)][-3:] == [
        "ask for a release",
        "release",
        "approve a release",
    ]


async def test_two_who_decide_at_once_decide_once(acme):
    await ask(acme)
    answers = await asyncio.gather(approve(acme, FIRST), approve(acme, SECOND))
    assert sorted(each.is_news for each in answers) == [False, True]
    decline = acme.requests.decline(await of(acme, SECOND), 1, "No")
    assert (await decline).request.state is State.APPROVED
    assert len(puts(acme)) == 1
    assert [each[1] for each in await told(acme)].count("release_answered") == 1


async def test_nobody_decides_their_own_and_others_none(acme):
    await ask(acme, by=FIRST)
    with pytest.raises(NotAllowed, match="your own request"):
        await approve(acme, FIRST)
    with pytest.raises(NotAllowed, match="Only admins"):
        await approve(acme, REP)
    with pytest.raises(NotAllowed):
        await approve(acme, "U0NOBODY")
    with pytest.raises(NotAllowed):
        await acme.requests.approve(await of(acme, FIRST, team_id="T0OTHER"), 1)
    assert held(acme)[0]


async def test_above_the_set_value_two_others_approve(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    first = await approve(acme, FIRST)
    assert (first.is_news, first.request.state, first.request.first_by) == (True, State.OPEN, FIRST)
    assert (held(acme)[0], puts(acme)) == (True, [])
    with pytest.raises(BadQuestion, match="approved it already"):
        await approve(acme, FIRST)
    second = await approve(acme, SECOND)
    assert (second.request.state, held(acme)[0]) == (State.APPROVED, False)


async def test_a_first_approver_who_lost_the_role_counts_no_more(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    await acme.services.roles.give(await acme.session(), acme.asker(FIRST), None)
    assert (await approve(acme, SECOND)).request.first_by == SECOND
    assert held(acme)[0]


async def test_declined_withdrawn_and_lapsed(acme):
    await ask(acme)
    with pytest.raises(BadQuestion, match="add a reason"):
        await acme.requests.decline(await of(acme, FIRST), 1, " ")
    declined = await acme.requests.decline(await of(acme, FIRST), 1, "Not yet")
    assert (declined.request.state, declined.request.decision) == (State.DECLINED, "Not yet")
    await ask(acme)
    with pytest.raises(BadQuestion, match="no request number 2"):
        await acme.requests.withdraw(await of(acme, FIRST), 2)
    withdrawn = await acme.requests.withdraw(await of(acme, REP), 2)
    assert withdrawn.request.state is State.WITHDRAWN
    acme.clock.forward(minutes=11)
    await ask(acme)
    assert await acme.requests.expire(now=acme.clock()) == 0
    acme.clock.forward(days=6)
    assert await acme.requests.expire(now=acme.clock()) == 1
    assert await acme.requests.expire(now=acme.clock()) == 0
    assert [row.state for row in await rows(acme, ReleaseRequestRow)] == ["declined", "withdrawn", "expired"]
    assert [user for user, kind in await told(acme) if kind == "release_answered"] == [REP, REP]
    assert held(acme) == (True, "Overdue")


async def test_asked_and_taken_back_in_turn_it_messages_those_who_decide_once(acme):
    await ask(acme)
    await withdraw(acme)
    acme.clock.forward(minutes=4)
    with pytest.raises(TooMany) as refused:
        await ask(acme)
    assert refused.value.hint == "Try again in 6 minutes."
    await grant(acme, "U0RUTH", "sales")
    await acme.services.connections.status(await of(acme, REP))
    assert (await ask(acme, by="U0RUTH")).is_news  # a colleague's own request
    await acme.requests.decline(await of(acme, FIRST), 2, "No")
    acme.clock.forward(minutes=6)
    assert (await ask(acme)).is_news


async def test_a_member_makes_only_so_many_requests_within_an_hour(acme):
    for number in range(REQUESTS_AN_HOUR):
        await ask(acme)
        await acme.requests.decline(await of(acme, FIRST), number + 1, "No")
        acme.clock.forward(minutes=1)
    with pytest.raises(TooMany) as refused:
        await ask(acme)
    assert (refused.value.message, refused.value.hint) == (
        "You have made 10 requests within an hour.",
        "Try again in 50 minutes.",
    )
    acme.clock.forward(minutes=50)
    assert (await ask(acme)).is_news


async def test_leavers_and_guests_take_no_place_of_those_who_decide(acme):
    for number in range(40):
        await grant(acme, f"U000LEFT{number:02}", "controller")
        acme.slack.left.add(f"U000LEFT{number:02}")
    await ask(acme)
    assert (FIRST, "release_asked") in await told(acme)


async def test_without_a_sign_in_of_ones_own_it_stays_open(acme):
    await ask(acme)
    await acme.services.connections.disconnect(await acme.session(FIRST))
    with pytest.raises(NotConnected, match="under your name"):
        await approve(acme)
    assert [row.state for row in await rows(acme, ReleaseRequestRow)] == ["open"]
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_what_sage_does_not_do_leaves_it_open_and_free(acme):
    await ask(acme)
    acme.sage.faults.next(503, contains="PUT /")
    with pytest.raises(SageUnavailable):
        await approve(acme)
    acme.sage.faults.next(403, contains="PUT /")
    with pytest.raises(SageForbidden):
        await approve(acme)
    [row] = await rows(acme, ReleaseRequestRow)
    assert (row.state, row.claimed_by) == ("open", None)
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_released_in_sage_meanwhile_it_is_closed(acme):
    await ask(acme)
    acme.world.release("ABS001", "In Sage")
    answer = await approve(acme)
    assert (answer.request.state, answer.request.decision) == (State.EXPIRED, "It is off hold already.")
    assert puts(acme) == []
    with pytest.raises(BadQuestion, match="isn't on hold"):
        await ask(acme)


async def test_the_approvers_sage_id_must_open_the_requests_company_whichever_they_use(acme):
    await ask(acme)
    await acme.services.connections.disconnect(await acme.session(FIRST))
    await acme.connect(acme.asker(FIRST), PRIYA)
    await acme.services.connections.choose(await acme.session(FIRST), number=1)
    person = acme.sage_id.people[PRIYA]
    person.companies.remove(acme.world.companies[0].key)
    await acme.services.connections.companies(await acme.session(FIRST))
    with pytest.raises(BadQuestion, match="Your Sage ID doesn't open that company"):
        await approve(acme)
    assert held(acme)[0]
    person.companies.append(acme.world.companies[0].key)
    await acme.services.connections.companies(await acme.session(FIRST))
    assert (await approve(acme)).request.state is State.APPROVED


async def test_a_card_of_another_company_asks_for_nothing(acme):
    card = await acme.services.customers.by_id(await acme.session(SECOND), abs_id(acme))
    await acme.services.connections.choose(await acme.session(SECOND), number=1)
    with pytest.raises(BadQuestion, match="another company's card"):
        await ask(acme, by=SECOND, company=card.company_key)
    assert await rows(acme, ReleaseRequestRow) == []
    await acme.services.connections.choose(await acme.session(SECOND), number=2)
    assert (await ask(acme, by=SECOND, company=card.company_key)).is_news


async def test_a_hold_for_another_reason_is_not_what_was_asked_about(acme):
    await ask(acme)
    acme.world.put_on_hold("ABS001", "Legal dispute")
    answer = await approve(acme)
    assert (answer.request.state, answer.done.outcome) == (State.EXPIRED, Outcome.CHANGED_MEANWHILE)
    assert answer.done.customer.status_reason == "Legal dispute"
    assert (held(acme), puts(acme)) == ((True, "Legal dispute"), [])
    assert (await told(acme))[-1] == (REP, "release_answered")
    again = await ask(acme)
    assert (again.request.number, again.request.held_for) == (2, "Legal dispute")
    assert (await approve(acme, number=2)).request.state is State.APPROVED


async def test_nor_may_the_first_of_two_approve_another_hold(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    acme.world.put_on_hold("ABS001", "Legal dispute")
    assert (await approve(acme)).request.state is State.EXPIRED


async def test_a_first_approval_covers_no_more_than_was_owed_then(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    owed = acme.world.customer("ABS001")["balance"]
    acme.world.update("ABS001", balance=owed + 1000)
    again = await approve(acme, SECOND)
    assert (again.request.state, again.request.first_by, again.lapsed) == (State.OPEN, SECOND, FIRST)
    assert held(acme)[0]
    acme.world.update("ABS001", balance=owed + 900)
    assert (await approve(acme, FIRST)).request.state is State.APPROVED


class OwingMore:
    """Another invoice is posted just as Sage is about to be asked."""

    def __init__(self, desk):
        self.desk = desk

    def may(self, *given, **more):
        return self.desk.services.hold_changes.may(*given, **more)

    async def change(self, *given, **more):
        self.desk.world.update("ABS001", balance=90_000)
        return await self.desk.services.hold_changes.change(*given, **more)


async def test_one_approval_is_not_two_when_more_is_owed_a_moment_later(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 50000")
    await ask(acme)
    acme.requests = acme.requests_with(OwingMore(acme))
    with pytest.raises(NotAllowed, match="two have to"):
        await approve(acme)
    assert held(acme)[0]


async def test_an_approval_of_somebody_who_is_a_guest_since_counts_no_more(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    acme.slack.guests.add(FIRST)
    answer = await approve(acme, SECOND)
    assert (answer.request.state, answer.request.first_by, held(acme)[0]) == (State.OPEN, SECOND, True)


@pytest.mark.parametrize("silent", ["away", "silent_groups"])
async def test_a_first_approval_stays_while_slack_cannot_say_whether_it_counts(acme, silent):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    if silent == "silent_groups":
        await take_role(acme, FIRST)
        await controllers_by_group(acme, FIRST)
    setattr(acme.slack, silent, True)
    with pytest.raises(NotAllowed, match="Slack doesn't say at the moment"):
        await approve(acme, SECOND)
    [row] = await rows(acme, ReleaseRequestRow)
    assert (row.state, row.first_by, row.claimed_by, puts(acme)) == ("open", FIRST, None, [])
    setattr(acme.slack, silent, False)
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_a_first_approval_counts_however_many_may_decide(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    await controllers_by_group(acme, *(f"U0{number:03}" for number in range(40)))
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_where_one_may_release_alone_slack_is_not_needed_for_an_earlier_approval(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    await acme.services.settings.change(await acme.session(), "second-approver off")
    acme.slack.away = True
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def shares_a_sage_id(desk, user="U0SECOND", email=GEORGE):
    """Another Slack account, a controller's too, connected with a Sage ID that somebody else here is connected with."""
    await desk.connect(desk.asker(user), email)
    await grant(desk, user, "controller")
    return user


async def forget_who(desk, *users):
    """Sage ID doesn't say whose the sign-ins of these are."""
    async with desk.services.database.transaction() as tx:
        await tx.execute(update(Connection).where(Connection.user_id.in_(users)).values(subject_hash=None))


async def forget_who_asked(desk):
    async with desk.services.database.transaction() as tx:
        await tx.execute(update(ReleaseRequestRow).values(asked_subject=None))


async def test_two_slack_accounts_with_one_sage_id_are_one_approver(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    other = await shares_a_sage_id(acme)
    await ask(acme)
    await approve(acme, FIRST)
    with pytest.raises(BadQuestion, match="another Slack account with the same Sage ID"):
        await approve(acme, other)
    assert (held(acme)[0], puts(acme)) == (True, [])
    [row] = await rows(acme, ReleaseRequestRow)
    assert (row.state, row.claimed_by, row.first_by) == ("open", None, FIRST)
    assert (await approve(acme, SECOND)).request.state is State.APPROVED
    [row] = await rows(acme, ReleaseRequestRow)
    assert (row.asked_subject, row.first_subject) == (None, None)


async def test_nobody_decides_their_own_as_another_slack_account(acme):
    other = await shares_a_sage_id(acme)
    await ask(acme, by=other)
    with pytest.raises(NotAllowed, match="another Slack account with the same Sage ID"):
        await approve(acme, FIRST)
    # Nor after the account that asked is connected with another Sage ID, or with none.
    await acme.services.connections.disconnect(await acme.session(other))
    with pytest.raises(NotAllowed, match="same Sage ID"):
        await approve(acme, FIRST)
    [row] = await rows(acme, ReleaseRequestRow)
    assert (row.claimed_by, puts(acme)) == (None, [])
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_nor_where_whoever_asked_has_connected_only_afterwards(acme):
    await ask(acme)
    await acme.connect(acme.asker(REP), GEORGE)
    with pytest.raises(NotAllowed, match="same Sage ID"):
        await approve(acme, FIRST)
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_where_sage_id_says_of_nobody_who_they_are_two_slack_accounts_are_two(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await forget_who(acme, FIRST, SECOND)
    await ask(acme)
    await approve(acme, FIRST)
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_an_approver_who_is_not_known_beside_one_who_is_signs_in_again(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    await forget_who(acme, SECOND)
    with pytest.raises(BadQuestion, match="doesn't say who you are"):
        await approve(acme, SECOND)
    assert held(acme)[0]


async def test_a_first_approver_who_is_not_known_counts_no_more_beside_one_who_is(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await forget_who(acme, FIRST)
    await ask(acme)
    await approve(acme, FIRST)
    again = await approve(acme, SECOND)
    assert (again.request.state, again.request.first_by, held(acme)[0]) == (State.OPEN, SECOND, True)
    await acme.connect(acme.asker(FIRST), GEORGE)
    assert (await approve(acme, FIRST)).request.state is State.APPROVED


async def test_an_approver_who_is_not_known_may_have_asked_themselves(acme):
    await ask(acme, by=await shares_a_sage_id(acme))
    await forget_who(acme, SECOND)
    with pytest.raises(NotAllowed, match="doesn't say who you are"):
        await approve(acme, SECOND)


async def test_whoever_asked_and_is_not_known_may_be_an_approver_who_is(acme):
    await ask(acme, by=await shares_a_sage_id(acme))
    await forget_who(acme, "U0SECOND")
    await forget_who_asked(acme)
    with pytest.raises(NotAllowed, match="doesn't say who asked"):
        await approve(acme, FIRST)
    [row] = await rows(acme, ReleaseRequestRow)
    assert (row.claimed_by, puts(acme)) == (None, [])
    # Where Sage ID says of nobody who they are, there are the Slack accounts alone.
    await forget_who(acme, FIRST)
    assert (await approve(acme, FIRST)).request.state is State.APPROVED


async def test_a_first_approval_of_whoever_asked_counts_no_more(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    await acme.connect(acme.asker(REP), GEORGE)
    answer = await approve(acme, SECOND)
    assert (answer.request.state, answer.request.first_by, puts(acme)) == (State.OPEN, SECOND, [])


class Reconnecting:
    """The approver connects another Sage ID just as Sage is about to be asked."""

    def __init__(self, desk):
        self.desk = desk

    def may(self, *given, **more):
        return self.desk.services.hold_changes.may(*given, **more)

    async def change(self, *given, **more):
        await self.desk.connect(self.desk.asker(SECOND), GEORGE)
        return await self.desk.services.hold_changes.change(*given, **more)


async def test_connecting_another_sage_id_while_deciding_does_nothing_in_sage(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await approve(acme, FIRST)
    acme.requests = acme.requests_with(Reconnecting(acme))
    with pytest.raises(BadQuestion, match="sign-in for this has just been changed"):
        await approve(acme, SECOND)
    assert (held(acme)[0], puts(acme)) == (True, [])


async def test_who_may_decide_no_more_is_not_asked(acme):
    await ask(acme)
    await take_role(acme, FIRST)
    assert await tell(acme) == [(SECOND, "release_asked")]
    acme.clock.forward(days=1)
    assert await tell(acme) == []


async def test_what_stands_before_somebody_who_may_decide_no_more_is_taken_away(acme):
    await ask(acme)
    await tell(acme)
    await take_role(acme, FIRST)
    await acme.requests.decline(await of(acme, SECOND), 1, "Secret")
    assert await tell(acme) == [(FIRST, "release_hidden"), (SECOND, "release_shown"), (REP, "release_answered")]
    [facts] = [facts for user, _, facts in acme.slack.told if user == FIRST and _ == "release_hidden"]
    assert facts == {}


@pytest.mark.parametrize("gone", ["guests", "left"])
async def test_guests_and_those_who_left_are_told_nothing_more(acme, gone):
    await ask(acme)
    await tell(acme)
    getattr(acme.slack, gone).update({FIRST, REP})
    await acme.requests.decline(await of(acme, SECOND), 1, "Secret")
    assert await tell(acme) == [(FIRST, "release_hidden"), (SECOND, "release_shown")]


async def test_whoever_asked_and_may_ask_no_more_is_told_nothing(acme):
    await ask(acme)
    await tell(acme)
    await take_role(acme, REP)
    await acme.requests.decline(await of(acme, SECOND), 1, "Secret")
    assert (REP, "release_answered") not in await tell(acme)


async def test_where_slack_cannot_say_who_somebody_is_it_waits(acme):
    await ask(acme)
    acme.slack.away = True
    for _ in range(10):
        assert await tell(acme) == []
        acme.clock.forward(minutes=15)
    acme.slack.away = False
    assert sorted(await tell(acme)) == [(FIRST, "release_asked"), (SECOND, "release_asked")]


async def test_where_slack_cannot_say_who_is_in_a_group_it_waits(acme):
    """A role by a user group isn't lost because Slack is silent: nothing is taken away for it."""
    await controllers_by_group(acme, "U0GREG")
    await ask(acme)
    assert ("U0GREG", "release_asked") in await tell(acme)
    acme.clock.forward(minutes=10)
    acme.slack.silent_groups = True
    await acme.requests.decline(await of(acme, SECOND), 1, "No")
    assert "U0GREG" not in [user for user, _ in await tell(acme)]
    acme.slack.silent_groups = False
    acme.clock.forward(minutes=10)
    assert ("U0GREG", "release_shown") in await tell(acme)


async def test_a_first_approval_that_lapses_and_comes_again_is_shown_again(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await tell(acme)
    await approve(acme, FIRST)
    assert await tell(acme) == [(FIRST, "release_shown"), (SECOND, "release_shown")]
    acme.world.update("ABS001", balance=acme.world.customer("ABS001")["balance"] + 1000)
    acme.clock.forward(seconds=1)
    assert (await approve(acme, FIRST)).lapsed == FIRST
    assert await tell(acme) == [(FIRST, "release_shown"), (SECOND, "release_shown")]


async def test_an_edit_that_was_not_made_yet_is_not_made_after_a_later_one(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await tell(acme)
    await approve(acme, FIRST)
    acme.slack.away = True
    assert await tell(acme) == []
    acme.slack.away = False
    await approve(acme, SECOND)
    acme.clock.forward(minutes=30)
    await tell(acme)
    shown = [ReleaseRequest.of(facts).state for _, kind, facts in acme.slack.told if kind == "release_shown"]
    assert shown == ["approved", "approved"]


async def test_what_was_called_off_while_it_was_being_sent_is_not_put_off(acme):
    await ask(acme)
    (workspace_id, target_id), *_ = await acme.outbox.due(most=9)
    turn, now = outbox_rows.Turn(workspace_id, target_id, "me"), acme.clock()
    put_off = {"due_at": acme.clock(), "failure": "ratelimited", "in_doubt": False}
    async with acme.services.database.transaction() as tx:
        (claimed,) = await outbox_rows.claim(tx, [turn], now=now, until=now, barred=())
        await outbox_rows.call_off(tx, workspace_id=workspace_id, prefix="release:", failure="decided")
        assert not await outbox_rows.reschedule(tx, row_id=claimed.row.id, owner="me", **put_off)
    assert await acme.outbox.due(most=9) == []


async def withdraw(desk):
    await desk.requests.withdraw(await of(desk, REP), 1)


async def test_what_was_called_off_while_slack_was_asked_who_they_are_is_not_told(acme):
    await ask(acme)
    acme.slack.asked_meanwhile.append(lambda: withdraw(acme))
    assert await tell(acme) == []


async def test_what_was_called_off_on_its_way_is_corrected_where_it_stands(acme):
    await ask(acme)
    acme.slack.told_meanwhile.append(lambda: withdraw(acme))
    assert await tell(acme) == [(FIRST, "release_asked")]
    [row] = [row for row in await notices_in(acme.services.database) if row.due_at is not None]
    assert (row.recipient, row.channel, row.message_ts) == (FIRST, "DU0GEORGE", "1")
    assert await tell(acme) == [(FIRST, "release_shown")]
    assert acme.slack.stands(FIRST).state == "withdrawn"
    assert await tell(acme) == []


@pytest.mark.parametrize("when", ["asked_meanwhile", "told_meanwhile"])
async def test_what_was_half_approved_meanwhile_says_so(acme, when):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    getattr(acme.slack, when).append(lambda: approve(acme, FIRST))
    for _ in range(2):
        await tell(acme)
    assert [acme.slack.stands(user).first_by for user in (FIRST, SECOND)] == [FIRST, FIRST]
    assert await tell(acme) == []


async def test_an_older_edit_that_lands_after_a_newer_one_is_undone(acme):
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    await ask(acme)
    await tell(acme)
    await approve(acme, FIRST)

    async def overtaken():
        await approve(acme, SECOND)
        acme.clock.forward(seconds=61)  # another process takes the turn over
        await tell(acme)

    acme.slack.told_meanwhile.append(overtaken)
    await tell(acme)
    assert acme.slack.stands(FIRST).state == "open"
    await tell(acme)
    assert [acme.slack.stands(user).state for user in (FIRST, SECOND)] == ["approved", "approved"]
    assert await tell(acme) == []


async def outcome(desk):
    return [(row.state, row.decision, row.decided_by) for row in await rows(desk, ReleaseRequestRow)]


RELEASED = ("expired", "It was released in the meantime.", "")
STILL_OPEN = ("open", "", None)


async def test_released_in_sage_it_is_closed_once_and_whoever_asked_is_told(acme):
    await ask(acme)
    acme.clock.forward(seconds=5)
    assert await acme.requests.expire(now=acme.clock()) == 0
    acme.world.release("ABS001", "In Sage")
    assert await acme.requests.expire(now=acme.clock()) == 0
    await sync(acme)
    assert await acme.requests.expire(now=acme.clock()) == 1
    assert await acme.requests.expire(now=acme.clock()) == 0
    assert await outcome(acme) == [RELEASED]
    assert [user for user, kind in await told(acme) if kind == "release_answered"] == [REP]


async def test_a_release_that_a_pass_saw_which_had_begun_before_is_told_by_the_next(acme):
    await ask(acme)
    [row] = await rows(acme, ReleaseRequestRow)
    which = {"workspace_id": row.workspace_id, "company_pk": row.company_pk}
    acme.world.release("ABS001", "In Sage")
    acme.clock.forward(seconds=-1)
    assert await acme.services.mirror.sync(**which)
    acme.clock.forward(seconds=10)
    assert await acme.requests.expire(now=acme.clock()) == 0  # as old as the copy is, it may have been held since
    assert await acme.services.mirror.sync(**which)
    assert await acme.requests.expire(now=acme.clock()) == 1
    assert await outcome(acme) == [RELEASED]


@pytest.mark.parametrize("unlike", ["customer_id", "company_pk", "workspace_id", "on_hold", "synced_at", "none"])
async def test_only_its_own_customer_not_on_hold_in_a_later_copy_says_so(acme, unlike):
    await ask(acme)
    [row] = await rows(acme, ReleaseRequestRow)
    await acme.services.connections.choose(await acme.session(SECOND), number=1)
    await acme.services.mirror.ensure(most=9)
    other = {"customer_id": row.customer_id + 1, "workspace_id": acme.workspaces["T0OTHER"]}
    other["company_pk"] = next(each.id for each in await rows(acme, CompanyRow) if each.id != row.company_pk)
    async with acme.services.database.transaction() as tx:
        later = acme.clock() + timedelta(seconds=0 if unlike == "synced_at" else 1)
        await tx.execute(update(MirrorStateRow).values(synced_at=later))
        await tx.execute(update(MirroredCustomer).values(on_hold=unlike == "on_hold"))
        if unlike in other:
            await tx.execute(update(ReleaseRequestRow).values({unlike: other[unlike]}))
            mirrored = MirroredCustomer.customer_id == other["customer_id"]
            await tx.execute(update(MirroredCustomer).where(mirrored).values(on_hold=True))
    assert await acme.requests.expire(now=acme.clock()) == (1 if unlike == "none" else 0)


@pytest.mark.parametrize("used", [None, -2, 2])
async def test_a_release_through_us_that_had_begun_before_counts_unless_it_was_seen_before(acme, used):
    await ask(acme)
    [row] = await rows(acme, ReleaseRequestRow)
    own = {"workspace_id": row.workspace_id, "company_pk": row.company_pk, "customer_id": row.customer_id}
    by = {"reference": "ABS001", "user_id": SECOND, "on_hold": False, "reason": "Paid", "outcome": "done"}
    moment = acme.clock()
    seen = moment + timedelta(seconds=used) if used is not None else None
    began, settled = moment - timedelta(seconds=5), moment + timedelta(seconds=5)
    async with acme.services.database.transaction() as tx:
        tx.add(DeedRow(**own, **by, began_at=began, completed_at=settled, attributed_at=seen))
    assert await acme.requests.expire(now=acme.clock()) == (0 if used == -2 else 1)


async def test_where_the_account_was_deleted_it_says_so(acme):
    await ask(acme)
    [row] = await rows(acme, ReleaseRequestRow)
    acme.clock.forward(seconds=5)
    acme.world.remove("ABS001")
    assert await acme.services.mirror.reconcile(workspace_id=row.workspace_id, company_pk=row.company_pk)
    assert await acme.requests.expire(now=acme.clock()) == 1
    assert await outcome(acme) == [("expired", "The account is not in Sage 200 any more.", "")]


async def test_whoever_approves_is_told_that_the_account_was_deleted(acme):
    await ask(acme)
    acme.world.remove("ABS001")
    answer = await approve(acme)
    assert (answer.request.state, answer.request.decision) == (State.EXPIRED, GONE)


async def release_directly(desk):
    change = HoldChange(HoldAction.RELEASE, abs_id(desk), "Paid")
    assert (await desk.services.hold_changes.change(await desk.session(SECOND), change)).outcome is Outcome.DONE


async def test_released_through_us_it_is_closed_though_no_mirror_has_seen_it(acme):
    await ask(acme)
    acme.clock.forward(days=2)  # the mirror was away so long that it tells by itself
    await release_directly(acme)
    assert await acme.requests.expire(now=acme.clock()) == 1
    assert await outcome(acme) == [RELEASED]


async def test_a_hold_after_that_release_is_not_what_was_asked_about(acme):
    await ask(acme)
    acme.clock.forward(seconds=5)
    await release_directly(acme)
    acme.world.put_on_hold("ABS001", "Overdue")
    await sync(acme)
    again = await ask(acme)
    assert (again.is_news, again.request.number) == (False, 1)
    assert await acme.requests.expire(now=acme.clock()) == 1
    assert (await ask(acme)).request.number == 2
    acme.clock.forward(seconds=5)
    # What ended before it was asked about says nothing of the hold that it is about.
    assert await acme.requests.expire(now=acme.clock()) == 0
    assert await outcome(acme) == [RELEASED, STILL_OPEN]


async def test_what_somebody_is_deciding_is_left_to_them(acme):
    await ask(acme)
    acme.clock.forward(seconds=5)
    await release_directly(acme)
    which = {"workspace_id": acme.workspaces["T0ACME"], "number": 1}
    until = acme.clock() + timedelta(minutes=5)
    async with acme.services.database.transaction() as tx:
        assert await requests.claim(tx, **which, by=FIRST, now=acme.clock(), until=until)
    assert await acme.requests.expire(now=acme.clock()) == 0
    acme.clock.forward(minutes=6)
    assert await acme.requests.expire(now=acme.clock()) == 1


async def test_what_was_not_done_releases_nothing(acme):
    await ask(acme)
    acme.clock.forward(seconds=5)
    acme.sage.faults.next(403, contains="PUT /")
    with pytest.raises(SageForbidden):
        await release_directly(acme)
    assert await acme.requests.expire(now=acme.clock()) == 0
    assert await outcome(acme) == [STILL_OPEN]


@pytest.mark.parametrize("unlike", ["customer_id", "company_pk", "workspace_id", "none"])
@pytest.mark.parametrize("kind", ["stay", "deed"])
async def test_what_happened_to_another_account_releases_nothing(acme, kind, unlike):
    await ask(acme)
    [row] = await rows(acme, ReleaseRequestRow)
    acme.clock.forward(seconds=5)
    await acme.services.connections.choose(await acme.session(SECOND), number=1)
    own = {"workspace_id": row.workspace_id, "company_pk": row.company_pk, "customer_id": row.customer_id}
    other = {"customer_id": row.customer_id + 1, "workspace_id": acme.workspaces["T0OTHER"]}
    other["company_pk"] = next(each.id for each in await rows(acme, CompanyRow) if each.id != row.company_pk)
    whose = {**own, **({} if unlike == "none" else {unlike: other[unlike]})}
    moment = acme.clock()
    async with acme.services.database.transaction() as tx:
        if kind == "stay":
            ended = {"opened_at": moment, "closed_at": moment, "reason": "", "ending": "", "already_held": False}
            tx.add(HoldEpisodeRow(**whose, **ended))
        else:
            by = {"reference": "ABS001", "user_id": SECOND, "on_hold": False, "reason": "Paid"}
            tx.add(DeedRow(**whose, **by, began_at=moment, completed_at=moment, outcome="done"))
    assert await acme.requests.expire(now=acme.clock()) == (1 if unlike == "none" else 0)
