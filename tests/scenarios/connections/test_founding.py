"""Who becomes the first admin, once; and who doesn't, by installing again or by connecting."""

from __future__ import annotations

import pytest

from bot.features.access.model.authorization import Role
from bot.features.audit.model.hash_chain import CHANGES
from sandbox.slack import Changes
from storage.queries import audit
from storage.queries.access import roles
from storage.queries.connections import workspaces
from tests.notices import notices_in

NOBODY, PRIYA, GEORGE = "nobody@example.test", "priya@example.test", "george@example.test"


async def workspace(office, slack_id="T0ACME"):
    async with office.product.services.database.reading() as tx:
        return await workspaces.by_slack_id(tx, slack_id)


async def people(office):
    async with office.product.services.database.reading() as tx:
        return await roles.people(tx, workspace_id=(await workspace(office)).id)


async def recorded(office, action):
    async with office.product.services.database.reading() as tx:
        lines = await audit.page(tx, workspace_id=(await workspace(office)).id, chain=CHANGES)
    return [(line.who, line.what, line.before, line.after) for line in lines if line.action == action]


async def told(office, kind):
    return [row.recipient for row in await notices_in(office.product.services.database) if row.kind == kind]


async def install_as(office, user_id):
    """Slack lets members install an approved app too."""
    office.slack.workspaces["T0ACME"].installer = user_id
    return await office.install()


async def test_a_member_who_installs_again_and_connects_gets_nothing(office):
    """The first installer stays the installer, and a sign-in that opens no company founds nothing."""
    await install_as(office, "U0ANNA")
    assert (await workspace(office)).installed_by == "U0PRIYA"
    link = await office.command("/sage", "connect", user="anna")
    assert "first here" not in link.text
    await office.connect(NOBODY, user="anna")
    assert await people(office) == {}
    assert (await workspace(office)).workspace_connection_id is None
    answer = await office.command("/customer", "ABS001", user="anna")
    assert "2,464.16" not in answer.text


async def test_a_sign_in_that_opens_no_company_founds_nothing_until_one_is_chosen(office):
    answer = await office.connect(NOBODY)
    assert "opens no company" in answer.text
    assert await people(office) == {}
    office.sage_id.revoke(NOBODY)
    await office.connect(PRIYA)
    assert await people(office) == {}
    assert "first admin" in (await office.command("/sage", "company")).text
    assert "first admin" in (await office.command("/sage", "company 1")).text
    assert await people(office) == {"U0PRIYA": "admin"}
    assert await recorded(office, "found the workspace") == [("U0PRIYA", "U0PRIYA", "none", "admin")]


async def test_nobody_founds_again_while_an_admin_is_there(office):
    """A sign-in disconnected for a moment, or the app installed again, makes nobody an admin."""
    await office.connect(GEORGE)
    await office.command("/sage", "roles <@U0GEORGE> sales")
    await office.sender.uninstall()
    office.clock.forward(minutes=1)
    await install_as(office, "U0GEORGE")
    assert (await workspace(office)).installed_by == "U0PRIYA"
    assert "first here" not in (await office.command("/sage", "connect", user="george")).text
    assert "admin" not in (await office.connect(GEORGE, user="george")).text
    assert await people(office) == {"U0PRIYA": "admin", "U0GEORGE": "sales"}


async def test_another_slack_admin_founds_nothing_beside_the_first(office):
    await office.connect(GEORGE)
    office.slack.workspaces["T0ACME"].users["U0ANNA"].is_admin = True
    assert "first admin" not in (await office.connect(GEORGE, user="anna")).text
    assert await people(office) == {"U0PRIYA": "admin"}


async def test_of_two_who_were_told_the_first_to_choose_founds(office):
    office.slack.workspaces["T0ACME"].users["U0ANNA"].is_admin = True
    await office.connect(PRIYA, user="anna")
    code = await office.code(GEORGE)
    await office.command("/sage", "company 1", user="anna")
    assert "first admin" not in (await office.command("/sage", f"verify {code}")).text
    assert await people(office) == {"U0ANNA": "admin"}
    assert await told(office, "role_changed") == ["U0PRIYA"]


async def test_a_new_installer_takes_the_place_of_one_who_left_where_nobody_is_admin(office):
    await Changes(office.slack, office.sender).deactivate("priya")
    await install_as(office, "U0GEORGE")
    assert (await workspace(office)).installed_by == "U0GEORGE"
    assert "first admin" in (await office.connect(GEORGE, user="george")).text


async def test_an_admin_who_is_there_keeps_the_installers_place(office):
    await office.connect(GEORGE)
    await office.command("/sage", "roles <@U0GEORGE> admin")
    await Changes(office.slack, office.sender).deactivate("priya")
    await install_as(office, "U0ANNA")
    assert (await workspace(office)).installed_by == "U0PRIYA"


async def test_while_slack_cannot_say_the_installer_stays(office):
    office.slack.refuse_next("internal_error", method="users.info", times=5)
    await install_as(office, "U0ANNA")
    assert (await workspace(office)).installed_by == "U0PRIYA"


@pytest.mark.parametrize(
    ("typed", "after"), [("roles <@U0GEORGE> controller", "controller"), ("roles <@U0GEORGE> admin", "admin")]
)
async def test_a_role_is_recorded_and_told_to_the_person_and_the_other_admins(office, typed, after):
    await office.connect(GEORGE)
    here = {"workspace_id": (await workspace(office)).id, "granted_by": "U0PRIYA", "now": office.clock()}
    async with office.product.services.database.transaction() as tx:
        await workspaces.grant(tx, user_id="U0ANNA", role=Role.ADMIN, **here)
    await office.command("/sage", typed)
    assert await recorded(office, "change role") == [("U0PRIYA", "U0GEORGE", "none", after)]
    assert (await told(office, "role_given"), await told(office, "role_changed")) == (["U0GEORGE"], ["U0ANNA"])
    await office.command("/sage", typed)
    assert (await told(office, "role_given"), await told(office, "role_changed")) == (["U0GEORGE"], ["U0ANNA"])


async def test_who_was_not_told_before_they_connected_founds_nothing_by_choosing_a_company(office):
    """There was an admin when this Slack admin connected, and is none when they choose: they connect again first."""
    office.slack.workspaces["T0ACME"].users["U0ANNA"].is_admin = True
    await office.connect(GEORGE)
    await office.connect(PRIYA, user="anna")
    async with office.product.services.database.transaction() as tx:
        await roles.withdraw(tx, workspace_id=(await workspace(office)).id, user_id="U0PRIYA")
    assert "first admin" not in (await office.command("/sage", "company 1", user="anna")).text
    assert await people(office) == {}
