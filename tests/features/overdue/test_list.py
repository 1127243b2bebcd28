"""Who is told who is overdue, with which figures, and when nobody is told anything."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.errors import BadQuestion, NotAllowed, NotConnected, SageMissing
from bot.features.access.model.authorization import Membership
from bot.features.assistant.model.questions import Largest
from bot.features.customers.model.listing import NotKnown
from bot.features.on_hold.views.list import on_hold_answer
from bot.features.overdue.model.list import DebtNotKnown, OverdueFile, OverdueListing
from bot.features.overdue.views.list import comment, overdue_answer
from storage.queries import promises
from storage.queries.connections import workspaces
from storage.queries.mirror import debt_days, mirrored_customers, open_items
from storage.tables.alerts import INITIAL_LOAD, LIVE, REFUSED, MirrorStateRow
from tests import mirrored_company as held
from tests.slack.gate import passes
from tests.storage.builders import customer, debt, item

ROLES = {"U0CONTROL": "controller", "U0SALES": "sales"}


class Workspace:
    """Priya's sign-in answers for the workspace, whose mirror has three customers with debt."""

    def __init__(self, desk):
        self.desk, self.database = desk, desk.services.database
        self.books = {}

    async def session(self, user="U0PRIYA", **unlike):
        return await self.desk.session(self.desk.asker(user, **{"name": "George Bell", **unlike}))

    async def ask(self, words="", user="U0PRIYA", *, page=1, **unlike):
        return await self.desk.services.overdue.ask(await self.session(user, **unlike), words, page=page)

    async def references(self, words="", user="U0PRIYA"):
        found = await self.ask(words, user)
        assert isinstance(found, OverdueListing)
        return [account.customer.reference for account in found.accounts]

    async def note(self, **values):
        async with self.database.transaction() as tx:
            where = MirrorStateRow.company_pk == self.books["company_pk"]
            await tx.execute(update(MirrorStateRow).where(where).values(**values))

    def ago(self, days):
        return self.desk.clock().date() - timedelta(days=days)

    async def promised(self):
        """Abbey Garages promise £500.00."""
        said = {"customer_id": 1, "reference": "REF1", "name": "Abbey Garages", "said_by": "", "made_by": "U0PRIYA"}
        when = {"due": self.ago(-3), "made_on": self.ago(0), "made_at": self.desk.clock(), "judge_at": None}
        owed = {"amount": Decimal(500), "currency_iso": "GBP", "currency_symbol": "£"}
        async with self.database.transaction() as tx:
            await promises.add_promise(tx, **self.books, **said, **when, **owed)

    async def fill(self):
        now = self.desk.clock()
        people = [
            customer(1, self.books, now=now, name="Abbey Garages", analysis={"3": "North"}),
            customer(2, self.books, now=now, name="Bridge Motors", on_hold=True, analysis={"3": "South"}),
            customer(3, self.books, now=now, name="Euro Teile", currency_iso="EUR", currency_symbol="€", analysis={}),
        ]
        items = [
            item(11, 1, "1000.00", self.ago(110), uncovered=Decimal("650.00")),
            item(12, 1, "600.00", self.ago(30)),
            item(13, 1, "400.00", self.ago(0)),
            item(21, 2, "55.50", self.ago(3)),
            item(31, 3, "70.00", self.ago(61)),
        ]
        debts = [
            debt(1, "2600.00", self.ago(110), now=now, disputed=Decimal(250)),
            debt(2, "55.50", self.ago(3), now=now),
            debt(
                3,
                "70.00",
                self.ago(61),
                now=now,
                currency_iso="EUR",
                currency_symbol="€",
                difference=Decimal(20),
                differs_since=now,
            ),
        ]
        async with self.database.transaction() as tx:
            await mirrored_customers.write(tx, people)
            await open_items.write(tx, **self.books, items=items, debts=debts)


@pytest.fixture
async def workspace(desk, connected):
    made = Workspace(desk)
    made.books = await held.company_of(made.database, made.desk.asker("U0PRIYA"))
    async with made.database.transaction() as tx:
        for user, role in ROLES.items():
            given = {"user_id": user, "role": role, "granted_by": "U0PRIYA", "now": desk.clock()}
            await workspaces.grant(tx, workspace_id=made.books["workspace_id"], **given)
    await held.keep_ledger(made.database, made.books, synced_at=desk.clock())
    await made.note(items_phase=LIVE, items_synced_at=desk.clock())
    await made.fill()
    return made


async def test_the_oldest_debt_comes_first_with_totals_per_currency(workspace):
    found = await workspace.ask()
    assert [(each.customer.reference, each.overdue, each.oldest_days) for each in found.accounts] == [
        ("REF1", Decimal("1250.00"), 110),
        ("REF3", Decimal("70.00"), 61),
        ("REF2", Decimal("55.50"), 3),
    ]
    assert [amount for _, amount in found.totals.sums] == [Decimal("70.00"), Decimal("1305.50")]
    message = overdue_answer(found)
    passes(message)
    for fact in (
        "*3 accounts overdue in ABS Motor Factors Ltd*",
        "€70.00 · £1,305.50",
        "£1,250.00, oldest 110 days",
        "in query £250.00",
    ):
        assert fact in message.text
    assert "unconfirmed: differs from the balance by €20.00" in message.text
    assert "oldest 3 days · on hold" in message.text


async def test_filters_narrow_the_list(workspace):
    assert await workspace.references("60+") == ["REF1", "REF3"]
    assert await workspace.references("region:North") == ["REF1"]
    assert await workspace.references("bridge") == ["REF2"]
    assert await workspace.references("disputed") == ["REF1"]
    assert await workspace.references("suggested") == ["REF1", "REF3"]
    assert await workspace.references("disputed 60+") == ["REF1"]
    assert await workspace.references("disputed min:251") == []
    assert await workspace.references("disputed min:250") == ["REF1"]
    # Of what is overdue: every balance is £10.01.
    assert await workspace.references("min:1300") == []
    assert await workspace.references("min:70") == ["REF1", "REF3"]
    assert await workspace.references("min:70 over 60 days region:North") == ["REF1"]
    assert [amount for _, amount in (await workspace.ask("min:71")).totals.sums] == [Decimal("1250.00")]
    assert await workspace.references("max:69.99") == ["REF2"]
    assert await workspace.references("min:70 max:80") == ["REF3"]
    assert await workspace.references("<60") == ["REF2"]
    assert await workspace.references("60+ not region:North") == ["REF3"]
    assert await workspace.references("not bridge") == ["REF1", "REF3"]
    assert await workspace.references("bridge or ref3") == ["REF3", "REF2"]
    assert await workspace.references("400+") == []
    nobody = overdue_answer(await workspace.ask("400+"))
    assert nobody.text.startswith("*No accounts are overdue* in")


def hold_button(message):
    (value,) = [
        json.loads(each["value"])
        for block in message.blocks
        for each in block.get("elements", ())
        if str(each.get("action_id")).startswith("customer.hold.") and "REF1" in each["value"]
    ]
    return value


async def test_whom_to_chase_is_who_is_late_and_has_promised_nothing(workspace):
    assert await workspace.references("chase") == ["REF1", "REF3", "REF2"]
    await workspace.promised()
    assert await workspace.references("chase") == ["REF3", "REF2"]
    assert await workspace.references("promised") == ["REF1"]
    assert await workspace.references("promised 30+ min:1250") == ["REF1"]
    assert await workspace.references("promised min:1251") == []
    assert await workspace.references("chase min:60") == ["REF3"]
    message = overdue_answer(await workspace.ask("chase"))
    assert "*2 accounts to chase in ABS Motor Factors Ltd*" in message.text


async def test_early_warnings_are_listed_with_their_reasons(workspace):
    worse = [["pays later", 52, 41, "2025-11-03"], ["breaks promises", 2, 0, None]]
    async with workspace.database.transaction() as tx:
        await debt_days.warn(tx, **workspace.books, worse={2: ([], worse)})
    assert await workspace.references("warning") == ["REF2"]
    message = overdue_answer(await workspace.ask("warning"))
    passes(message)
    assert "pays in 52 days on average, 41 in November 2025; 2 promises broken in the last six months" in message.text
    assert await workspace.references("warning 30+") == []


async def test_a_suggestion_is_one_press_from_the_form_for_those_who_may_hold(workspace):
    message = overdue_answer(await workspace.ask("suggested"))
    passes(message)
    button = hold_button(message)
    assert (button["reason"], button["seen"]["balance"]) == ("Overdue £1,250.00, oldest 110 days", "10.01")
    for user in ("U0CONTROL", "U0SALES"):  # a controller without a Sage ID, and somebody in sales
        await held.give_codes(workspace.database, workspace.books, user, {3: ("North",)}, now=workspace.desk.clock())
        message = overdue_answer(await workspace.ask("suggested", user))
        assert "REF1" in message.text
        assert "customer.hold" not in str(message.blocks)
        assert "overdue.snooze" not in str(message.blocks)
    assert "customer.hold" not in str(overdue_answer(await workspace.ask()).blocks)


async def test_a_snoozed_suggestion_comes_back_when_its_days_are_over(workspace):
    snoozing = workspace.desk.services.snoozing
    done = await snoozing.snooze(await workspace.session(), 1, 7)
    assert (done.reference, done.until) == ("REF1", workspace.desk.clock() + timedelta(days=7))
    found = await workspace.ask("suggested")
    assert [each.customer.reference for each in found.accounts] == ["REF3"]
    assert "1 snoozed is left out." in overdue_answer(found).text
    assert await workspace.references() == ["REF1", "REF3", "REF2"]
    workspace.desk.clock.forward(days=7)
    await workspace.note(synced_at=workspace.desk.clock(), items_synced_at=workspace.desk.clock())
    assert await workspace.references("suggested") == ["REF1", "REF3"]
    (row,) = await workspace.desk.services.audit_reader.read(await workspace.session(), "snooze")
    assert (row.line.action, row.line.what, row.line.after) == (
        "snooze a suggestion",
        "REF1 Abbey Garages",
        f"until {done.until:%Y-%m-%d}",
    )


async def test_nobody_snoozes_who_may_not_hold(workspace):
    snoozing = workspace.desk.services.snoozing
    for user, refused in (("U0CONTROL", NotConnected), ("U0SALES", NotAllowed)):
        with pytest.raises(refused):
            await snoozing.snooze(await workspace.session(user), 1, 7)
    with pytest.raises(BadQuestion, match="out of date"):
        await snoozing.snooze(await workspace.session(), 1, 365)
    with pytest.raises(SageMissing):
        await snoozing.snooze(await workspace.session(), 99, 7)
    assert await workspace.references("suggested") == ["REF1", "REF3"]


async def test_sales_see_their_own_customers_and_the_others_nothing(workspace):
    with pytest.raises(NotAllowed):
        await workspace.ask(user="U0SALES")
    await held.give_codes(workspace.database, workspace.books, "U0SALES", {3: ("North",)}, now=workspace.desk.clock())
    assert await workspace.references(user="U0SALES") == ["REF1"]
    assert await workspace.references("bridge", user="U0SALES") == []
    with pytest.raises(NotConnected):
        await workspace.ask(user="U0NOBODY")
    with pytest.raises(NotAllowed):
        await workspace.ask(membership=Membership.GUEST)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"items_phase": None}, "isn't known yet"),
        ({"items_phase": INITIAL_LOAD, "items_synced_at": None, "items_read_count": 4_000}, "4,000 so far"),
        ({"items_phase": REFUSED}, "gives no transactions"),
    ],
)
async def test_unknown_is_never_nothing(workspace, state, said):
    await workspace.note(**state)
    found = await workspace.ask()
    assert isinstance(found, DebtNotKnown)
    message = overdue_answer(found)
    passes(message)
    assert said in message.text
    assert "£" not in message.text


async def test_a_copy_that_is_too_old_gives_no_figures(workspace):
    await workspace.note(items_synced_at=workspace.desk.clock() - timedelta(hours=25))
    assert isinstance(await workspace.ask(), DebtNotKnown)
    await workspace.note(synced_at=workspace.desk.clock() - timedelta(hours=25))
    assert isinstance(await workspace.ask(), NotKnown)


async def test_the_file_has_a_line_an_invoice(workspace):
    found = await workspace.desk.services.overdue.file(await workspace.session(), "60+")
    assert isinstance(found, OverdueFile)
    rows = list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))
    assert [(row["Reference"], row["Invoice"], row["Days overdue"], row["Overdue after credit"]) for row in rows] == [
        ("REF1", "INV11", "110", "650.00"),
        ("REF1", "INV12", "30", "600.00"),
        ("REF3", "INV31", "61", "70.00"),
    ]


async def test_pages_turn(workspace):
    found = await workspace.ask(page=9)
    assert found.page == 1


async def test_the_first_of_them_are_listed_and_said_to_be(workspace):
    first, second = [await workspace.ask("top 1 not disputed", page=page) for page in (1, 2)]
    assert [each.customer.reference for found in (first, second) for each in found.accounts] == ["REF3", "REF2"]
    assert (first.totals.count, first.alerts) == (2, "")
    message = overdue_answer(first)
    passes(message)
    assert "2 accounts overdue* in" not in message.text
    assert ": the first 1, the oldest debt first, page 1 of 2" in message.text
    assert "the first" not in overdue_answer(second).text
    assert "page 2 of 2" in overdue_answer(second).text
    assert "the first" not in overdue_answer(await workspace.ask("top 15")).text
    file = await workspace.desk.services.overdue.file(await workspace.session(), "top 1 not disputed")
    assert file.content.count(b"REF") == 2
    assert "The file has all of them, not only the first 1." in comment(file.listing)
    with pytest.raises(BadQuestion):
        await workspace.ask("over-limit:top 1")


BY_STATE = {
    "overdue": {
        "not on hold": ["REF1", "REF3"],
        "on-hold": ["REF2"],
        "over limit": ["REF2"],
        "not-over-limit 30+": ["REF1", "REF3"],
        "disputed not on hold": ["REF1"],
        "not disputed": ["REF3", "REF2"],
        "promised overdue": ["REF1"],
        "not promised 60 days": ["REF3"],
        "region:North not on hold": ["REF1"],
    },
    "on_hold": {
        "overdue": ["REF2"],
        "overdue over limit": ["REF2"],
        "30+": [],
        "not overdue": ["REF4"],
        "not-30+": ["REF2", "REF4"],
        "not promised not in query": ["REF2", "REF4"],
    },
    "owing": {"not on hold 60+": ["REF1", "REF3"], "over limit": ["REF2"], "not on hold min:9999": []},
}


async def test_states_of_an_account_narrow_every_list(workspace):
    now = workspace.desk.clock()
    stopped = {"on_hold": True, "now": now}
    async with workspace.database.transaction() as tx:
        bridge = customer(2, workspace.books, name="Bridge Motors", credit_limit=Decimal(5), **stopped)
        await mirrored_customers.write(tx, [bridge, customer(4, workspace.books, name="Dover Cars", **stopped)])
    await workspace.promised()
    services, session = workspace.desk.services, await workspace.session()
    for words, references in BY_STATE["overdue"].items():
        assert await workspace.references(words) == references, words
    for words, references in BY_STATE["on_hold"].items():
        found = await services.on_hold.ask(session, words)
        assert sorted(each.held.customer.reference for each in found.accounts) == references, words
    for words, references in BY_STATE["owing"].items():
        ranked = await services.rankings.ask(session, Largest(), words)
        assert [each.reference for each in ranked.customers] == references, words


async def test_a_list_by_what_is_owed_is_not_made_where_that_is_unknown(workspace):
    await workspace.note(items_phase=REFUSED)
    services, session = workspace.desk.services, await workspace.session()
    assert isinstance(await services.on_hold.ask(session, "not overdue"), DebtNotKnown)
    assert isinstance(await services.on_hold.file(session, "30+"), DebtNotKnown)
    assert isinstance(await services.rankings.ask(session, Largest(), "disputed"), DebtNotKnown)
    passes(on_hold_answer(await services.on_hold.ask(session, "promised")))
    assert (await services.on_hold.ask(session, "not over limit")).totals.count == 1
