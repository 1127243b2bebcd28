"""What people type arrives in one spelling and within bounds, by every way in."""

from __future__ import annotations

import json
import unicodedata

import pytest

from bot.domain.text.folding import LONGEST
from tests.scenarios.customers.test_reach import shortcut
from tests.scenarios.holds.test_doing import form, work

NFD = unicodedata.normalize("NFD", "Garage Müller GmbH")
LONG = "x" * (LONGEST + 1)
TOO_LONG = "longer than 3,000 characters, so nothing was done"


@pytest.fixture
def acme(read_office):
    return read_office


@pytest.mark.parametrize(
    ("reference", "spellings"),
    [
        ("APO001", ("O’Brien’s Autos", "o’brien", "“O’Brien’s Autos”")),
        ("EUR001", (NFD, "Garage\u00a0Müller")),
        (
            "ABS001",
            (
                "ABS001\u200b",
                "\u2068ABS001\u2069",
                "\u202aABS001\u202c.",
                "ABS001.",
                "*ABS001*",
                "`ABS001`",
                "(ABS001)",
                "ＡＢＳ００１",
            ),
        ),
    ],
)
async def test_a_name_typed_by_a_phone_finds_its_customer_live_and_in_the_mirror(acme, reference, spellings):
    for typed in spellings:
        assert _finds(await acme.command("/customer", typed), reference), typed
        await acme.sender.direct_message(f"what does {typed} owe?", user="priya")
        await acme.settle()
        assert _finds(acme.latest, reference), typed
    acme.sage.faults.next(times=99, contains="customer_views", status=503)
    for typed in spellings:
        assert _finds(await acme.command("/customer", typed), reference), typed


def _finds(message, reference):
    return reference in message.text and "No customer" not in message.text


@pytest.mark.parametrize(
    ("reference", "held_as", "typed"),
    [
        ("APO001", "O’Brien’s Autos", "O'Brien's Autos"),
        ("EUR001", NFD, "Garage Müller GmbH"),
        ("ABS001", "ABS–Garages\u00a0Ltd", "abs-garages ltd"),
    ],
)
async def test_a_name_that_sage_holds_in_print_is_found_by_a_plain_keyboard(acme, reference, held_as, typed):
    acme.world.update(reference, name=held_as)
    assert _finds(await acme.command("/customer", typed), reference)


@pytest.mark.parametrize(
    ("filtered", "words", "reference"),
    [("customer:“O’Brien’s Autos”", "O’Brien", "APO001"), (f'customer:"{NFD}"', NFD, "EUR001")],
)
async def test_lists_and_news_are_filtered_by_what_phones_type(acme, filtered, words, reference):
    await acme.command("/sage", f"subscribe holds in me where {filtered}")
    acme.world.put_on_hold(reference, "Cheque returned")
    acme.clock.forward(minutes=10)
    await work(acme)
    assert reference in (await acme.command("/onhold", words)).text
    assert any(
        reference in each.text and "on hold" in each.text for each in acme.slack.messages if not each.is_ephemeral
    )


async def test_a_command_that_is_too_long_does_nothing_and_says_the_limit(acme):
    acme.sage.requests.clear()
    for command, text in (
        ("/customer", f"ABS001 hold {LONG}"),
        ("/onhold", LONG),
        ("/sage", f"subscribe holds in me where region:{'a,' * LONGEST}a"),
        ("/sage", f"audit {LONG}"),
    ):
        answer = await acme.command(command, text)
        assert TOO_LONG in answer.text
        assert "Shorten it" in answer.text
    assert acme.sage.requests == []


async def test_a_message_that_is_too_long_is_answered_so_and_a_form_says_it_beside_the_field(acme):
    before = len(acme.slack.messages)
    await acme.sender.direct_message(LONG, user="priya")
    await acme.settle()
    assert any(TOO_LONG in each.text for each in acme.slack.messages[before:])
    card = await acme.command("/customer", "ABS001")
    view = await form(acme, card, "customer.hold", user="priya")
    reply = await acme.sender.submit(view, {"reason": LONG}, user="priya")
    assert TOO_LONG in json.loads(reply.body)["errors"]["reason"]


async def test_a_menu_offers_nothing_for_more_than_is_read_and_what_a_phone_types_is_found(acme):
    view = await shortcut(acme, "priya")
    assert await acme.sender.suggest(view, "picker.customer", LONG, user="priya") == []
    assert len(await acme.sender.suggest(view, "picker.customer", "O’Bri", user="priya")) == 1


async def test_a_reason_that_speaks_of_an_order_is_a_reason_and_a_name_that_does_is_a_name(acme):
    acme.world.update("APO001", name="House Hold Goods")
    assert "is on hold now" in (await acme.command("/customer", "ABS001 hold Order 1500 not paid")).text
    assert acme.world.customer("ABS001")["status_reason"].startswith("Order 1500 not paid")
    assert "is off hold" in (await acme.command("/customer", "ABS001 release order 1500 agreed")).text
    assert "Noted on" in (await acme.command("/customer", "ABS001 note rang about order 1500")).text
    assert "order of £500.00 for House Hold Goods" in (await acme.command("/customer", "House Hold order 500")).text


@pytest.mark.parametrize(
    ("command", "typed", "filtered"),
    [
        ("/onhold", "over 5k", "balance at least £5,000.00"),
        ("/onhold", ">5000", "balance at least £5,000.00"),
        ("/onhold", "< £5,000 csv page 1", ""),
        ("/overdue", ">30", "30 days or more overdue"),
        ("/overdue", "60", "60 days or more overdue"),
        ("/overdue", "30-90", "30 days or more overdue, at most 90 days overdue"),
        ("/overdue", "over 5k", "at least £5,000.00 overdue"),
        ("/sage", "over-limit 80", "80% of the credit limit used"),
        ("/sage", "totals over 5k", "balance at least £5,000.00"),
    ],
)
async def test_figures_that_are_typed_narrow_a_list_and_are_not_looked_for_in_names(acme, command, typed, filtered):
    answer = (await acme.command(command, typed)).text
    assert filtered in answer
    assert "has “" not in answer


@pytest.mark.parametrize(
    ("command", "typed"),
    [
        ("/onhold", "-5"),
        ("/onhold", "over £1,2345"),
        ("/onhold", "page -1"),
        ("/overdue", "-30"),
        ("/overdue", "1e9"),
        ("/overdue", "> lots"),
        ("/sage", "over-limit -1%"),
        ("/sage", "balances >1e9"),
    ],
)
async def test_a_figure_that_is_none_is_refused_and_nobody_is_said_to_be_none(acme, command, typed):
    answer = (await acme.command(command, typed)).text
    assert "That isn't a condition." in answer
    assert not answer.startswith(("*No ", "*Nobody"))
