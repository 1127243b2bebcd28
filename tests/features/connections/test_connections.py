"""Companies, status and disconnecting."""

from __future__ import annotations

import pytest

from bot.errors import BadQuestion, NoCompanies, NoCompany, NotAllowed, NotConnected, SageIdError, SageUnavailable
from bot.features.access.model.authorization import Membership

PRIYA, GEORGE, NOBODY = "priya@example.test", "george@example.test", "nobody@example.test"


async def verified(desk, email, asker=None):
    asker = asker or desk.asker()
    done = await desk.sign_in(asker, email)
    await desk.services.verification.verify(await desk.session(asker), done.code)
    return asker


async def test_a_single_company_is_chosen_at_once(desk):
    found = await desk.services.connections.companies(await desk.session(await verified(desk, GEORGE)))
    assert found.chosen.company_name == "ABS Motor Factors Ltd"


async def test_several_companies_of_both_editions_wait_for_a_choice(desk):
    asker = await verified(desk, PRIYA)
    found = await desk.services.connections.companies(await desk.session(asker))
    assert [company.edition.value for company in found.offered] == ["professional", "standard"]
    assert found.chosen is None
    with pytest.raises(NoCompany):
        desk.services.connections.company_for(await desk.session(asker))


async def test_a_company_is_picked_by_its_number(desk):
    asker = await verified(desk, PRIYA)
    chosen = await desk.services.connections.choose(await desk.session(asker), number=2)
    assert (await desk.services.connections.status(await desk.session(asker))).company == chosen.company


@pytest.mark.parametrize("number", [0, 3, 99999])
async def test_a_number_that_was_not_listed_picks_nothing(desk, number):
    asker = await verified(desk, PRIYA)
    with pytest.raises(BadQuestion):
        await desk.services.connections.choose(await desk.session(asker), number=number)


async def test_a_menu_cannot_pick_a_company_that_the_sign_in_does_not_reach(desk):
    asker = await verified(desk, GEORGE)
    other = desk.world.companies[1]
    with pytest.raises(BadQuestion):
        await desk.services.connections.choose_by_key(
            await desk.session(asker), edition="professional", site_id=other.site_id, company_id=str(other.company_id)
        )


async def test_a_sage_id_without_companies_is_told_what_to_check(desk):
    with pytest.raises(NoCompanies, match="opens no company"):
        await desk.services.connections.companies(await desk.session(await verified(desk, NOBODY)))


async def test_an_outage_while_listing_is_not_an_empty_list(desk):
    asker = await verified(desk, GEORGE)
    desk.sage.faults.offline(True)
    with pytest.raises(SageUnavailable):
        await desk.services.connections.companies(await desk.session(asker))


async def test_disconnecting_erases_and_revokes(desk, connected):
    await desk.services.connections.disconnect(await desk.session())
    assert (await desk.services.connections.status(await desk.session())).state == "disconnected"
    assert not desk.sage_id.is_signed_in(GEORGE)
    with pytest.raises(NotConnected):
        await desk.services.connections.disconnect(await desk.session())


async def test_disconnecting_works_while_sage_id_is_down(desk, connected):
    desk.sage_id.faults.offline(True)
    await desk.services.connections.disconnect(await desk.session())
    assert (await desk.services.connections.status(await desk.session())).state == "disconnected"


async def test_someone_else_is_not_connected_by_it(desk, connected):
    with pytest.raises(NotConnected):
        desk.services.connections.company_for(await desk.session("U0GEORGE"))


async def test_the_other_workspace_is_not_connected_by_it(desk, connected):
    with pytest.raises(NotConnected):
        desk.services.connections.company_for(await desk.session(team_id="T0OTHER"))


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN])
async def test_a_connection_answers_nobody_who_is_no_full_member_any_more(desk, connected, membership):
    with pytest.raises(NotAllowed):
        desk.services.connections.company_for(await desk.session(membership=membership))


async def test_an_admin_of_the_app_without_a_sign_in_is_answered_through_the_workspace(desk):
    from storage.queries.connections.workspaces import grant

    await desk.connect(desk.asker())
    async with desk.services.database.transaction() as tx:
        await grant(
            tx,
            workspace_id=desk.workspaces["T0ACME"],
            user_id="U0ANNA",
            role="controller",
            granted_by="U0PRIYA",
            now=desk.clock(),
        )
    line = desk.services.connections.company_for(await desk.session("U0ANNA"))
    assert line.company.company_name == "ABS Motor Factors Ltd"


async def test_uninstalling_leaves_no_connection_and_no_token(desk, connected):
    await desk.services.installations.uninstall("T0ACME", now=desk.clock())
    assert await desk.services.installations.bot("T0ACME") is None
    with pytest.raises((NotConnected, SageIdError)):
        desk.services.connections.company_for(await desk.session())
    assert await desk.services.installations.bot("T0OTHER") is not None


async def test_a_company_chosen_is_recorded_once(desk):
    asker = await verified(desk, PRIYA)
    await desk.services.connections.choose(await desk.session(asker), number=2)
    await desk.services.connections.choose(await desk.session(asker), number=2)
    await desk.services.connections.choose(await desk.session(asker), number=1)
    lines = [kept.line for kept in await desk.services.audit_reader.read(await desk.session(), "choose company")]
    assert [line.who for line in lines] == [asker.user_id] * 2
    assert lines[1].before == "none"
    assert lines[1].after == lines[0].before != lines[0].after


async def test_nobody_chose_what_sage_calls_otherwise_now(desk):
    asker = desk.asker()
    await desk.connect(asker)
    desk.world.companies[0].company_name = "ABS Motor Group Ltd"
    assert "ABS Motor Group Ltd" in str((await desk.services.connections.companies(await desk.session(asker))).chosen)
    [line] = [kept.line for kept in await desk.services.audit_reader.read(await desk.session(asker), "choose company")]
    assert "ABS Motor Factors Ltd" in line.after
