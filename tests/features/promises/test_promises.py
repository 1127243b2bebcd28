"""Promises are judged by what Sage received since, disputes count once accepted, and notes stay with the customer."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.domain.debt.debts import DebtItem, ItemKind, debt_on, set_off
from bot.domain.debt.promise import PromiseState
from bot.domain.json_column import CHANGE_JSON
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Shown
from bot.features.access.service.deciders import Deciders
from bot.features.card.model.order_check import OrderReason, OrderVerdict, amount
from bot.features.card.views.card import customer_card
from bot.features.customers.model.lookup import CustomerCard
from bot.features.overdue.views.list import overdue_answer
from bot.features.personal_data.service.personal_data import Subject
from bot.features.promises.model.promise_typed import parse_dispute, parse_promise, refuse_beyond
from bot.features.promises.service.disputes import Disputes
from storage.queries import promises as rows
from storage.queries.mirror import open_items
from storage.tables.alerts import SeenChange
from storage.tables.holds import AuditEntry
from storage.tables.promises import DebtNoteRow, DisputeRow, PromiseRow
from tests import mirrored_company
from tests.builders import customer
from tests.features.connections.test_workspace_connection import grant
from tests.features.mirror.synced_companies import mirror_desk
from tests.features.release_requests.test_requests import FullMembers
from tests.notices import notices_in
from tests.slack.gate import passes

ANNA, GEORGE = "U0ANNA", "U0GEORGE"


class Ledger:
    """Priya is an admin, George a controller, Anna in sales; LATE01 owes 600.00 that fell due 45 days ago."""

    def __init__(self, books):
        self.books, self.desk, self.world = books, books.desk, books.world
        self.services = self.desk.services
        # Asking Slack who may decide needs a Slack that answers.
        slack = FullMembers()
        installations = self.services.installations
        user_groups = self.services.sessions._user_groups
        deciders = Deciders(
            database=self.services.database,
            installations=installations,
            user_groups=user_groups,
            slack_directory=slack,
        )
        self.disputes = Disputes(
            database=self.services.database,
            connections=self.services.connections,
            deciders=deciders,
            audit=self.services.audit,
            clock=self.desk.clock,
        )

    @property
    def today(self):
        return self.desk.clock().date()

    def at(self, day, hour=9):
        self.desk.clock.now = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(
            hours=hour
        )

    async def card(self, user="U0PRIYA", reference="LATE01"):
        found = await self.services.customers.look_up(await self.desk.session(user), reference)
        assert isinstance(found, CustomerCard)
        return found

    async def promise(self, typed, user="U0PRIYA", reference="LATE01"):
        card = await self.card(user, reference)
        said = parse_promise(typed, card.customer, self.today)
        return await self.services.promises.note(await self.desk.session(user), card, said)

    async def dispute(self, typed, user="U0PRIYA"):
        card = await self.card(user)
        return await self.disputes.dispute(await self.desk.session(user), card, parse_dispute(typed, card.customer))

    async def resolve(self, typed, user="U0PRIYA"):
        card = await self.card(user)
        return await self.disputes.resolve(await self.desk.session(user), card, parse_dispute(typed, card.customer))

    async def judge(self):
        """Sync, and do what is due then, as the worker would."""
        await self.books.sync(after=1)
        return await self.look()

    async def look(self):
        due = await self.services.promise_judge.due(most=9)
        for workspace_id, company_pk in due:
            await self.services.promise_judge.judge(workspace_id=workspace_id, company_pk=company_pk)
        return len(due)

    async def states(self):
        return [row.state for row in await self.every(PromiseRow)]

    async def every(self, table):
        async with self.services.database.reading() as tx:
            key = table.number if table is AuditEntry else table.id
            return list(await tx.scalars(select(table).order_by(key)))

    async def told(self):
        return [
            (row.recipient, row.kind, row.facts.get("state")) for row in await notices_in(self.services.database)
            if row.kind.startswith(("promise", "dispute"))
        ]  # fmt: skip

    async def verdict(self, user="U0PRIYA"):
        found = await self.services.debts.check_order(
            await self.desk.session(user), await self.card(user), amount("10")
        )
        return found.decision, set(found.reasons), found.lateness

    async def stored(self):
        """The customer's row in the mirror of debts."""
        customer = self.world.customer("LATE01")["id"]
        async with self.services.database.reading() as tx:
            return (await open_items.debts_of(tx, **self.books.books.named, ids=[customer]))[customer]

    def document(self, number):
        return f"INV{number}"


async def prepare(desk):
    books = await mirror_desk(desk)
    for user, role in ((GEORGE, "controller"), (ANNA, "sales")):
        await grant(desk, user, role)
    made = Ledger(books)
    made.at("2026-03-02")
    books.world.add(
        reference="LATE01",
        name="Late & <Sons>",
        payment_terms_days=30,
        credit_limit=Decimal(9000),
        analysis_code_3="North",
    )
    books.world.post_invoice("LATE01", "600.00", due=made.today - timedelta(days=45))
    assert await books.sync()


@pytest.fixture
async def ledger(desk, prepared):
    made = Ledger(await mirror_desk(desk))
    company = made.world.companies[0]
    [made.invoice] = company.transactions_of[made.world.customer("LATE01")["id"]]
    return made


async def test_what_comes_in_two_parts_keeps_a_promise(ledger):
    """Case 25, first: 300 and 200."""
    ledger.at("2026-03-09")
    noted = await ledger.promise("500 by Friday Jane")
    assert (noted.promise.due, noted.last_day) == ("2026-03-13", date(2026, 3, 17))
    ledger.world.post_receipt("LATE01", 300)
    ledger.at("2026-03-10")
    await ledger.judge()
    assert await ledger.states() == ["open"]
    ledger.world.post_receipt("LATE01", 200)
    ledger.at("2026-03-12")
    await ledger.judge()
    assert await ledger.states() == ["kept"]
    assert await ledger.told() == [("U0PRIYA", "promise_judged", "kept")]
    assert await ledger.look() == 0  # nothing moved, so nobody is asked again


async def test_a_pound_less_keeps_it_and_two_do_not(ledger):
    ledger.at("2026-03-09")
    await ledger.promise("500 by Friday")
    ledger.world.post_receipt("LATE01", "498.99")
    await ledger.judge()
    assert await ledger.states() == ["open"]
    ledger.world.post_receipt("LATE01", "0.01")
    await ledger.judge()
    assert await ledger.states() == ["kept"]


async def test_too_little_breaks_it_once_two_working_days_are_over(ledger):
    """Case 25, second: 300 by Friday 13 March is broken after Tuesday 17th, in the workspace's own zone."""
    ledger.at("2026-03-09")
    await ledger.promise("500 by Friday Jane")
    ledger.world.post_receipt("LATE01", 300)
    ledger.at("2026-03-17", 23)
    await ledger.judge()
    assert await ledger.states() == ["open"]
    ledger.at("2026-03-18", 0)
    assert await ledger.look() == 1
    assert await ledger.states() == ["broken"]
    assert await ledger.told() == [("U0PRIYA", "promise_judged", "broken")]
    [change] = [row for row in await ledger.every(SeenChange) if row.kind.startswith("promise")]
    assert (change.kind, CHANGE_JSON.read(change.facts).amount) == ("promise_broken", 500)


async def test_a_refund_within_the_grace_opens_it_again_and_breaks_it(ledger):
    """Case 25, third: 500, then P 500."""
    ledger.at("2026-03-09")
    await ledger.promise("500 by Friday")
    ledger.world.post_receipt("LATE01", 500)
    await ledger.judge()
    assert await ledger.states() == ["kept"]
    ledger.world.post_refund("LATE01", 500)
    ledger.at("2026-03-16")
    await ledger.judge()
    assert await ledger.states() == ["open"]
    ledger.at("2026-03-18")
    await ledger.judge()
    assert await ledger.states() == ["broken"]
    assert [state for _, _, state in await ledger.told()] == ["kept", "open", "broken"]


async def test_what_bounces_after_the_grace_leaves_it_kept(ledger):
    ledger.at("2026-03-09")
    await ledger.promise("500 by Friday")
    ledger.world.post_receipt("LATE01", 500)
    ledger.at("2026-03-18")
    await ledger.judge()
    ledger.world.post_refund("LATE01", 500)
    await ledger.judge()
    assert await ledger.states() == ["kept"]


async def test_easter_is_no_working_day(ledger):
    """Case 26: promised for Thursday 2 April 2026, broken after Wednesday 8th."""
    ledger.at("2026-03-30")
    noted = await ledger.promise("500 by 2 April")
    assert noted.last_day == date(2026, 4, 8)
    ledger.at("2026-04-08", 22)
    await ledger.judge()
    assert await ledger.states() == ["open"]
    ledger.at("2026-04-08", 23)  # midnight in London, where the clocks have gone forward
    await ledger.look()
    assert await ledger.states() == ["broken"]


async def test_a_promise_of_all_that_is_late_asks_and_a_broken_one_stops(ledger):
    """Case 27."""
    decision, reasons, _ = await ledger.verdict()
    assert decision is OrderVerdict.STOP
    await ledger.promise("600 by tomorrow Jane")
    decision, reasons, lateness = await ledger.verdict()
    assert (decision, OrderReason.LATE_PROMISED in reasons) == (OrderVerdict.ASK, True)
    assert (lateness.promised, lateness.promised_by, lateness.promised_who) == (600, date(2026, 3, 3), "Jane")
    ledger.at("2026-03-06")
    await ledger.judge()
    decision, reasons, lateness = await ledger.verdict()
    assert decision is OrderVerdict.STOP
    assert {OrderReason.LATE_STOP, OrderReason.BROKEN} <= reasons
    assert (lateness.promised, lateness.broken_since) == (0, date(2026, 3, 3))


async def test_what_was_received_before_keeps_nothing_also_if_it_is_dated_today(ledger):
    ledger.world.post_receipt("LATE01", 100)
    await ledger.promise("100 by tomorrow")
    ledger.world.post_invoice("LATE01", 10)  # the balance moves, so that it is judged
    await ledger.judge()
    assert await ledger.states() == ["open"]
    ledger.world.post_receipt("LATE01", 100, dated=ledger.today - timedelta(days=3))  # the bank's day
    await ledger.judge()
    assert await ledger.states() == ["kept"]


async def test_no_money_keeps_two_promises(ledger):
    ledger.at("2026-03-09")
    await ledger.promise("300 by Friday")
    await ledger.promise("300 by 30 March")
    ledger.world.post_receipt("LATE01", 300)
    await ledger.judge()
    assert await ledger.states() == ["kept", "open"]
    ledger.at("2026-03-20")  # the first one is past its grace, and its money is spent all the same
    await ledger.judge()
    assert await ledger.states() == ["kept", "open"]


async def test_nothing_owed_without_a_receipt_is_settled_otherwise(ledger):
    await ledger.promise("600 by Friday")
    ledger.world.post_credit("LATE01", 600)
    await ledger.judge()
    assert await ledger.states() == ["settled otherwise"]
    assert await ledger.told() == [("U0PRIYA", "promise_judged", "settled otherwise")]


async def test_while_sage_is_away_nothing_is_judged(ledger):
    ledger.at("2026-03-09")
    await ledger.promise("500 by Friday")
    ledger.world.post_receipt("LATE01", 500)
    ledger.at("2026-03-18")
    ledger.desk.sage.faults.offline()
    await ledger.look()
    assert await ledger.states() == ["open"]
    assert await ledger.look() == 0  # it is left in peace for a while
    ledger.desk.sage.faults.clear()
    ledger.desk.clock.forward(minutes=11)
    await ledger.look()
    assert await ledger.states() == ["kept"]


async def test_what_comes_late_makes_up_for_a_broken_promise(ledger):
    await ledger.promise("500 by tomorrow")
    ledger.at("2026-03-09")
    await ledger.judge()
    assert (await ledger.verdict())[2].broken_since == date(2026, 3, 3)
    ledger.world.post_receipt("LATE01", 500)
    await ledger.judge()
    assert await ledger.states() == ["broken"]
    assert (await ledger.verdict())[2].broken_since is None
    assert len(await ledger.told()) == 1


async def test_two_workers_at_once_judge_and_tell_once(ledger):
    await ledger.promise("500 by tomorrow")
    ledger.world.post_receipt("LATE01", 500)
    await ledger.books.sync(after=1)
    key = ledger.books.books.named
    await asyncio.gather(*(ledger.services.promise_judge.judge(**key) for _ in range(4)))
    assert await ledger.told() == [("U0PRIYA", "promise_judged", "kept")]
    judged = [line for line in await ledger.every(AuditEntry) if line.action == "judge a promise"]
    assert [(line.before, line.after) for line in judged] == [("open", "kept")]


async def test_a_promise_is_withdrawn_by_who_noted_it_and_by_controllers(ledger):
    await mirrored_company.choose(
        ledger.services.database, ledger.desk.asker(), now=ledger.desk.clock(), sales_only_theirs=False
    )
    mine = await ledger.promise("500 by Friday", GEORGE)
    other = await ledger.promise("100 by Friday", ANNA)
    promises = ledger.services.promises
    with pytest.raises(NotAllowed, match="colleague"):
        await promises.withdraw(await ledger.desk.session(ANNA), mine.promise.id)
    assert (await promises.withdraw(await ledger.desk.session(ANNA), other.promise.id)).is_news
    assert not (await promises.withdraw(await ledger.desk.session(ANNA), other.promise.id)).is_news
    done = await promises.withdraw_all(await ledger.desk.session(), await ledger.card())
    assert [each.promise.state for each in done] == ["withdrawn"]
    with pytest.raises(BadQuestion, match="No promise"):
        await promises.withdraw_all(await ledger.desk.session(), await ledger.card())
    ledger.at("2026-04-09")
    await ledger.judge()
    assert await ledger.states() == ["withdrawn", "withdrawn"]
    stranger = await ledger.desk.session(ledger.desk.asker("U0OSCAR", team_id="T0OTHER", membership="admin"))
    with pytest.raises((NotAllowed, BadQuestion)):
        await promises.withdraw(stranger, mine.promise.id)


async def test_the_same_promise_is_noted_once(ledger):
    assert (await ledger.promise("500 by Friday")).is_news
    assert not (await ledger.promise("£500.00 by 2026-03-06", GEORGE)).is_news
    assert await ledger.states() == ["open"]


async def test_a_dispute_counts_once_a_controller_accepts_it_and_no_longer_than_it_is_open(ledger):
    await mirrored_company.choose(
        ledger.services.database, ledger.desk.asker(), now=ledger.desk.clock(), sales_only_theirs=False
    )
    document = ledger.document(ledger.invoice)
    raised = await ledger.dispute(f"{document} wrong price", ANNA)
    assert raised.dispute.state == "raised"
    assert (await ledger.stored())["disputed"] == 0
    assert (await ledger.verdict())[0] is OrderVerdict.STOP
    assert {(user, kind) for user, kind, _ in await ledger.told()} == {
        ("U0PRIYA", "dispute_raised"),
        (GEORGE, "dispute_raised"),
    }
    accepted = await ledger.dispute(document.lower(), GEORGE)
    assert (accepted.dispute.state, accepted.dispute.reason) == ("accepted", "wrong price")
    assert (await ledger.stored())["disputed"] == 600
    assert (await ledger.stored())["oldest_due"] is None
    decision, _, lateness = await ledger.verdict()
    assert (decision, lateness.debt.disputed, lateness.debt.overdue) == (OrderVerdict.GO, 600, 0)
    assert (ANNA, "dispute_answered", "accepted") in await ledger.told()
    ledger.world.post_invoice("LATE01", 50)
    await ledger.books.sync()
    await ledger.books.reconcile()
    assert (await ledger.stored())["disputed"] == 600  # every reading counts it
    with pytest.raises(NotAllowed):
        await ledger.disputes.accept(await ledger.desk.session(ANNA), raised.dispute.id)
    assert (await ledger.resolve(document, ANNA)).dispute.state == "closed"  # she raised it
    assert (await ledger.stored())["disputed"] == 0
    assert (await ledger.verdict())[0] is OrderVerdict.STOP


async def test_a_controller_s_dispute_counts_at_once(ledger):
    said = await ledger.dispute(f"{ledger.document(ledger.invoice)} wrong price", GEORGE)
    assert (said.dispute.state, said.is_news) == ("accepted", True)
    assert (await ledger.stored())["disputed"] == 600
    assert await ledger.told() == []
    assert not (await ledger.dispute(f"{ledger.document(ledger.invoice)} again")).is_news


async def test_disputes_and_readings_at_once_end_with_what_is_in_dispute(ledger):
    document = ledger.document(ledger.invoice)
    for _ in range(3):
        await asyncio.gather(
            ledger.dispute(f"{document} wrong price"), ledger.books.reconcile(after=700), ledger.look()
        )
        assert (await ledger.stored())["disputed"] == 600
        await asyncio.gather(ledger.resolve(document), ledger.books.reconcile(after=700))
        assert (await ledger.stored())["disputed"] == 0


async def test_a_number_that_no_open_invoice_has_is_answered_with_those_there_are(ledger):
    with pytest.raises(BadQuestion) as wrong:
        await ledger.dispute("INV99 wrong price")
    assert wrong.value.offered == (ledger.document(ledger.invoice),)
    assert f"dispute {ledger.document(ledger.invoice)} REASON" in wrong.value.hint
    with pytest.raises(BadQuestion, match="no open dispute"):
        await ledger.resolve("INV1")


@pytest.mark.parametrize(
    ("user", "codes", "is_theirs", "may"),
    [
        ("U0PRIYA", (), False, True),
        (GEORGE, (), False, True),
        (ANNA, ("North",), True, True),
        (ANNA, ("South",), False, False),
        (ANNA, (), False, False),
        ("U0NOBODY", (), False, False),
    ],
)
async def test_who_may_promise_dispute_and_note(ledger, user, codes, is_theirs, may):
    # Each looks at the customer with figures, so that the action alone decides.
    card = await ledger.card()
    if codes:
        await mirrored_company.give_codes(
            ledger.services.database, ledger.books.books.named, user, {3: codes}, now=ledger.desk.clock()
        )
    session = await ledger.desk.session(user)
    said = parse_promise("5 by Friday", card.customer, ledger.today)
    tried = [
        ledger.services.promises.note(session, card, said),
        ledger.disputes.dispute(session, card, parse_dispute(f"{ledger.document(ledger.invoice)} x", card.customer)),
        ledger.disputes.write_note(session, card, "rang"),
    ]
    for action in tried:
        if may:
            await action
        else:
            with pytest.raises(NotAllowed):
                await action
    assert len(await ledger.every(DebtNoteRow)) == may
    blind = replace(card, shown=Shown.STATUS, customer=card.customer.status_only())
    with pytest.raises(NotAllowed):
        await ledger.disputes.write_note(session, blind, "rang")


async def test_the_card_shows_three_notes_disputes_and_promises_and_a_status_view_none(ledger):
    session = await ledger.desk.session(GEORGE)
    for number in range(4):
        ledger.desk.clock.forward(minutes=1)
        session = await ledger.desk.session(GEORGE)
        await ledger.disputes.write_note(session, await ledger.card(GEORGE), f"<!channel> & note {number}")
    await ledger.promise("500 by Friday <@U1>")
    await ledger.dispute(f"{ledger.document(ledger.invoice)} wrong *price*")
    card = await ledger.services.debts.with_debt(await ledger.desk.session(), await ledger.card())
    shown = customer_card(card)
    passes(shown)
    assert [f"note {number}" in shown.text for number in range(4)] == [False, True, True, True]
    assert "&lt;!channel&gt; &amp; note 3" in shown.text
    assert "<!channel>" not in str(shown.blocks)
    assert "£500.00 by 6 March 2026 (&lt;@U1&gt;)" in shown.text
    assert ledger.document(ledger.invoice) in shown.text
    status = customer_card(replace(card, shown=Shown.STATUS, customer=card.customer.status_only()))
    for hidden in ("note 3", "500.00", "In dispute", ledger.document(ledger.invoice)):
        assert hidden not in str(status.payload())


async def test_the_list_of_promises_names_what_and_when(ledger):
    await ledger.promise("200 by Friday Jane")
    await ledger.promise("100 by 20 March Tom")
    found = await ledger.services.overdue.ask(await ledger.desk.session(), "promised")
    [account] = found.accounts
    assert (account.customer.reference, account.promised, account.promised_by) == ("LATE01", 300, date(2026, 3, 20))
    await ledger.services.promises.withdraw_all(await ledger.desk.session(), await ledger.card())
    found = await ledger.services.overdue.ask(await ledger.desk.session(), "promised")
    assert found.accounts == ()


async def test_the_list_of_broken_promises_names_those_who_did_not_pay_and_still_owe(ledger):
    await ledger.promise("200 by Friday Jane")

    async def listed():
        return await ledger.services.overdue.ask(await ledger.desk.session(), "broken")

    assert (await listed()).accounts == ()
    ledger.at("2026-03-11")
    await ledger.judge()
    found = await listed()
    [account] = found.accounts
    assert (account.customer.reference, account.broken, account.broken_on) == ("LATE01", 200, date(2026, 3, 6))
    assert "did not pay £200.00 promised by 6 March 2026" in overdue_answer(found).text
    assert "promise-broken" in found.alerts
    ledger.world.post_receipt("LATE01", 200)
    await ledger.judge()
    assert (await listed()).accounts == ()


async def test_the_record_says_what_was_done_and_not_what_was_typed(ledger):
    await ledger.promise("512.34 by Friday Jane Secret")
    await ledger.dispute(f"{ledger.document(ledger.invoice)} secret reason")
    await ledger.disputes.write_note(await ledger.desk.session(), await ledger.card(), "secret note")
    lines = await ledger.every(AuditEntry)
    said = " ".join(f"{line.action} {line.what} {line.before} {line.after}" for line in lines)
    assert {"note a promise", "raise a dispute", "write a note"} <= {line.action for line in lines}
    assert "LATE01" in said
    for typed in ("512", "secret", "Secret", "Jane"):
        assert typed not in said


async def test_an_erased_customer_takes_everything_along_and_an_erased_person_is_forgotten(ledger):
    await ledger.promise("500 by Friday", GEORGE)
    await ledger.dispute(f"{ledger.document(ledger.invoice)} x", GEORGE)
    await ledger.disputes.write_note(await ledger.desk.session(GEORGE), await ledger.card(GEORGE), "rang")
    ledger.world.post_receipt("LATE01", 500)
    await ledger.judge()
    data, now = ledger.services.personal_data, ledger.desk.clock()
    person = Subject(person=GEORGE)
    [found] = [each for each in await data.find(person) if "promises" in each.tables]
    assert {"promises", "disputes", "debt_notes"} <= set(found.tables)
    await data.erase(person, [found], now=now)
    assert [row.made_by for row in await ledger.every(PromiseRow)] == [""]
    assert [row.written_by for row in await ledger.every(DebtNoteRow)] == [""]
    customer = Subject(customer="LATE01")
    [found] = await data.find(customer)
    assert {"promises", "disputes", "debt_notes"} <= set(found.tables)
    await data.erase(customer, [found], now=now)
    for table in (PromiseRow, DisputeRow, DebtNoteRow):
        assert await ledger.every(table) == []
    assert [row for row in await notices_in(ledger.services.database) if row.facts.get("reference") == "LATE01"] == []


async def test_what_was_closed_two_years_ago_is_deleted(ledger):
    await ledger.promise("500 by Friday")
    await ledger.promise("100 by Friday")
    await ledger.disputes.write_note(await ledger.desk.session(), await ledger.card(), "rang")
    await ledger.dispute(f"{ledger.document(ledger.invoice)} x")
    await ledger.resolve(ledger.document(ledger.invoice))
    async with ledger.services.database.transaction() as tx:
        first = await rows.promise(tx, workspace_id=ledger.books.books.workspace_id, promise_id=1)
        await rows.move_promise(tx, first, to=PromiseState.KEPT, closed_at=ledger.desk.clock())
    ledger.desk.clock.forward(days=729)
    await ledger.services.data_retention.clear_away(now=ledger.desk.clock())
    assert len(await ledger.every(PromiseRow)) == 2
    ledger.desk.clock.forward(days=3)
    await ledger.services.data_retention.clear_away(now=ledger.desk.clock())
    assert [row.state for row in await ledger.every(PromiseRow)] == ["open"]
    assert (await ledger.every(DisputeRow), await ledger.every(DebtNoteRow)) == ([], [])


async def test_no_more_is_promised_than_is_owed(ledger):
    with pytest.raises(BadQuestion) as refused:
        await ledger.promise("99,999,999 by 20 March")
    assert "more than is owed: £600.00" in refused.value.message
    assert "promise 600 by 20 March" in refused.value.hint
    assert await ledger.states() == []
    await ledger.promise("600 by 20 March")
    assert await ledger.states() == [PromiseState.OPEN]


@pytest.mark.parametrize(
    ("balance", "pool", "refused"),
    [("600", None, True), ("600", "50", False), ("600", "49", True), ("-20", None, True), (None, None, False)],
)
def test_credit_that_is_not_allocated_counts_and_what_is_not_known_refuses_nothing(balance, pool, refused):
    owing = customer(balance=Decimal(balance) if balance is not None else None)
    credit = DebtItem(1, ItemKind.RECEIPT, -Decimal(pool)) if pool is not None else None
    debt = debt_on(date(2026, 3, 16), set_off([credit])) if credit is not None else None
    typed = parse_promise("650 by Friday", owing, date(2026, 3, 16))
    with pytest.raises(BadQuestion) if refused else nullcontext():
        refuse_beyond(typed, owing, debt)
