"""A reference that the company in use doesn't have is looked for in the others that the asker's own Sage ID opens."""

from __future__ import annotations

import pytest

from tests.scenarios.customers.test_reach import newest, shortcut, shown
from tests.scenarios.furnished import read_ledger

FOUND = "It is in ABS Fleet Services Ltd: `/sage company "


async def furnish(office):
    """Priya's Sage ID opens two companies, and ABS Motor Factors is in use; George's opens that one alone."""
    await office.connect("priya@example.test")
    await office.command("/sage", "company 2")
    await office.connect("george@example.test", user="george")


@pytest.fixture
def acme(furnished_office):
    return furnished_office


async def test_the_other_company_that_has_it_is_named_and_chosen_by_its_number(acme):
    told = (await acme.command("/customer", "FLE001")).text
    assert told.startswith("No customer in ABS Motor Factors Ltd matches “FLE001”.")
    assert FOUND in told
    assert "Fleet First" not in told
    assert FOUND in (await acme.command("/customer", "FLE001 order 100")).text
    number = told.split(FOUND)[1][0]
    await acme.command("/sage", f"company {number}")
    assert "Fleet First" in (await acme.command("/customer", "FLE001")).text


async def test_only_the_askers_own_sign_in_is_asked(acme):
    assert "ABS Fleet" not in (await acme.command("/customer", "FLE001", user="george")).text
    await acme.command("/sage", "roles <@U0ANNA|anna> controller")
    # Priya's sign-in answers Anna, of the company in use alone.
    answer = (await acme.command("/customer", "FLE001", user="anna")).text
    assert "No customer in" in answer
    assert "ABS Fleet" not in answer


async def test_whose_customers_are_narrowed_is_told_of_no_other_company(acme):
    await acme.command("/sage", "roles <@U0GEORGE|george> admin")
    await acme.command("/sage", "roles <@U0PRIYA|priya> sales")
    await acme.command("/sage", 'roles <@U0PRIYA|priya> customers "sales rep":George', user="george")
    assert "ABS Fleet" not in (await acme.command("/customer", "FLE001")).text


async def test_no_name_asks_further_and_nobody_is_asked_for_whom_sage_opens_one_company(acme):
    for text, user in (("no such name at all", "priya"), ("ABS001", "george")):
        acme.sage.requests.clear()
        assert "ABS Fleet" not in (await acme.command("/customer", text, user=user)).text
        assert {seen.headers["x-company"] for seen in acme.sage.requests} == {"1"}
        assert not [seen for seen in acme.sage.requests if "sites" in seen.path]


def menu(message):
    [found] = [
        element
        for block in message.blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "customer.elsewhere"
    ]
    return {each["text"]["text"]: each["value"] for each in found["options"]}


async def test_a_reference_of_two_companies_has_a_menu_and_the_choice_is_answered_by_that_company(acme):
    card = await acme.command("/customer", "abs001")
    assert "ABS Garages Ltd" in card.text
    assert "This is ABS001 in ABS Motor Factors Ltd. ABS Fleet Services Ltd has an account ABS001 too." in card.text
    offered = menu(card)
    assert list(offered) == ["ABS Fleet Services Ltd"]
    chosen = offered["ABS Fleet Services Ltd"]
    reply = await acme.sender.click(card, "customer.elsewhere", selected=chosen, user="priya")
    other = await acme.answer(reply)
    fleet = acme.world.customer("ABS001", company=acme.world.companies[1])
    assert (fleet["name"] in other.text, "ABS Fleet Services Ltd" in other.text) == (True, True)
    assert "Overdue" in other.text
    assert "You are using ABS Motor Factors Ltd" in other.text
    assert "ABS Garages Ltd" in (await acme.command("/customer", "ABS001")).text
    await acme.sender.click(card, "customer.refresh", user="priya")
    await acme.settle()
    [refreshed] = [each for each in acme.slack.messages if each.ts == card.ts and not each.is_gone]
    assert list(menu(refreshed)) == ["ABS Fleet Services Ltd"]
    record = (await acme.command("/sage", "audit reads")).text
    assert f"ABS001 {fleet['name']}, ABS Fleet Services Ltd" in record


async def test_the_choice_of_a_company_that_is_not_ones_own_shows_nothing(acme):
    card = await acme.command("/customer", "ABS001")
    forged = acme.as_if_shown(card, "george")
    chosen = menu(card)["ABS Fleet Services Ltd"]
    acme.sage.requests.clear()
    reply = await acme.sender.click(forged, "customer.elsewhere", selected=chosen, user="george")
    assert "Your Sage ID doesn't open that company." in (await acme.answer(reply)).text
    assert acme.sage.requests == []
    # Sage closes it to Priya meanwhile.
    acme.sage_id.people["priya@example.test"].companies.remove(acme.world.companies[1].key)
    reply = await acme.sender.click(card, "customer.elsewhere", selected=chosen, user="priya")
    assert "£" not in (await acme.answer(reply)).text


async def test_a_company_that_does_not_answer_in_time_keeps_no_card_waiting(acme):
    acme.sage.faults.next(503, times=9, contains="sage200extra")
    card = await acme.command("/customer", "ABS001")
    assert "ABS Garages Ltd" in card.text
    assert "ABS Fleet" not in card.text


async def test_somebody_without_a_role_is_shown_what_their_own_sign_in_opens(acme):
    acme.sage_id.people["george@example.test"].companies.append(acme.world.companies[1].key)
    await acme.command("/sage", "company", user="george")
    card = await acme.command("/customer", "ABS001", user="george")
    chosen = menu(card)["ABS Fleet Services Ltd"]
    other = await acme.answer(await acme.sender.click(card, "customer.elsewhere", selected=chosen, user="george"))
    fleet = acme.world.customer("ABS001", company=acme.world.companies[1])
    assert f"£{fleet['balance']:,.2f}" in other.text


async def test_the_look_up_field_offers_the_customers_of_every_company_that_is_copied(acme):
    # Anna works in the other company, and is told of its holds: so it is copied.
    await acme.command("/sage", "roles <@U0ANNA|anna> controller")
    await acme.connect("priya@example.test", user="anna")
    await acme.command("/sage", "company 1", user="anna")
    await acme.command("/sage", "subscribe holds to me", user="anna")
    await read_ledger(acme)
    view = await shortcut(acme)
    offer = await acme.sender.offer(view, "picker.customer", "abs001", user="priya")
    groups = {each["label"]["text"]: each["options"] for each in offer["option_groups"]}
    assert list(groups) == ["ABS Motor Factors Ltd", "ABS Fleet Services Ltd"]
    [chosen] = groups["ABS Fleet Services Ltd"]
    await acme.sender.click(view, "picker.customer", selected=chosen["value"], user="priya")
    fleet = acme.world.customer("ABS001", company=acme.world.companies[1])
    assert f"£{fleet['balance']:,.2f}" in shown(await newest(acme))


async def test_what_one_company_lacks_is_shown_from_the_menu_too(acme):
    told = await acme.command("/customer", "FLE001")
    reply = await acme.sender.click(
        told, "customer.elsewhere", selected=menu(told)["ABS Fleet Services Ltd"], user="priya"
    )
    assert "Fleet First Ltd" in (await acme.answer(reply)).text


async def test_the_same_question_in_plain_english_names_the_other_company_too(acme):
    await acme.sender.direct_message("is FLE001 on hold?", user="priya")
    await acme.sender.wait_for_message(lambda m: m.channel == "D0PRIYA" and FOUND in m.text)


def pressable(message):
    """The words of everything that can be pressed or chosen on a message."""
    elements = [each for block in message.blocks for each in block.get("elements", ()) if "action_id" in each]
    elements += [block["accessory"] for block in message.blocks if "accessory" in block]
    words = [each["text"]["text"] for each in elements if "text" in each]
    return words + [each["text"]["text"] for menu in elements for each in menu.get("options", ())]


def fleet(acme):
    return acme.world.customer("ABS001", company=acme.world.companies[1])


async def other_card(acme, **more):
    """The card of ABS001 in the other company, chosen from the menu of the first one's."""
    card = await acme.command("/customer", "ABS001", **more)
    chosen = menu(card)["ABS Fleet Services Ltd"]
    return await acme.answer(
        await acme.sender.click(card, "customer.elsewhere", selected=chosen, user=more.get("user", "priya"))
    )


async def test_the_other_companys_card_has_the_same_buttons_and_they_act_there(acme):
    card = await acme.command("/customer", "ABS001")
    other = await other_card(acme)
    own = [words for words in pressable(card) if words != "ABS Fleet Services Ltd"]
    assert [words for words in pressable(other) if words != "ABS Motor Factors Ltd"] == own
    acme.sage.requests.clear()
    for action in ("customer.aged", "customer.invoices", "customer.orders"):
        await acme.answer(await acme.sender.click(other, action, user="priya"))
    assert {seen.headers["x-company"] for seen in acme.sage.requests} == {str(acme.world.companies[1].company_id)}
    reply = await acme.sender.click(other, "customer.hold", user="priya")
    assert reply.status == 200
    await acme.settle()
    form = acme.modals[-1]
    assert "ABS Fleet Services Ltd" in str(form.content)
    await acme.sender.submit(form, {"reason": "Cheque bounced"}, user="priya")
    done = await acme.sender.wait_for_message(lambda m: "is on hold now" in m.text)
    await acme.settle()
    assert fleet(acme)["on_hold"] is True
    assert acme.world.customer("ABS001")["on_hold"] is False
    undone = await acme.sender.click(done, "customer.release", user="priya")
    assert undone.status == 200
    await acme.settle()
    await acme.sender.submit(acme.modals[-1], {"reason": "Paid"}, user="priya")
    await acme.settle()
    assert fleet(acme)["on_hold"] is False


async def test_a_press_is_decided_by_the_permissions_in_the_company_of_the_button(acme):
    other = await other_card(acme)
    forged = acme.as_if_shown(other, "george")
    await acme.command("/sage", "roles <@U0GEORGE|george> controller")
    for action in ("customer.hold", "customer.aged", "customer.invoices"):
        acme.sage.requests.clear()
        reply = await acme.sender.click(forged, action, user="george")
        assert "Your Sage ID doesn't open that company." in (await acme.answer(reply)).text
        assert acme.sage.requests == []


async def test_who_may_not_write_in_sage_is_offered_no_hold_there_either(acme):
    acme.sage_id.people["george@example.test"].companies.append(acme.world.companies[1].key)
    await acme.command("/sage", "company", user="george")
    await acme.command("/sage", "roles <@U0GEORGE|george> sales")
    await acme.command("/sage", "settings sales-see all")
    other = await other_card(acme, user="george")
    assert "Put on hold" not in pressable(other)
    forged = acme.as_if_shown(await other_card(acme), "george")
    reply = await acme.sender.click(forged, "customer.hold", user="george")
    assert "Only admins of this app and controllers may put accounts on hold." in (await acme.answer(reply)).text


async def test_the_chosen_customer_is_it_for_the_next_question(acme):
    await other_card(acme, channel="D0PRIYA")
    acme.world.put_on_hold("ABS001", company=acme.world.companies[1])
    await acme.sender.direct_message("is it on hold?", user="priya")
    said = await acme.sender.wait_for_message(lambda m: m.channel == "D0PRIYA" and "is on hold" in m.text)
    assert fleet(acme)["name"] in said.text
    assert "ABS Fleet Services Ltd" in said.text
    # Another company in use ends what was meant.
    await acme.command("/sage", "company 1")
    await acme.sender.direct_message("is it on hold?", user="priya")
    await acme.sender.wait_for_message(lambda m: m.channel == "D0PRIYA" and "Which customer?" in m.text)


async def test_a_reference_of_two_companies_has_the_menu_in_plain_english_too(acme):
    acme.world.put_on_hold("ABS001", company=acme.world.companies[1])
    await acme.sender.direct_message("is ABS001 on hold?", user="priya")
    said = await acme.sender.wait_for_message(lambda m: m.channel == "D0PRIYA" and "not on hold" in m.text)
    assert "This is ABS001 in ABS Motor Factors Ltd. ABS Fleet Services Ltd has an account ABS001 too." in said.text
    chosen = menu(said)["ABS Fleet Services Ltd"]
    reply = await acme.sender.click(said, "customer.elsewhere", selected=chosen, user="priya")
    other = await acme.answer(reply)
    assert "(ABS001) is on hold" in other.text
    assert "ABS Fleet Services Ltd" in other.text
    card = await acme.answer(await acme.sender.click(other, "talk.card", user="priya"))
    assert f"£{fleet(acme)['balance']:,.2f}" in card.text
    await acme.sender.direct_message("what does it owe?", user="priya")
    owed = await acme.sender.wait_for_message(lambda m: m.channel == "D0PRIYA" and "asked about last" in m.text)
    assert f"£{fleet(acme)['balance']:,.2f}" in owed.text
    await acme.sender.direct_message("show me ABS001", user="priya")
    whole = await acme.sender.wait_for_message(lambda m: m.channel == "D0PRIYA" and "£2,464.16" in m.text)
    assert list(menu(whole)) == ["ABS Fleet Services Ltd"]


@pytest.mark.parametrize("action", ["customer.aged", "customer.invoices", "customer.orders"])
async def test_a_card_whose_account_has_another_reference_now_shows_nothing(acme, action):
    card = await acme.command("/customer", "ABS001")
    [button] = [
        element for block in card.blocks for element in block.get("elements", ()) if element.get("action_id") == action
    ]
    assert "ABS001" in button["value"]
    button["value"] = button["value"].replace("ABS001", "ABS009")
    answer = await acme.answer(await acme.sender.click(card, action, user="priya"))
    assert "That card is out of date: its account is a different one now." in answer.text
    assert "£" not in answer.text
