"""What is collected for whose Home, from our own database alone; a part that can't be leaves the others."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text, update

from bot.domain.channel import Channel
from bot.errors import FieldsRefused, NotAllowed
from bot.features.access.model.authorization import Membership, Role, Shown
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.home.model import Part
from bot.features.on_hold.model.list import Listing
from storage.queries.connections import workspaces
from storage.queries.mirror import open_items
from storage.tables.alerts import LIVE, REFUSED, MirrorStateRow
from tests import mirrored_company as held
from tests.storage.builders import debt, item

ROLES = {"U0ADMIN": "admin", "U0CONTROL": "controller", "U0SALES": "sales"}


class Workspace:
    """Priya's sign-in answers for the workspace; others have roles, or nothing."""

    def __init__(self, desk):
        self.desk, self.database = desk, desk.services.database
        self.books = {}

    async def home(self, user="U0PRIYA", **unlike):
        return await self.desk.services.home.of(await self.desk.session(user, **unlike))

    async def hold(self, number, **unlike):
        await held.hold(self.database, self.books, number, now=self.desk.clock(), **unlike)

    async def subscribe(self, user, wish="holds in me"):
        return await self.desk.services.subscriptions.create(await self.desk.session(user), wish, here="", look=joined)

    async def choose(self, **unlike):
        await held.choose(self.database, self.desk.asker(), now=self.desk.clock(), **unlike)


async def joined(channel_id):
    return Channel(channel_id, is_member=True, is_private=False, is_archived=False)


@pytest.fixture
async def workspace(desk, connected):
    made = Workspace(desk)
    made.books = await held.company_of(made.database, desk.asker())
    async with made.database.transaction() as tx:
        for user_id, role in ROLES.items():
            given = {"user_id": user_id, "role": role, "granted_by": "U0PRIYA", "now": desk.clock()}
            await workspaces.grant(tx, workspace_id=desk.asker().workspace_id, **given)
    await held.keep_ledger(made.database, made.books, synced_at=desk.clock())
    return made


async def owe(workspace, number, amount, days, *, differs=False, **unlike):
    """A customer, not on hold, that owes an amount since so many days."""
    now = workspace.desk.clock()
    due = now.date() - timedelta(days=days)
    await workspace.hold(number, days=None, on_hold=False, **unlike)
    more = {"difference": Decimal(20), "differs_since": now} if differs else {}
    async with workspace.database.transaction() as tx:
        items, debts = [item(number, number, amount, due)], [debt(number, amount, due, now=now, **more)]
        await open_items.write(tx, **workspace.books, items=items, debts=debts)


async def open_items_are_known(workspace, **values):
    known = {"items_phase": LIVE, "items_synced_at": workspace.desk.clock(), **values}
    async with workspace.database.transaction() as tx:
        where = MirrorStateRow.company_pk == workspace.books["company_pk"]
        await tx.execute(update(MirrorStateRow).where(where).values(**known))


def late(home):
    assert home.late is not None
    return [account.customer.reference for account in home.late.found.accounts]


async def test_the_oldest_debt_its_total_what_is_suggested_and_what_differs(workspace):
    await open_items_are_known(workspace)
    for number in range(1, 8):
        await owe(workspace, number, "100.00", 50 + number, differs=number < 3)
    home = await workspace.home("U0ADMIN")
    assert late(home) == ["CUS007", "CUS006", "CUS005", "CUS004", "CUS003"]
    assert home.late.found.totals.count == 7
    assert [amount for _, amount in home.late.found.totals.sums] == [Decimal("700.00")]
    assert (home.late.suggested, home.late.differing) == (0, 2)
    await workspace.choose(suggest_after_days=56)
    assert (await workspace.home("U0ADMIN")).late.suggested == 2
    controller = (await workspace.home("U0CONTROL")).late
    assert (controller.suggested, controller.differing) == (2, 0)


async def test_sales_see_the_late_debt_of_their_own_customers(workspace):
    await open_items_are_known(workspace)
    await owe(workspace, 1, "100.00", 90, analysis={"3": "Durham"})
    await owe(workspace, 2, "50.00", 80, analysis={"3": "York"})
    assert (await workspace.home("U0SALES")).late is None
    await held.give_codes(workspace.database, workspace.books, "U0SALES", {3: ("York",)}, now=workspace.desk.clock())
    home = await workspace.home("U0SALES")
    assert (late(home), home.late.own_only, home.late.suggested, home.late.differing) == (["CUS002"], True, 0, 0)


@pytest.mark.parametrize(
    "state", [{"items_phase": REFUSED}, {"items_synced_at": None}, {"items_phase": None, "items_synced_at": None}]
)
async def test_late_debt_that_is_not_known_is_not_nothing(workspace, state):
    await owe(workspace, 1, "100.00", 90)
    await open_items_are_known(workspace, **state)
    assert (await workspace.home()).late is None


def references(home):
    assert home.accounts is not None
    assert isinstance(home.accounts.found, Listing)
    return [account.held.customer.reference for account in home.accounts.found.accounts]


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN])
async def test_guests_and_strangers_have_an_empty_one_whatever_role_they_have(workspace, membership):
    await workspace.hold(1)
    home = await workspace.home("U0ADMIN", membership=membership)
    assert not home.permissions.is_member
    assert (home.connection, home.accounts, home.system, home.subscriptions, home.admins) == (None, None, None, (), ())


async def test_before_anything_is_connected_only_a_founder_is_told_the_steps(desk):
    founder, other = Workspace(desk), Workspace(desk)
    home = await founder.home()
    assert home.becomes_workspace_connection
    assert home.setup is not None
    assert (home.setup.connected, home.setup.company, home.setup.roles, home.setup.subscribed) == (False,) * 4
    assert (await other.home("U0ANNA")).setup is None
    assert (await other.home("U0ANNA", is_installer=True)).becomes_workspace_connection


async def test_the_steps_are_ticked_as_they_are_done(workspace):
    setup = (await workspace.home()).setup
    assert setup is not None
    assert (setup.connected, setup.company, setup.roles, setup.subscribed) == (True, True, True, False)
    await workspace.subscribe("U0ADMIN")
    setup = (await workspace.home()).setup
    assert setup is not None
    assert setup.is_done
    other = (await workspace.home(team_id="T0OTHER")).setup
    assert other is not None
    assert (other.connected, other.roles, other.subscribed) == (False, False, False)


async def test_the_connection_and_the_copy_stand_as_in_the_status(workspace):
    home = await workspace.home()
    assert home.connection is not None
    assert home.connection.state == "connected"
    assert home.connection.mirror is not None
    assert home.connection.mirror.synced_at == workspace.desk.clock()
    assert home.connection == await workspace.desk.services.connections.status(await workspace.desk.session())
    colleague = (await workspace.home("U0CONTROL")).connection
    assert colleague is not None
    assert colleague.state == "not connected"
    assert colleague.mirror == home.connection.mirror
    assert (await workspace.home(team_id="T0OTHER")).connection.mirror is None


async def test_those_with_all_figures_see_all_accounts_the_longest_first(workspace):
    await workspace.hold(1, days=3)
    await workspace.hold(2, days=40)
    await workspace.hold(3, days=90, on_hold=False)
    for user in ("U0PRIYA", "U0CONTROL"):
        home = await workspace.home(user)
        assert references(home) == ["CUS002", "CUS001"]
        assert not home.accounts.own_only
        assert home.accounts.found.accounts[0].held.customer.balance == Decimal("100.00")


async def test_a_rep_sees_their_own_alone(workspace):
    await workspace.hold(1, days=3)
    await workspace.hold(2, days=40, analysis={"2": "Anna"})
    home = await workspace.home("U0SALES")
    assert home.accounts is not None
    assert home.accounts.unassigned
    assert home.accounts.found is None
    await held.give_codes(workspace.database, workspace.books, "U0SALES", {2: ("george",)}, now=workspace.desk.clock())
    home = await workspace.home("U0SALES")
    assert references(home) == ["CUS001"]
    assert home.accounts.own_only
    await held.give_codes(workspace.database, workspace.books, "U0CONTROL", {2: ("Anna",)}, now=workspace.desk.clock())
    assert references(await workspace.home("U0CONTROL")) == ["CUS002"], "those of a controller are their own too"


async def test_without_a_role_there_are_none_or_no_figures(workspace):
    await workspace.hold(1, days=3, reason="Cheque bounced", status_reason="Cheque bounced")
    assert (await workspace.home("U0ANNA")).accounts is None
    await workspace.choose(status_for_everyone=True)
    home = await workspace.home("U0ANNA")
    assert references(home) == ["CUS001"]
    account = home.accounts.found.accounts[0]
    assert (account.held.customer.balance, account.held.customer.credit_limit, account.reason) == (None, None, "")
    assert account.held.customer.analysis == {}


async def test_their_own_sage_id_shows_nothing_of_a_copy_that_another_s_sign_in_read(workspace):
    await workspace.hold(1, days=3)
    await workspace.desk.connect(workspace.desk.asker("U0ANNA"))
    assert (await workspace.home("U0ANNA")).accounts is None


async def test_a_copy_that_is_too_old_shows_no_figures(workspace):
    await workspace.hold(1)
    workspace.desk.clock.forward(days=2)
    home = await workspace.home("U0CONTROL")
    assert isinstance(home.accounts.found, NotKnown)
    assert home.accounts.found.why is Unknown.OLD


async def test_each_has_their_own_subscriptions_and_nobody_else_s(workspace):
    await workspace.subscribe("U0CONTROL")
    await workspace.subscribe("U0ADMIN")
    assert [kept.number for kept in (await workspace.home("U0CONTROL")).subscriptions] == [1]
    assert [kept.number for kept in (await workspace.home("U0ADMIN")).subscriptions] == [2]
    assert (await workspace.home("U0SALES")).subscriptions == ()
    other = await workspace.home("U0CONTROL", team_id="T0OTHER")
    assert (other.subscriptions, other.role, other.accounts) == ((), None, None)


async def test_only_admins_have_the_settings_and_of_their_own_workspace(workspace):
    home = await workspace.home("U0ADMIN")
    assert home.system is not None
    assert home.system.overview.people == {"U0PRIYA": "admin", **ROLES}
    assert home.admins == ("U0ADMIN", "U0PRIYA")
    for user in ("U0CONTROL", "U0SALES", "U0ANNA"):
        assert ((await workspace.home(user)).system, (await workspace.home(user)).missing) == (None, ())
    assert (await workspace.home("U0ADMIN", team_id="T0OTHER")).system is None


async def test_sage_is_asked_only_whether_they_may_see_the_company_and_may_be_away(workspace):
    await workspace.hold(1)
    await workspace.subscribe("U0PRIYA", "holds in me where region:Durham")
    workspace.desk.sage.requests.clear()
    workspace.desk.sage.faults.offline(True)
    home = await workspace.home()
    assert [request.query.get("$filter") for request in workspace.desk.sage.requests] == ["id eq 0"]
    assert home.missing == ()
    assert home.subscriptions[0].labels[3] == "Region", "labels that are known already are used"


@pytest.mark.parametrize(
    ("table", "missing"),
    [("hold_episodes", (Part.REQUESTS, Part.ACCOUNTS)), ("channel_classes", (Part.SETTINGS,))],
)
async def test_a_part_that_fails_leaves_the_others(workspace, table, missing):
    await workspace.hold(1)
    async with workspace.database.transaction() as tx:
        await tx.execute(text(f"ALTER TABLE {table} RENAME TO gone_{table}"))
    home = await workspace.home("U0ADMIN")
    assert home.missing == missing
    assert home.connection is not None
    assert home.role is Role.ADMIN
    assert (home.accounts is None) is (Part.ACCOUNTS in missing)


async def test_settings_change_together_or_not_at_all(workspace):
    admin, settings = await workspace.desk.session("U0ADMIN"), workspace.desk.services.settings
    with pytest.raises(FieldsRefused) as refused:
        await settings.change_several(admin, {"zone": "Europe/Paris", "trust-copy": "x", "sales-see": "?"})
    assert set(refused.value.fields) == {"trust-copy", "sales-see"}
    assert (await settings.chosen(admin)).policy.zone == "Europe/London"
    done = await settings.change_several(admin, {"zone": "Europe/Paris", "trust-copy": "90m"})
    assert [(each.about, each.before, each.after) for each in done] == [
        ("trust-copy", "24h", "90m"),
        ("zone", "Europe/London", "Europe/Paris"),
    ]
    assert (await settings.chosen(admin)).policy.trust_copy_for == timedelta(minutes=90)
    lines = [kept.line for kept in await workspace.desk.services.audit_reader.read(admin, "change setting")]
    assert [(line.what, line.after) for line in reversed(lines)] == [("trust-copy", "90m"), ("zone", "Europe/Paris")]
    assert await settings.change_several(admin, {}) == ()
    with pytest.raises(NotAllowed):
        await settings.change_several(await workspace.desk.session("U0CONTROL"), {"zone": "UTC"})


async def test_raised_channels_are_those_of_the_workspace(workspace):
    settings = workspace.desk.services.settings
    await settings.set_channel(await workspace.desk.session("U0ADMIN"), "C0SALES", Shown.BAND, look=joined)
    home = await workspace.home("U0ADMIN")
    assert home.system is not None
    [raised] = home.system.chosen.channels
    assert (raised.channel_id, raised.shown) == ("C0SALES", Shown.BAND)
