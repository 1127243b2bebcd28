"""Holds and releases: as the acting person, once, read before and after, and never on a guess."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.coordination.lease import hold_lease
from bot.domain.company import key_of
from bot.errors import (
    AccountBusy,
    BadQuestion,
    NotAllowed,
    NotConnected,
    SageBusy,
    SageForbidden,
    SageMissing,
    SageUnavailable,
)
from bot.features.access.model.authorization import Role
from bot.features.holds.model import HoldAction, HoldVersion, Outcome
from bot.features.holds.service.account_change import company_of_change
from bot.features.holds.service.change_hold import HoldChange
from bot.features.holds.views import hold_done
from sandbox.sage200.customer_changes import through_code_page
from storage.tables.alerts import HoldEpisodeRow, SeenChange
from storage.tables.holds import AuditEntry
from storage.tables.holds import ChangeIntent as Row
from tests.features.connections.test_workspace_connection import grant

GEORGE, PRIYA = "george@example.test", "priya@example.test"


async def prepare(desk):
    """Priya is an admin and George a controller; the mirror has been read."""
    await desk.connect(desk.asker())
    await grant(desk, "U0GEORGE", Role.CONTROLLER)
    await sync(desk)


@pytest.fixture
def acme(desk, prepared):
    return desk


async def sync(desk):
    await desk.services.mirror.ensure(most=9)
    desk.clock.forward(seconds=400)
    for workspace_id, company_pk in await desk.services.mirror.due(most=9):
        assert await desk.services.mirror.sync(workspace_id=workspace_id, company_pk=company_pk)


def abs_id(desk):
    return desk.world.customer("ABS001")["id"]


async def do(desk, action=HoldAction.HOLD, reason="Cheque bounced", *, by="U0PRIYA", **more):
    change = HoldChange(action, more.pop("customer_id", abs_id(desk)), reason, **more)
    return await desk.services.hold_changes.change(await desk.session(by), change)


async def every(desk, table):
    async with desk.services.database.reading() as tx:
        return list(await tx.scalars(select(table).order_by(table.number if table is AuditEntry else table.id)))


def held(desk):
    row = desk.world.customer("ABS001")
    return row["on_hold"], row["status_reason"]


def puts(desk):
    return [seen for seen in desk.sage.requests if seen.method == "PUT"]


async def test_it_is_done_told_recorded_and_nobody_elses(acme):
    done = await do(acme)
    assert (done.outcome, done.before.on_hold, done.after.on_hold) == (Outcome.DONE, False, True)
    assert held(acme) == (True, "Cheque bounced (U0PRIYA, Slack)")
    [change] = await every(acme, SeenChange)
    assert (change.kind, change.by_user) == ("put_on_hold", "U0PRIYA")
    [stay] = [row for row in await every(acme, HoldEpisodeRow) if not row.already_held]
    assert (stay.opened_by, stay.closed_by, stay.closed_at) == ("U0PRIYA", None, None)
    await sync(acme)
    assert len(await every(acme, SeenChange)) == 1
    record = (await every(acme, AuditEntry))[-1]
    assert (record.who, record.action, record.before) == ("U0PRIYA", "hold", "not on hold")
    assert record.after == "on hold: Cheque bounced (U0PRIYA, Slack)"
    assert "£" not in record.what + record.before + record.after
    released = await do(acme, HoldAction.RELEASE, "Paid")
    assert released.outcome is Outcome.DONE
    assert [row.by_user for row in await every(acme, SeenChange)] == ["U0PRIYA", "U0PRIYA"]
    [stay] = [row for row in await every(acme, HoldEpisodeRow) if not row.already_held]
    assert (stay.opened_by, stay.closed_by, stay.ending) == ("U0PRIYA", "U0PRIYA", "Paid (U0PRIYA, Slack)")


async def test_twice_is_once(acme):
    first, second = await asyncio.gather(do(acme), do(acme), return_exceptions=True)
    outcomes = [each.outcome if not isinstance(each, Exception) else type(each) for each in (first, second)]
    assert outcomes in ([Outcome.DONE, AccountBusy], [AccountBusy, Outcome.DONE], [Outcome.DONE, Outcome.ALREADY])
    assert (await do(acme)).outcome is Outcome.ALREADY
    assert len(puts(acme)) == 1
    assert len(await every(acme, Row)) == 1


@pytest.mark.parametrize("lose", ["lose_answer", "answer_instead"])
async def test_an_answer_that_was_lost_after_it_was_done_is_read_back(acme, lose):
    getattr(acme.sage.faults, lose)(contains="PUT /")
    assert (await do(acme)).outcome is Outcome.DONE
    assert len(puts(acme)) == 1
    assert [row.by_user for row in await every(acme, SeenChange)] == ["U0PRIYA"]


async def test_a_change_that_never_arrived_is_not_claimed_nor_repeated(acme):
    acme.sage.faults.next(503, contains="PUT /")
    with pytest.raises(SageUnavailable):
        await do(acme)
    assert (held(acme)[0], len(puts(acme))) == (False, 1)
    assert [row.outcome for row in await every(acme, Row)] == [Outcome.NOT_DONE]
    assert (await every(acme, AuditEntry))[-1].action == "hold (not done)"
    # The same hold in Sage itself, later, is nobody's of ours.
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    await sync(acme)
    assert [row.by_user for row in await every(acme, SeenChange)] == [None]


async def test_what_cannot_be_read_back_is_not_known_and_the_mirror_tells_it_later(acme):
    acme.sage.faults.lose_answer(contains="PUT /")
    asking = asyncio.create_task(do_when_put(acme))
    done = await do(acme)
    await asking
    assert done.outcome is Outcome.UNKNOWN
    acme.sage.faults.clear()
    await sync(acme)
    assert [(row.kind, row.by_user) for row in await every(acme, SeenChange)] == [("put_on_hold", "U0PRIYA")]
    assert await acme.services.intent_recovery.settle(now=acme.clock()) == 1
    assert (await every(acme, AuditEntry))[-1].after.startswith("on hold")
    assert await acme.services.intent_recovery.settle(now=acme.clock()) == 0


async def do_when_put(desk):
    """Sage goes away as soon as it has been asked."""
    while not puts(desk):
        await asyncio.sleep(0)
    desk.sage.faults.offline()


@pytest.mark.parametrize(
    ("status", "error", "asked"),
    [(403, SageForbidden, 1), (429, SageBusy, 1), (404, SageMissing, 1)],
)
async def test_what_sage_refuses_is_not_done_and_said(acme, status, error, asked):
    acme.sage.faults.next(status, times=2, contains="PUT /", headers={"Retry-After": "9"} if status == 429 else None)
    with pytest.raises(error):
        await do(acme)
    assert (held(acme)[0], len(puts(acme))) == (False, asked)
    assert [row.outcome for row in await every(acme, Row)] == [Outcome.NOT_DONE]
    assert await every(acme, SeenChange) == []


async def test_without_the_right_in_sage_the_mend_says_which(acme):
    acme.sage_id.people[GEORGE].may_change_customers = False
    with pytest.raises(SageForbidden, match="change customers") as refused:
        await do(acme)
    assert "amend customer accounts" in refused.value.hint


async def test_a_sage_that_wants_name_and_reference_gets_them_as_they_are(acme):
    acme.sage.rules.requires_name_and_reference = True
    assert (await do(acme)).outcome is Outcome.DONE
    assert acme.world.customer("ABS001")["name"] == "ABS Garages Ltd"


async def test_changed_since_the_card_was_drawn_asks_again(acme):
    seen = HoldVersion(False)
    acme.world.put_on_hold("ABS001", "By hand")
    drawn = HoldVersion.of((await do(acme, HoldAction.HOLD, version=seen)).customer)
    acme.world.put_on_hold("ABS001", "Solicitors")
    done = await do(acme, HoldAction.RELEASE, "Paid", version=drawn)
    assert (done.outcome, held(acme)) == (Outcome.CHANGED_MEANWHILE, (True, "Solicitors"))
    assert puts(acme) == []
    again = await do(acme, HoldAction.RELEASE, "Paid", version=HoldVersion.of(done.customer))
    assert again.outcome is Outcome.DONE


@pytest.mark.parametrize("meanwhile", ["a limit", "a receipt", "another field"])
async def test_whatever_changed_since_the_card_was_drawn_is_shown_and_nothing_is_written(acme, meanwhile):
    seen = HoldVersion.of((await acme.services.customers.look_up(await acme.session(), "ABS001")).customer)
    acme.clock.forward(seconds=30)
    if meanwhile == "a limit":
        acme.world.set_limit("ABS001", 5000)
        changed = [("Credit limit", "£4,000.00", "£5,000.00")]
    elif meanwhile == "a receipt":
        acme.world.post_receipt("ABS001", "1464.16")
        changed = [("Balance", "£2,464.16", "£1,000.00")]
    else:
        acme.world.update("ABS001", website="example.test")
        changed = [("Last changed", "", "")]
    done = await do(acme, version=seen)
    assert (done.outcome, puts(acme), held(acme)[0]) == (Outcome.CHANGED_MEANWHILE, [], False)
    text = hold_done(done).text
    assert "Nothing was changed" in text
    for what, before, after in changed:
        assert f"{what}: {before}" in text
        assert f"→ {after}" in text
    again = await do(acme, version=HoldVersion.of(done.customer))
    assert again.outcome is Outcome.DONE


async def test_somebody_elses_hold_at_the_same_moment_is_not_ours(acme):
    acme.sage.faults.delay(60, contains="PUT /")
    asking = asyncio.create_task(do(acme))
    while not puts(acme):
        await asyncio.sleep(0)
    acme.world.put_on_hold("ABS001", "In Sage itself")
    acme.sage.faults.clear()
    acme.sage.faults.next(503, contains="PUT /")
    assert (await asking).outcome is Outcome.CHANGED_MEANWHILE
    await sync(acme)
    assert [row.by_user for row in await every(acme, SeenChange)] == [None]


@pytest.mark.parametrize(
    ("keeps", "kept"),
    [
        (
            through_code_page("cp1252"),
            "Cheque returned ?? by the bank in Köln, for the third time now (U0PRIYA, Slack)",
        ),
        (lambda reason: reason[:60], "Cheque returned 🚫 by the bank in Köln, for the third time no"),
        (
            lambda reason: f"{reason.upper()}   ",
            "CHEQUE RETURNED 🚫 BY THE BANK IN KÖLN, FOR THE THIRD TIME NOW (U0PRIYA, SLACK)",
        ),
        (lambda _: "", ""),
    ],
)
async def test_a_reason_that_sage_keeps_a_little_differently_is_done_and_shown_as_it_is_kept(acme, keeps, kept):
    acme.sage.rules.keeps_reason = keeps
    done = await do(acme, reason="Cheque returned 🚫 by the bank in Köln, for the third time now")
    assert (done.outcome, done.after.status_reason) == (Outcome.DONE, kept)
    text = hold_done(done).text
    assert "is on hold now" in text
    assert f"Sage 200 keeps the reason as: {kept or 'nothing'}" in text
    assert "somebody else" not in text
    record = (await every(acme, AuditEntry))[-1]
    assert (record.action, record.after) == ("hold", f"on hold: {kept}" if kept else "on hold")
    assert [row.by_user for row in await every(acme, SeenChange)] == ["U0PRIYA"]


async def test_what_a_dead_process_wrote_is_known_by_the_reason_as_sage_keeps_it(acme):
    acme.sage.rules.keeps_reason = through_code_page("cp1252")
    acme.sage.faults.lose_answer(contains="PUT /")
    asking = asyncio.create_task(do_when_put(acme))
    assert (await do(acme, reason="Returned 🚫 again")).outcome is Outcome.UNKNOWN
    await asking
    acme.sage.faults.clear()
    await sync(acme)
    assert [row.by_user for row in await every(acme, SeenChange)] == ["U0PRIYA"]


async def test_only_with_ones_own_sign_in_and_only_those_who_may(acme):
    with pytest.raises(NotConnected, match="under your name"):
        await do(acme, by="U0GEORGE")
    await grant(acme, "U0ANNA", Role.SALES)
    with pytest.raises(NotAllowed):
        await do(acme, by="U0ANNA")
    with pytest.raises(NotAllowed):
        await do(acme, by="U0NOBODY")
    change, elsewhere = HoldChange(HoldAction.HOLD, abs_id(acme), "x"), acme.asker("U0PRIYA", team_id="T0OTHER")
    with pytest.raises((NotAllowed, NotConnected)):
        await acme.services.hold_changes.change(await acme.session(elsewhere), change)
    assert puts(acme) == []


async def test_a_sign_in_that_was_changed_meanwhile_does_nothing(acme):
    sage = acme.services.connections.company_for(await acme.session())
    await acme.connect(acme.asker(), GEORGE)
    with pytest.raises(BadQuestion, match="just been changed"):
        await do(acme, sign_in=sage.sign_in.sign_in_id)
    async with acme.services.database.reading() as tx:
        with pytest.raises(BadQuestion, match="just been changed"):
            await company_of_change(tx, sage)
    assert puts(acme) == []


async def test_a_card_of_another_company_or_a_forged_id_does_nothing(acme):
    with pytest.raises(BadQuestion, match="another company"):
        await do(acme, company="professional x 1")
    with pytest.raises(SageMissing):
        await do(acme, customer_id=1)
    sage = acme.services.connections.company_for(await acme.session())
    assert (await do(acme, company=key_of(sage.company))).outcome is Outcome.DONE


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "x" * 201, "😀" * 101])
async def test_a_reason_is_needed_and_fits(acme, reason):
    with pytest.raises(BadQuestion):
        await do(acme, reason=reason)
    assert puts(acme) == []


async def test_so_much_owed_is_not_released_by_one_alone(acme):
    acme.world.put_on_hold("ABS001", "x")
    await acme.services.settings.change(await acme.session(), "second-approver 2000")
    with pytest.raises(NotAllowed, match="two have to"):
        await do(acme, HoldAction.RELEASE, "Paid")
    assert held(acme) == (True, "x")


async def test_a_mirror_that_is_busy_tells_it_itself_and_says_whose_it_was(acme):
    """The sync that has the turn may have read the account before us."""
    pk = (await every(acme, HoldEpisodeRow))[0].company_pk
    database = acme.services.database
    async with hold_lease(f"mirror {pk}", database=database, clock=acme.clock) as lease:
        assert lease is not None
        assert (await do(acme)).outcome is Outcome.DONE
        assert await every(acme, SeenChange) == []
    await sync(acme)
    assert [row.by_user for row in await every(acme, SeenChange)] == ["U0PRIYA"]
    acme.world.release("ABS001", "Sage")
    await sync(acme)
    acme.world.put_on_hold("ABS001", "Cheque bounced (U0PRIYA, Slack)")
    await sync(acme)
    assert [row.by_user for row in await every(acme, SeenChange)] == ["U0PRIYA", None, None]
