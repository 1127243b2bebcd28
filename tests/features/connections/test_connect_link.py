"""Connecting a Sage ID, and every way it must not connect."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import (
    BotError,
    CodeExpired,
    CodeWrong,
    GrantRefused,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NotAllowed,
    NothingToVerify,
    WrongBrowser,
)
from bot.features.access.model.authorization import Membership
from bot.features.connections.service.connect_link import fingerprint
from storage.queries.connections import connect_links


def ticket(offer):
    return offer.url.rpartition("/")[2]


async def opened_link(desk, asker=None, browser="browser"):
    """A link taken as far as Sage ID's door: the state and code that come back."""
    offer = await desk.services.connect_links.offer(await desk.session(asker or desk.asker()))
    url = await desk.services.connect_links.start(ticket(offer), browser=browser, now=desk.clock())
    return await desk.allow(url, "priya@example.test")


async def test_a_code_typed_by_its_owner_connects(desk):
    done = await desk.sign_in(desk.asker(), "george@example.test")
    await desk.services.verification.verify(await desk.session(), done.code.lower().replace("-", " "))
    assert (await desk.services.connections.status(await desk.session())).state == "connected"


async def test_nothing_is_live_before_the_code(desk):
    await desk.sign_in(desk.asker(), "george@example.test")
    assert (await desk.services.connections.status(await desk.session())).state == "not connected"


async def test_another_person_typing_the_code_gets_nothing_and_costs_the_owner_nothing(desk):
    done = await desk.sign_in(desk.asker(), "george@example.test")
    for _ in range(9):
        with pytest.raises(NothingToVerify):
            await desk.services.verification.verify(await desk.session("U0GEORGE"), done.code)
    await desk.services.verification.verify(await desk.session(), done.code)


async def test_the_same_person_in_another_workspace_is_another_person(desk):
    done = await desk.sign_in(desk.asker(), "george@example.test")
    with pytest.raises(NothingToVerify):
        await desk.services.verification.verify(await desk.session(team_id="T0OTHER"), done.code)


async def test_five_wrong_codes_end_it_and_sage_id_forgets_the_sign_in(desk):
    done = await desk.sign_in(desk.asker(), "george@example.test")
    for _ in range(5):
        with pytest.raises(CodeWrong):
            await desk.services.verification.verify(await desk.session(), "AAAAAA")
    with pytest.raises(CodeExpired):
        await desk.services.verification.verify(await desk.session(), "AAAAAA")
    with pytest.raises(NothingToVerify):
        await desk.services.verification.verify(await desk.session(), done.code)
    await desk.services.verification.clear_away(now=desk.clock())
    assert not desk.sage_id.is_signed_in("george@example.test")


async def test_the_right_code_after_five_wrong_ones_connects_nobody(desk):
    asker = desk.asker()
    shown = await desk.sign_in(asker, "george@example.test")
    for _ in range(5):
        with pytest.raises(CodeWrong):
            await desk.services.verification.verify(await desk.session(asker), "AAA-AAA")
    with pytest.raises(CodeExpired):
        await desk.services.verification.verify(await desk.session(asker), shown.code)


async def test_the_right_code_after_four_wrong_ones_is_in_time_though_a_form_compares_it_twice(desk):
    asker = desk.asker()
    shown = await desk.sign_in(asker, "george@example.test")
    whose = {"workspace_id": asker.workspace_id, "user_id": asker.user_id, "now": desk.clock()}
    for _ in range(4):
        with pytest.raises(CodeWrong):
            await desk.services.verification.check_code(**whose, code="AAA-AAA")
    await desk.services.verification.check_code(**whose, code=shown.code)
    assert (await desk.services.verification.verify(await desk.session(asker), shown.code)).connection_id


async def test_guesses_made_at_once_share_the_five_tries(desk):
    asker = desk.asker()
    await desk.sign_in(asker, "george@example.test")
    whose = {"workspace_id": asker.workspace_id, "user_id": asker.user_id, "now": desk.clock()}
    guesses = (desk.services.verification.check_code(**whose, code="AAA-AAA") for _ in range(12))
    refused = [type(each) for each in await asyncio.gather(*guesses, return_exceptions=True)]
    assert refused.count(CodeWrong) == 5
    assert set(refused) <= {CodeWrong, CodeExpired, NothingToVerify}


async def test_a_pending_sign_in_dies_after_ten_minutes_and_is_revoked(desk):
    done = await desk.sign_in(desk.asker(), "george@example.test")
    desk.clock.forward(minutes=10)
    with pytest.raises((CodeExpired, NothingToVerify)):
        await desk.services.verification.verify(await desk.session(), done.code)
    assert await desk.services.verification.clear_away(now=desk.clock()) == 1
    assert not desk.sage_id.is_signed_in("george@example.test")
    assert await desk.services.verification.clear_away(now=desk.clock()) == 0


@pytest.mark.parametrize(("browser", "later"), [("thief", {}), ("b", {"minutes": 1})])
async def test_a_link_works_once(desk, browser, later):
    offer = await desk.services.connect_links.offer(await desk.session())
    await desk.services.connect_links.start(ticket(offer), browser="b", now=desk.clock())
    desk.clock.forward(**later)
    with pytest.raises(LinkUsed):
        await desk.services.connect_links.start(ticket(offer), browser=browser, now=desk.clock())


async def test_a_double_click_leads_to_one_sign_in_whichever_request_the_browser_follows(desk):
    offer = await desk.services.connect_links.offer(await desk.session())

    async def click(browser="browser"):
        return await desk.services.connect_links.start(ticket(offer), browser=browser, now=desk.clock())

    urls = await asyncio.gather(*(click() for _ in range(6)))
    desk.clock.forward(seconds=5)
    assert len({*urls, await click()}) == 1
    back = await desk.allow(urls[0], "george@example.test")
    shown = await desk.services.connect_links.finish(**back, browser="browser", now=desk.clock())
    await desk.services.verification.verify(await desk.session(), shown.code)
    with pytest.raises(LinkUsed):
        await click()


async def test_of_two_browsers_at_once_one_is_led_on(desk):
    offer = await desk.services.connect_links.offer(await desk.session())
    clicks = (desk.services.connect_links.start(ticket(offer), browser=f"b{n}", now=desk.clock()) for n in range(6))
    led = await asyncio.gather(*clicks, return_exceptions=True)
    assert [isinstance(each, str) for each in led].count(True) == 1
    assert {type(each) for each in led} == {str, LinkUsed}


async def test_opening_the_page_spends_nothing(desk):
    offer = await desk.services.connect_links.offer(await desk.session(name="Priya"))
    for _ in range(3):
        shown = await desk.services.connect_links.landing(ticket(offer), now=desk.clock())
    assert (shown.user_name, shown.workspace_name) == ("Priya", "Acme")


async def test_a_link_lasts_ten_minutes(desk):
    offer = await desk.services.connect_links.offer(await desk.session())
    desk.clock.forward(minutes=10)
    with pytest.raises(LinkExpired):
        await desk.services.connect_links.start(ticket(offer), browser="b", now=desk.clock())


async def test_a_newer_link_replaces_the_older(desk):
    older = await desk.services.connect_links.offer(await desk.session())
    await desk.services.connect_links.offer(await desk.session())
    with pytest.raises(LinkExpired):
        await desk.services.connect_links.landing(ticket(older), now=desk.clock())


async def test_a_made_up_link_is_unknown(desk):
    with pytest.raises(LinkUnknown):
        await desk.services.connect_links.landing("made-up", now=desk.clock())


async def test_a_code_is_exchanged_once_and_every_callback_of_that_browser_shows_the_same(desk):
    back = await opened_link(desk)

    async def finish(browser="browser", **more):
        return await desk.services.connect_links.finish(**{**back, **more}, browser=browser, now=desk.clock())

    results = await asyncio.gather(*(finish() for _ in range(8)))
    desk.clock.forward(seconds=20)
    results.append(await finish(code="another"))
    assert len({(each.code, each.landing) for each in results}) == 1
    assert [entry.outcome for entry in desk.sage_id.token_log] == ["issued"]
    with pytest.raises(LinkUsed):
        await finish("thief")
    desk.clock.forward(seconds=40)
    with pytest.raises(LinkUsed):
        await finish()


async def test_after_the_code_was_typed_the_callback_shows_it_no_more(desk):
    back = await opened_link(desk)
    shown = await desk.services.connect_links.finish(**back, browser="browser", now=desk.clock())
    await desk.services.verification.verify(await desk.session(), shown.code)
    with pytest.raises(LinkUsed):
        await desk.services.connect_links.finish(**back, browser="browser", now=desk.clock())


async def test_a_repeated_callback_waits_for_no_code_that_never_comes(desk):
    back = await opened_link(desk)
    made_up = {"state": back["state"], "code": "made-up", "browser": "browser", "now": desk.clock()}
    tried = (desk.services.connect_links.finish(**made_up) for _ in range(4))
    refused = await asyncio.gather(*tried, return_exceptions=True)
    assert sorted(type(each).__name__ for each in refused) == ["GrantRefused", *["LinkUsed"] * 3]
    async with desk.services.database.reading() as tx:
        assert (await connect_links.by_state(tx, fingerprint(back["state"]))).verifier_sealed is None
    with pytest.raises(LinkUsed):
        await desk.services.connect_links.finish(**back, browser="browser", now=desk.clock())


async def test_another_browser_is_refused_and_spends_nothing(desk):
    back = await opened_link(desk)
    with pytest.raises(WrongBrowser):
        await desk.services.connect_links.finish(**back, browser="thief", now=desk.clock())
    assert (await desk.services.connect_links.finish(**back, browser="browser", now=desk.clock())).code


async def test_an_old_state_is_refused(desk):
    back = await opened_link(desk)
    desk.clock.forward(minutes=10)
    with pytest.raises(LinkExpired):
        await desk.services.connect_links.finish(**back, browser="browser", now=desk.clock())


async def test_a_foreign_state_is_refused(desk):
    back = await opened_link(desk)
    with pytest.raises(LinkUnknown):
        await desk.services.connect_links.finish(
            state="foreign", code=back["code"], browser="browser", now=desk.clock()
        )


async def test_a_code_that_sage_id_refuses_connects_nothing(desk):
    back = await opened_link(desk)
    with pytest.raises(GrantRefused):
        await desk.services.connect_links.finish(
            state=back["state"], code="made-up", browser="browser", now=desk.clock()
        )


async def test_declining_spends_the_state(desk):
    offer = await desk.services.connect_links.offer(await desk.session())
    url = await desk.services.connect_links.start(ticket(offer), browser="b", now=desk.clock())
    back = await desk.allow(url, "", decision="decline")
    declined = {"state": back["state"], "browser": "b", "now": desk.clock()}
    await asyncio.gather(*(desk.services.connect_links.decline(**declined) for _ in range(3)))
    with pytest.raises(LinkUsed):
        await desk.services.connect_links.decline(**{**declined, "browser": "thief"})
    with pytest.raises(LinkUsed):
        await desk.services.connect_links.finish(**declined, code="x")


@pytest.mark.parametrize("membership", [Membership.GUEST, Membership.STRANGER, Membership.UNKNOWN])
async def test_only_full_members_get_a_link_or_verify(desk, membership):
    done = await desk.sign_in(desk.asker(), "george@example.test")
    with pytest.raises(NotAllowed):
        await desk.services.connect_links.offer(await desk.session(membership=membership))
    with pytest.raises(NotAllowed):
        await desk.services.verification.verify(await desk.session(membership=membership), done.code)


async def test_the_first_slack_admin_founds_the_workspace_connection_and_is_told_before(desk):
    offer = await desk.services.connect_links.offer(await desk.session())
    assert offer.becomes_workspace_connection
    assert (await desk.connect(desk.asker())).is_workspace_connection
    assert (await desk.services.connections.status(await desk.session())).is_workspace_connection


async def test_the_second_admin_founds_nothing(desk, connected):
    other = desk.asker("U0ANNA", membership=Membership.ADMIN)
    assert not (await desk.services.connect_links.offer(await desk.session(other))).becomes_workspace_connection
    assert not (await desk.connect(other)).is_workspace_connection


async def test_a_plain_member_never_founds(desk):
    assert not (await desk.connect(desk.asker("U0GEORGE"))).is_workspace_connection


async def test_what_the_code_page_did_not_say_never_happens(desk):
    """Anna becomes a Slack admin between her link and her code."""
    code = (await desk.sign_in(desk.asker("U0ANNA"), "george@example.test")).code
    anna = desk.asker("U0ANNA", membership=Membership.ADMIN)
    await desk.services.verification.verify(await desk.session(anna), code)
    assert not (await desk.services.connections.companies(await desk.session(anna))).founded
    assert (await desk.connect(anna)).is_workspace_connection


async def test_the_page_says_what_another_has_made_impossible_no_more(desk):
    """Two were told by their links; the one who comes to the code page second is told nothing of it."""
    anna = desk.asker("U0ANNA", membership=Membership.ADMIN)
    offer = await desk.services.connect_links.offer(await desk.session(anna))
    await desk.connect(desk.asker())
    assert offer.becomes_workspace_connection
    landing = await desk.services.connect_links.landing(ticket(offer), now=desk.clock())
    assert not landing.becomes_workspace_connection


async def test_the_installer_founds_without_being_a_slack_admin(desk):
    assert (await desk.connect(desk.asker("U0GEORGE", is_installer=True))).is_workspace_connection


async def test_reconnecting_keeps_the_company_and_revokes_the_old_sign_in(desk, connected):
    await desk.connect(desk.asker())
    status = await desk.services.connections.status(await desk.session())
    assert status.company is not None
    outcomes = [entry.outcome for entry in desk.sage_id.token_log]
    assert outcomes == ["issued", "issued"]
    assert desk.sage_id.is_signed_in("george@example.test")


async def test_every_refusal_says_what_to_do(desk):
    refusals = [LinkUnknown(), LinkUsed(), LinkExpired(), WrongBrowser(), CodeWrong(), CodeExpired(), NothingToVerify()]
    assert all(isinstance(refusal, BotError) and refusal.hint for refusal in refusals)
