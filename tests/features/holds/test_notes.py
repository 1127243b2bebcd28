"""The alert and the memo that a hold leaves in Sage: each once, taken back at the release, and never in its way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.coordination.background_tasks import BackgroundTasks
from bot.domain.hold_notes import HoldNotes, NoteKind
from bot.features.access.model.authorization import Role
from bot.features.access.service.sessions import Sessions
from bot.features.access.service.user_groups import UserGroups
from bot.features.holds.model import HoldAction, Outcome, closed_text, is_kept, note_text
from bot.features.holds.service.account_change import AccountWriter
from bot.features.holds.service.change_hold import ChangeHold
from bot.features.holds.service.later import ActingLater
from bot.features.holds.service.read_back import ReadBack
from bot.features.holds.service.write_notes import HoldNoteWriter
from bot.features.holds.views import hold_done
from storage.tables.holds import AuditEntry, HoldNote
from tests.features.connections.test_workspace_connection import grant
from tests.features.holds.test_change_hold import GEORGE, PRIYA, do, do_when_put, every, held, sync
from tests.features.release_requests.test_requests import FullMembers
from tests.notices import notices_in


async def prepare(desk):
    """Priya is an admin and George a controller, each with their own Sage ID; a hold leaves an alert and a memo."""
    await desk.connect(desk.asker("U0PRIYA"), PRIYA)
    await desk.services.connections.choose(await desk.session("U0PRIYA"), number=2)
    await desk.connect(desk.asker("U0GEORGE"), GEORGE)
    await grant(desk, "U0GEORGE", Role.CONTROLLER)
    await desk.services.settings.change(await desk.session("U0PRIYA"), "hold-notes both")
    await sync(desk)


class CutOff(BackgroundTasks):
    """A process that ends right after its answer, so that what was to follow is left to the job."""

    def start(self, work):
        work.close()


def noting(desk, work):
    """The desk with a writer of notes, to which Slack is FullMembers; what follows an answer runs in `work`."""
    services, slack = desk.services, {"slack_directory": FullMembers(), "clock": desk.clock}
    user_groups = UserGroups(installations=services.installations, **slack)
    sessions = Sessions(database=services.database, user_groups=user_groups, **slack)
    desk.writer = HoldNoteWriter(
        database=services.database,
        acting_later=ActingLater(installations=services.installations, sessions=sessions),
        connections=services.connections,
        audit=services.audit,
        work=work,
        clock=desk.clock,
    )
    kept = {"database": services.database, "clock": desk.clock}
    read_back = ReadBack(change_listener=services.alerts, interval=timedelta(minutes=5), **kept)
    writer = AccountWriter(read_back=read_back, audit=services.audit, **kept)
    changes = ChangeHold(connections=services.connections, writer=writer, notes=desk.writer)
    desk.product = replace(desk.product, services=replace(services, hold_changes=changes))
    return desk


@pytest.fixture
def acme(desk, prepared):
    return noting(desk, CutOff())


def books(desk):
    return desk.world.companies[0]


def alerts(desk):
    return [(row["alert_text"], row["is_active"]) for row in books(desk).alerts.values()]


def memos(desk):
    return [(row["note"], row["is_active"]) for row in books(desk).memos.values()]


def writes(desk):
    return [seen for seen in desk.sage.requests if seen.method in {"POST", "PUT"} and "customer_" in seen.path]


async def write(desk, **later):
    desk.clock.forward(**later)
    await desk.writer.write_due()


async def told(desk):
    return sorted(row.recipient for row in await notices_in(desk.services.database) if row.kind == "hold_note_failed")


HELD = "Cheque bounced (U0PRIYA, Slack)"


async def test_they_are_written_right_after_the_hold_and_taken_back_right_after_the_release(desk, prepared):
    work = BackgroundTasks()
    noting(desk, work)
    await do(desk)
    await work.drain(seconds=60)
    assert (alerts(desk), [is_active for _, is_active in memos(desk)]) == ([(f"On hold: {HELD}", True)], [True])
    await do(desk, HoldAction.RELEASE, "Paid", by="U0GEORGE")
    # The job comes at the same moment: one of them writes.
    await asyncio.gather(work.drain(seconds=60), desk.writer.write_due())
    assert (alerts(desk)[0][1], memos(desk)[0][1]) == (False, False)
    await write(desk, hours=1)
    assert (len(writes(desk)), {row.due_at for row in await every(desk, HoldNote)}) == (4, {None})
    record = [row.action for row in await every(desk, AuditEntry) if "of a hold" in row.action]
    assert len(record) == 4


async def test_a_hold_leaves_an_alert_and_a_memo_and_the_release_takes_both_back(acme):
    done = await do(acme)
    assert "an alert when an order is entered and as a memo" in hold_done(done).text
    assert (alerts(acme), memos(acme)) == ([], [])
    await write(acme)
    assert alerts(acme) == [(f"On hold: {HELD}", True)]
    shown = {name for name, value in next(iter(books(acme).alerts.values())).items() if value is True}
    assert shown == {"is_active", *(f"show_alert_for_{each}" for each in ("orders", "quotes", "proformas"))}
    [(memo, is_active)] = memos(acme)
    assert (memo.endswith(f": {HELD}"), is_active) == (True, True)
    record = [row.action for row in await every(acme, AuditEntry)][-2:]
    assert record == ["write the alert of a hold", "write the memo of a hold"]
    released = await do(acme, HoldAction.RELEASE, "Paid", by="U0GEORGE")
    assert "the alert and the memo are taken off" in hold_done(released).text
    await write(acme, seconds=60)
    assert alerts(acme) == [(f"On hold: {HELD}", False)]
    [(closed, is_active)] = memos(acme)
    assert (closed.startswith(memo), "Paid (U0GEORGE, Slack)" in closed, is_active) == (True, True, False)
    assert [seen.by for seen in writes(acme)] == [PRIYA, PRIYA, GEORGE, GEORGE]
    await write(acme, hours=1)
    assert len(writes(acme)) == 4
    # The next hold has the same alert, and a memo of its own.
    await do(acme, reason="Again")
    await write(acme)
    assert alerts(acme) == [("On hold: Again (U0PRIYA, Slack)", True)]
    assert [is_active for _, is_active in memos(acme)] == [False, True]


@pytest.mark.parametrize("lose", ["lose_answer", "answer_instead"])
async def test_an_answer_that_was_lost_makes_no_second_note(acme, lose):
    await do(acme)
    getattr(acme.sage.faults, lose)(times=2, contains="POST /")
    await write(acme)
    assert (len(alerts(acme)), len(memos(acme))) == (1, 1)
    # Released before it was tried again: what stands in Sage is known by its text.
    await do(acme, HoldAction.RELEASE, "Paid")
    await do(acme, reason="Another reason")
    await write(acme, minutes=30)
    await write(acme, minutes=30)
    assert alerts(acme) == [("On hold: Another reason (U0PRIYA, Slack)", True)]
    assert [is_active for _, is_active in memos(acme)] == [True]
    assert {row.due_at for row in await every(acme, HoldNote)} == {None}


async def test_a_note_that_sage_refuses_is_told_and_recorded_and_the_hold_stands(acme):
    books(acme).lacks |= {"customer_alerts"}
    assert (await do(acme)).outcome is Outcome.DONE
    await write(acme)
    assert (held(acme), alerts(acme), len(memos(acme))) == ((True, HELD), [], 1)
    assert await told(acme) == ["U0PRIYA"]
    assert "write the alert of a hold (failed)" in [row.action for row in await every(acme, AuditEntry)]
    await write(acme, days=1)
    assert await told(acme) == ["U0PRIYA"]


async def test_what_could_not_be_taken_back_is_told_to_admins_too(acme):
    await do(acme, by="U0GEORGE")
    await write(acme)
    await do(acme, HoldAction.RELEASE, "Paid", by="U0GEORGE")
    acme.sage_id.people[GEORGE].may_change_customers = False
    await write(acme, seconds=60)
    assert (held(acme)[0], alerts(acme)[0][1]) == (False, True)
    assert await told(acme) == ["U0GEORGE", "U0GEORGE", "U0PRIYA", "U0PRIYA"]


async def test_an_outage_is_waited_out(acme):
    await do(acme)
    acme.sage.faults.offline()
    await write(acme)
    acme.sage.faults.clear()
    await write(acme)
    assert alerts(acme) == []
    await write(acme, minutes=1)
    assert (len(alerts(acme)), len(memos(acme)), await told(acme)) == (1, 1, [])


async def test_released_in_sage_itself_the_notes_are_taken_back_once_it_is_seen(acme):
    await do(acme)
    await write(acme)
    await sync(acme)
    await write(acme)
    assert alerts(acme)[0][1]
    acme.world.release("ABS001", "By hand")
    await sync(acme)
    await write(acme)
    assert (alerts(acme)[0][1], memos(acme)[0][1]) == (False, False)
    assert "Released in Sage 200; seen on " in memos(acme)[0][0]
    assert len(writes(acme)) == 4


async def test_nothing_is_left_unless_an_admin_wants_it_and_what_was_left_is_taken_back(acme):
    await do(acme)
    await write(acme)
    await acme.services.settings.change(await acme.session("U0PRIYA"), "hold-notes off")
    await do(acme, HoldAction.RELEASE, "Paid")
    await write(acme, seconds=60)
    assert not alerts(acme)[0][1]
    done = await do(acme)
    await write(acme, seconds=60)
    assert (done.notes, alerts(acme)[0][1], len(memos(acme))) == ((), False, 1)


async def test_a_hold_whose_outcome_was_known_late_leaves_its_notes(acme):
    acme.sage.faults.lose_answer(contains="PUT /")
    asking = asyncio.create_task(do_when_put(acme))
    assert (await do(acme)).outcome is Outcome.UNKNOWN
    await asking
    acme.sage.faults.clear()
    await sync(acme)
    await acme.services.intent_recovery.settle(now=acme.clock())
    await write(acme)
    assert alerts(acme) == [(f"On hold: {HELD}", True)]


async def test_two_workers_write_it_once(acme):
    await do(acme)
    await asyncio.gather(acme.writer.write_due(), acme.writer.write_due())
    await write(acme, minutes=1)
    assert (len(alerts(acme)), len(memos(acme)), len(writes(acme))) == (1, 1, 2)


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [("off", []), ("alert", ["alert"]), ("memo", ["memo"]), ("both", ["alert", "memo"])],
)
def test_the_kinds_of_a_setting(wanted, kinds):
    assert list(HoldNotes(wanted).kinds) == kinds


def test_the_texts_fit_what_sage_stores():
    today = date(2026, 3, 2)
    written = f"{'x' * 240} (Priya Shah, Slack)"
    alert = note_text(NoteKind.ALERT, written, today)
    assert (len(alert), alert[:9], alert[-20:]) == (255, "On hold: ", " (Priya Shah, Slack)")
    memo = note_text(NoteKind.MEMO, written, today)
    assert closed_text(NoteKind.ALERT, alert, "Paid", today) == alert
    assert is_kept(memo, memo.replace("\n", " "))
    assert len(closed_text(NoteKind.MEMO, memo, "y" * 900, today)) == 1000
