"""Home: made for whoever opens it, changed from there, and shown anew to whoever may no more."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from sandbox.slack.sending.speaking import Speaking
from tests.scenarios.furnished import read_ledger

PRIYAS = "D0PRIYA"


@pytest.fixture
def acme(read_office):
    """Priya is connected and the app's first admin, and the mirror has been read."""
    return read_office


async def open_home(office, user="priya", team="T0ACME", tab="home"):
    """The tab as it stands there then; a while passes first."""
    office.clock.forward(minutes=1)
    reply = await Speaking(office.slack, office.sender).open_conversation(user=user, tab=tab, team=team)
    assert reply.status == 200
    await office.settle()
    return home_of(office, user, team)


def home_of(office, user="priya", team="T0ACME"):
    person = office.slack.workspaces[team].person(user)
    return office.slack.state.views.home_of(person.id, team=team)


def words(view):
    return json.dumps(view.content["blocks"], ensure_ascii=False)


def published(office):
    return [call for call in office.slack.calls if call.method == "views.publish"]


async def press(office, action_id, *, user="priya", **more):
    office.clock.forward(seconds=10)
    await office.sender.click(home_of(office, user), action_id, user=user, **more)
    await office.settle()
    return words(home_of(office, user))


async def opened_by(office, action_id, *, user="priya", **more):
    """Press a button that opens a form."""
    await press(office, action_id, user=user, **more)
    return [view for view in office.slack.state.views.every.values() if view.content["type"] == "modal"][-1]


async def submit(office, view, values, *, user="priya"):
    reply = await office.sender.submit(view, values, user=user)
    await office.settle()
    return json.loads(reply.body or b"{}").get("errors", {})


async def give(office, who, role):
    form = await opened_by(office, "home.roles")
    assert await submit(office, form, {"person": who, "role": role}) == {}


async def test_before_anything_is_connected_the_installer_is_told_what_to_do_and_connects_from_there(office):
    shown = words(await open_home(office))
    for fact in ("Getting started", "✓  Install the app", "○  *Connect your Sage ID*", "the first here"):
        assert fact in shown
    form = await opened_by(office, "home.connect")
    page = await office.browser.get(
        await office.allow(
            await office.open_sage_id(form.content["blocks"][1]["elements"][0]["url"]), "george@example.test"
        )
    )
    code = page.text.partition('id="verification-code">')[2].partition("<")[0]
    assert await submit(office, form, {"code": "WRONG1"}) != {}
    assert await submit(office, form, {"code": code}) == {}
    shown = words(home_of(office))
    for fact in ("✓  Connect your Sage ID", "✓  Pick the company", "○  *Say who may see what*", "an *admin*"):
        assert fact in shown
    assert "ABS Motor Factors Ltd" in shown


async def test_nobody_else_s_home_or_company_is_on_it(acme):
    await give_and_open(acme)
    other = words(await open_home(acme, "oscar", team="T0OTHER"))
    assert "ABS Motor" not in other
    assert "U0PRIYA" not in other
    assert "U0ANNA" not in other


async def give_and_open(office):
    await open_home(office)
    await give(office, "U0ANNA", "controller")


async def test_flipping_through_the_tabs_publishes_once_and_nothing_new_is_not_published_at_all(acme):
    await open_home(acme)
    before = len(published(acme))
    await open_home(acme)
    assert len(published(acme)) == before, "nothing is new"
    await open_home(acme, tab="messages")
    assert len(published(acme)) == before
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    assert "ABS001" in words(await open_home(acme))
    assert len(published(acme)) == before + 1
    speaking = Speaking(acme.slack, acme.sender)
    acme.slack.state.views.every.clear()
    acme.clock.forward(minutes=1)
    for _ in range(3):
        await speaking.open_conversation(user="priya", tab="home")
    await acme.settle()
    assert len(published(acme)) == before + 2, "three openings within two seconds are one"


async def test_an_admin_gives_a_role_by_the_form_and_its_owner_s_home_says_so(acme):
    assert "You don't have a role in this app yet." in words(await open_home(acme, "anna"))
    assert "£" not in words(home_of(acme, "anna"))
    await open_home(acme)
    form = await opened_by(acme, "home.roles")
    assert "Pick either" in str(await submit(acme, form, {"role": "controller"}))
    assert "Pick either" in str(await submit(acme, form, {"person": "U0ANNA", "group": "S0REPS", "role": "controller"}))
    assert "guest" in str(await submit(acme, form, {"person": "U0GARY", "role": "sales"}))
    assert await submit(acme, form, {"person": "U0ANNA", "role": "controller"}) == {}
    shown = words(home_of(acme))
    assert "<@U0ANNA> is now a controller" in shown
    assert "Controllers: <@U0ANNA>" in shown
    assert "None yet: sales, viewers" in shown
    annas = words(await open_home(acme, "anna"))
    assert "a *controller*" in annas
    assert "HOL001" in annas
    assert "£" in annas
    assert "home.roles" not in annas
    form = await opened_by(acme, "home.roles")
    assert await submit(acme, form, {"group": "S0REPS", "role": "sales"}) == {}
    assert "Sales: <!subteam^S0REPS>" in words(home_of(acme))
    form = await opened_by(acme, "home.roles")
    assert "last admin" in str(await submit(acme, form, {"person": "U0PRIYA", "role": "none"}))


async def test_an_admin_says_whose_customers_are_whose_by_the_form(acme):
    await open_home(acme)
    await give(acme, "U0ANNA", "sales")
    form = await opened_by(acme, "home.customers")
    assert "Which customers" in str(await submit(acme, form, {"person": "U0ANNA", "codes": " "}))
    wrong = await submit(acme, form, {"person": "U0ANNA", "codes": "Planet:Mars"})
    assert "`Sales rep`, `Region`. Try `/sage roles @ben customers Region:" in wrong["codes"]
    assert "min:" not in wrong["codes"], "an amount makes no customer theirs"
    assert await submit(acme, form, {"person": "U0ANNA", "codes": "rep:George"}) == {}
    assert "Sales rep is George" in words(home_of(acme))
    assert "Sales rep is George" in (await acme.command("/sage", "roles")).text


async def test_the_company_is_changed_from_home(office):
    await office.connect("priya@example.test")
    await open_home(office)
    assert "Pick the company" in words(home_of(office))
    modal = await opened_by(office, "company.change")
    assert "Your Sage ID opens" in words(modal)
    menu = next(block for block in modal.content["blocks"] if block["type"] == "actions")["elements"][0]
    first, second = menu["options"][:2]
    for option in (second, first):
        modal = await opened_by(office, "company.change")
        await office.sender.click(modal, "company.pick", user="priya", selected=option["value"])
        await office.settle()
        name = option["text"]["text"].partition(" · ")[2]
        assert f"Using {name}" in words(modal)
        assert f"Company: {name}" in words(home_of(office))
    assert "Change company" in words(home_of(office))


async def test_a_single_company_is_chosen_by_looking_and_home_says_so(office, connected):
    async with office.product.services.database.transaction() as tx:
        await tx.execute(text("update connections set company_pk = null"))
    assert "○  *Pick the company*" in words(await open_home(office))
    modal = await opened_by(office, "company.change")
    assert "opens one company" in words(modal)
    assert "✓  Pick the company" in words(home_of(office))


async def test_a_modal_that_says_to_wait_is_the_only_word_about_it(office, connected):
    await open_home(office)
    said = len(office.slack.messages)
    office.sage.faults.delay(3.5)
    modal = await opened_by(office, "company.change")
    assert "Your Sage ID opens" in words(modal)
    assert [each.text for each in office.slack.messages[said:] if not each.via.startswith("views.")] == []


async def test_whoever_may_no_more_is_refused_and_sees_it_gone(acme):
    await open_home(acme)
    await give(acme, "U0ANNA", "admin")
    await open_home(acme, "anna")
    stale = home_of(acme, "anna").content
    form = await opened_by(acme, "home.settings", user="anna")
    await give(acme, "U0ANNA", "none")
    wrong = await submit(acme, form, {**filled(form), "zone": "Europe/Paris"}, user="anna")
    assert "Only an admin" in str(wrong)
    assert "This workspace" not in words(home_of(acme, "anna"))
    assert "Europe/London" in (await acme.command("/sage", "settings")).text
    for button in ("home.roles", "home.channels", "home.settings", "home.hand_over"):
        home_of(acme, "anna").replace(stale)
        before = len(acme.slack.state.views.every)
        assert "Only an admin" in await press(acme, button, user="anna"), button
        assert "This workspace" not in words(home_of(acme, "anna"))
        assert len(acme.slack.state.views.every) == before, "no form was opened"


def filled(form):
    """What the form showed, as its submission sends it."""
    kept = {}
    for block in form.content["blocks"]:
        element = block.get("element") or {}
        value = element.get("initial_value") or (element.get("initial_option") or {}).get("value")
        if value:
            kept[block["block_id"]] = value
    return kept


async def test_settings_are_checked_field_by_field_and_only_what_was_changed_is_written(acme):
    await open_home(acme)
    form = await opened_by(acme, "home.settings")
    wrong = await submit(acme, form, {**filled(form), "zone": "Europe/Londn", "trust-copy": "forever"})
    assert set(wrong) == {"zone", "trust-copy"}
    assert "Europe/London" in wrong["zone"]
    # Another admin changes something meanwhile; the form doesn't put it back.
    await acme.command("/sage", "settings holidays Scotland")
    asked = {**filled(form), "zone": "Europe/Paris", "sales-see": "all", "second-approver": "5000"}
    assert await submit(acme, form, asked) == {}
    shown = words(home_of(acme))
    for fact in ("17:30, Europe/Paris.", "Sales people see every customer", "owes more than £5,000.00"):
        assert fact in shown
    assert "holidays Scotland" in (await acme.command("/sage", "settings")).text.replace("*", "").replace(": ", " ")


async def test_a_channel_is_raised_and_the_workspace_handed_over(acme):
    await open_home(acme)
    form = await opened_by(acme, "home.channels")
    assert await submit(acme, form, {"place": "C0SALES", "class": "figures"}) == {}
    assert "<#C0SALES> (figures of ABS Motor Factors Ltd)" in words(home_of(acme))
    form = await opened_by(acme, "home.hand_over")
    assert "haven't connected" in str(await submit(acme, form, {"successor": "U0ANNA"}))
    await acme.connect(user="anna")
    assert await submit(acme, form, {"successor": "U0ANNA"}) == {}
    assert "<@U0ANNA> has been asked" in words(home_of(acme))
    await acme.command("/sage", "accept-handover", user="anna")
    await open_home(acme)
    assert "<@U0ANNA>'s Sage sign-in: connected" in words(home_of(acme))


async def test_a_subscription_is_made_silenced_and_ended_from_there(acme):
    await open_home(acme)
    form = await opened_by(acme, "home.subscribe")
    made = {"kinds": ["holds"], "own": ["me"], "delivery": "at_once"}
    assert await submit(acme, form, made) == {}
    shown = words(home_of(acme))
    assert "home.subscription.pause.1" in shown
    assert "paused since" in await press(acme, "home.subscription.pause.1")
    resumed = await press(acme, "home.subscription.resume.1")
    assert "paused since" not in resumed
    assert "home.subscription.pause.1" in resumed
    edit = await opened_by(acme, "home.subscription.edit.1")
    assert edit.content["title"]["text"] == "Subscription 1"
    assert "Subscription 1 has ended" in await press(acme, "home.subscription.delete.1")
    assert "home.subscription.delete.1" not in words(home_of(acme))


async def test_another_s_subscription_is_not_theirs_whatever_the_button_says(acme):
    await open_home(acme)
    await give(acme, "U0ANNA", "controller")
    await acme.command("/sage", "subscribe holds in me", user="anna")
    annas = await open_home(acme, "anna")
    assert "home.subscription.delete.1" in words(annas)
    await give(acme, "U0GEORGE", "sales")
    georges = await open_home(acme, "george")
    assert "home.subscription.delete.1" not in words(georges)
    georges.replace(annas.content)
    assert "no subscription number 1" in await press(acme, "home.subscription.delete.1", user="george")
    assert "home.subscription.delete.1" in words(await open_home(acme, "anna"))


@pytest.mark.parametrize("user", ["gary", "sol"])
async def test_guests_see_a_closed_door(acme, user):
    shown = words(await open_home(acme, user))
    assert "full members of this workspace" in shown
    assert "£" not in shown
    assert "home." not in shown


async def test_it_is_there_while_sage_is_not(acme):
    acme.sage.faults.offline(True)
    acme.sage.requests.clear()
    shown = words(await open_home(acme))
    assert "HOL001" in shown
    asked = [request.query.get("$filter") for request in acme.sage.requests]
    assert asked == ["id eq 0"], "Home asks Sage nothing but whether she may still see the company"


async def test_who_has_connected_is_offered_no_connecting_anywhere(acme):
    office, prompts = acme, acme.slack.state.prompts
    assert "Connect Sage 200" in words(await open_home(office, "george"))
    await Speaking(office.slack, office.sender).open_conversation(user="george")
    await office.settle()
    assert prompts["D0GEORGE"][0]["message"] == "Connect my Sage ID"
    await office.connect("george@example.test", user="george")
    await office.settle()
    assert "Connect Sage 200" not in words(home_of(office, "george"))
    assert prompts["D0GEORGE"][0]["message"] != "Connect my Sage ID"
    await office.sender.direct_message("Connect my Sage ID", user="george")
    await office.sender.wait_for_message(lambda m: m.channel == "D0GEORGE" and "connected already" in m.text)
    [welcome] = [m for m in office.slack.messages if m.channel == PRIYAS and "is installed in" in m.text]
    assert "connect.start" in str(welcome.blocks)
    await office.sender.click(welcome, "connect.start", user="priya")
    await office.sender.wait_for_message(lambda m: m.channel == PRIYAS and "connected already" in m.text)
    [welcome] = [m for m in office.slack.messages if "is installed in" in m.text and m.is_edited]
    assert "connect.start" not in str(welcome.blocks)
    assert "is installed in" in str(welcome.blocks)
