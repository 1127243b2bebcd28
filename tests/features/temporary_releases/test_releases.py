"""An account that was released for a time is on hold again once, as the person who agreed; or they are told why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.features.access.service.sessions import Sessions
from bot.features.access.service.user_groups import UserGroups
from bot.features.holds.model import HoldAction, Outcome
from bot.features.holds.service.change_hold import HoldChange
from bot.features.holds.service.later import ActingLater
from bot.features.temporary_releases.model import Terms
from bot.features.temporary_releases.service.releases import TemporaryReleases
from storage.tables.holds import TemporaryRelease
from tests.features.connections.test_workspace_connection import grant
from tests.features.holds.test_change_hold import GEORGE, PRIYA, abs_id, sync
from tests.features.release_requests.test_requests import FullMembers, rows
from tests.notices import notices_in


async def prepare(desk):
    """ABS001 is on hold for overdue debt; Priya is an admin, George a controller, each with their own Sage ID."""
    await desk.connect(desk.asker("U0PRIYA"), PRIYA)
    await desk.services.connections.choose(await desk.session("U0PRIYA"), number=2)
    await desk.connect(desk.asker("U0GEORGE"), GEORGE)
    await grant(desk, "U0GEORGE", "controller")
    desk.world.put_on_hold("ABS001", "Overdue")
    await sync(desk)


@pytest.fixture
def acme(desk, prepared):
    services, slack = desk.services, {"slack_directory": FullMembers(), "clock": desk.clock}
    user_groups = UserGroups(installations=services.installations, **slack)
    sessions = Sessions(database=services.database, user_groups=user_groups, **slack)
    desk.releases = TemporaryReleases(
        database=services.database,
        acting_later=ActingLater(installations=services.installations, sessions=sessions),
        connections=services.connections,
        hold_changes=services.hold_changes,
        audit=services.audit,
        clock=desk.clock,
    )
    return desk


async def release(desk, terms=None, user="U0GEORGE"):
    change = HoldChange(HoldAction.RELEASE, abs_id(desk), "Cheque is in")
    session = await desk.session(user)
    return await desk.releases.release(session, change, terms)


def friday(desk):
    today = desk.clock().date()
    return today + timedelta(days=(4 - today.weekday()) % 7 or 7)


async def pass_by(desk, **span):
    """So much time passes; what is due then is looked at."""
    desk.clock.forward(**span)
    for workspace_id, release_id in await desk.releases.due(most=10):
        await desk.releases.look(workspace_id=workspace_id, release_id=release_id)


def stands(desk):
    row = desk.world.customer("ABS001")
    return row["on_hold"], row["status_reason"]


async def states(desk):
    return [(row.state, row.outcome) for row in await rows(desk, TemporaryRelease)]


async def told(desk, kind):
    return sorted(row.recipient for row in await notices_in(desk.services.database) if row.kind == kind)


async def test_it_is_on_hold_again_once_as_the_person_who_agreed(acme):
    done = await release(acme, Terms(friday(acme)))
    assert (done.done.outcome, stands(acme)) == (Outcome.DONE, (False, "Cheque is in (U0GEORGE, Slack)"))
    await sync(acme)
    await pass_by(acme, hours=1)
    assert not stands(acme)[0]
    await pass_by(acme, days=8)
    assert stands(acme)[0]
    assert stands(acme)[1].startswith("Overdue; on hold again as agreed after a release until ")
    assert stands(acme)[1].endswith("(U0GEORGE, Slack)")
    assert acme.world.changes[-1].by == GEORGE
    await pass_by(acme, days=8)
    assert await states(acme) == [("done", "")]
    assert await told(acme, "hold_retaken") == ["U0GEORGE"]


async def test_put_on_hold_and_released_again_in_sage_meanwhile_it_is_left_alone(acme):
    await release(acme, Terms(friday(acme)))
    await sync(acme)
    acme.clock.forward(minutes=10)
    acme.world.put_on_hold("ABS001", "Disputed")
    await sync(acme)
    acme.clock.forward(minutes=10)
    acme.world.release("ABS001", "Settled")
    await sync(acme)
    await pass_by(acme, days=8)
    assert stands(acme) == (False, "Settled")
    assert await states(acme) == [("cancelled", "it was put on hold meanwhile")]


async def test_on_hold_already_it_keeps_the_reason_that_somebody_gave(acme):
    await release(acme, Terms(friday(acme)))
    acme.world.put_on_hold("ABS001", "Disputed")
    await pass_by(acme, days=8)
    assert stands(acme) == (True, "Disputed")
    assert await told(acme, "hold_retaken") == []


async def test_another_day_is_in_place_of_the_first_and_no_day_leaves_it_off_hold(acme):
    await release(acme, Terms(friday(acme)))
    extended = await release(acme, Terms(friday(acme) + timedelta(days=7)))
    assert extended.done.outcome is Outcome.ALREADY
    assert extended.terms is not None
    await pass_by(acme, days=8)
    assert not stands(acme)[0]
    assert (await release(acme)).stays
    await pass_by(acme, days=15)
    assert not stands(acme)[0]
    assert {state for state, _ in await states(acme)} == {"cancelled"}


async def test_an_account_that_was_not_on_hold_is_not_put_on_hold(acme):
    acme.world.release("ABS001", "Paid")
    assert (await release(acme, Terms(friday(acme)))).terms is None
    await pass_by(acme, days=8)
    assert not stands(acme)[0]


async def test_for_one_order_it_is_on_hold_again_once_that_is_entered(acme):
    await release(acme, Terms(order="one"))
    await pass_by(acme, minutes=11)
    assert not stands(acme)[0]
    acme.world.place_order("ABS001", 500)
    await pass_by(acme, minutes=11)
    assert stands(acme)[0]


async def test_an_order_that_never_comes_ends_with_the_next_working_day(acme):
    await release(acme, Terms(order="9999"))
    for _ in range(4):
        await pass_by(acme, days=1)
    assert stands(acme)[0]


async def test_where_it_cannot_be_done_the_person_and_the_admins_are_told_once_and_it_stays_listed(acme):
    await release(acme, Terms(friday(acme)))
    await acme.services.connections.disconnect(await acme.session("U0GEORGE"))
    await pass_by(acme, days=8)
    await pass_by(acme, days=8)
    assert not stands(acme)[0]
    assert [state for state, _ in await states(acme)] == ["failed"]
    assert await told(acme, "rehold_failed") == ["U0GEORGE", "U0PRIYA"]
    (held,) = await acme.releases.waiting(await acme.session("U0PRIYA"))
    assert (held.reference, bool(held.failed)) == ("ABS001", True)
    assert (await acme.services.home.of(await acme.session("U0PRIYA"))).off_hold == (held,)


async def test_what_could_not_be_put_on_hold_again_is_listed_until_somebody_leaves_it_off_hold(acme):
    await release(acme, Terms(friday(acme)))
    await acme.services.connections.disconnect(await acme.session("U0GEORGE"))
    await pass_by(acme, days=8)
    left = await release(acme, user="U0PRIYA")
    assert (left.done.outcome, left.stays) == (Outcome.ALREADY, True)
    assert await acme.releases.waiting(await acme.session("U0PRIYA")) == []
    assert await states(acme) == [("cancelled", "U0PRIYA left it off hold")]
    assert (await acme.services.home.of(await acme.session("U0PRIYA"))).off_hold == ()


async def test_it_is_on_hold_again_though_the_person_uses_another_company_by_then(acme):
    await release(acme, Terms(friday(acme)), user="U0PRIYA")
    await acme.services.connections.choose(await acme.session("U0PRIYA"), number=1)
    await pass_by(acme, days=8)
    assert stands(acme) == (True, acme.world.customer("ABS001")["status_reason"])
    assert await states(acme) == [("done", "")]


async def test_while_sage_is_away_it_is_tried_again(acme):
    await release(acme, Terms(friday(acme)))
    acme.sage.faults.offline()
    await pass_by(acme, days=8)
    assert await states(acme) == [("waiting", "")]
    acme.sage.faults.clear()
    await pass_by(acme, minutes=6)
    assert stands(acme)[0]


async def test_a_release_that_sage_refuses_leaves_nothing_to_come(acme):
    acme.sage_id.people[GEORGE].may_change_customers = False
    with pytest.raises(Exception, match="change customers"):
        await release(acme, Terms(friday(acme)))
    assert await states(acme) == [("cancelled", "the account was not released")]
